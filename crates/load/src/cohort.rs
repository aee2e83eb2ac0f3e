//! The people of one run: their ids, their tokens, and how to find one's number again in what the server sends.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// Characters of an id that all people of a cohort share; the twelve digits after them are the person's number.
const PREFIX_CHARS: usize = 24;
const ID_CHARS: usize = 36;

/// Long enough for any run; the server closes a socket when its token ends.
const TOKEN_SECONDS: u64 = 6 * 3600;

/// A set of people numbered from 0, whose ids differ from those of every other cohort.
#[derive(Debug, Clone)]
pub(crate) struct Cohort {
    /// `xxxxxxxx-xxxx-4xxx-8xxx-`, random per cohort.
    prefix: String,
}

/// The claims of an access token as Django's simplejwt writes them.
#[derive(Debug, Serialize)]
struct Claims<'a> {
    token_type: &'a str,
    exp: u64,
    iat: u64,
    jti: String,
    user_id: &'a str,
    username: &'a str,
}

impl Cohort {
    /// New people, strangers to the server.
    pub(crate) fn new() -> Self {
        let mut prefix = uuid::Uuid::new_v4().to_string();
        prefix.truncate(PREFIX_CHARS);
        Self { prefix }
    }

    /// The id of person `number`.
    pub(crate) fn id(&self, number: usize) -> String {
        format!("{}{number:012}", self.prefix)
    }

    /// An access token for person `number`, signed with `secret`.
    pub(crate) fn token(&self, number: usize, secret: &str) -> Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
        let claims = Claims {
            token_type: "access",
            exp: now + TOKEN_SECONDS,
            iat: now,
            jti: uuid::Uuid::new_v4().simple().to_string(),
            user_id: &self.id(number),
            username: &format!("person-{number}"),
        };
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).context("cannot sign a token")
    }

    /// The number of the person with this id, `None` for a stranger.
    pub(crate) fn number(&self, id: &[u8]) -> Option<usize> {
        if id.len() != ID_CHARS || &id[..PREFIX_CHARS] != self.prefix.as_bytes() {
            return None;
        }
        decimal(&id[PREFIX_CHARS..])
    }

    /// Everybody of this cohort named anywhere in a JSON text, perhaps several times.
    pub(crate) fn numbers_in<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let skips = self.skips();
        let mut position = 0;
        std::iter::from_fn(move || {
            loop {
                position = self.find(text, position, &skips)? + PREFIX_CHARS;
                let digits = text.get(position..position + ID_CHARS - PREFIX_CHARS)?;
                if let Some(number) = decimal(digits) {
                    return Some(number);
                }
            }
        })
    }

    /// How far the search may jump for each last byte of the window (Horspool): lists have 230 KB per thousand
    /// people and are read a thousand times in a storm.
    fn skips(&self) -> [u8; 256] {
        let mut skips = [PREFIX_CHARS as u8; 256];
        for (position, byte) in self.prefix.bytes().take(PREFIX_CHARS - 1).enumerate() {
            skips[byte as usize] = (PREFIX_CHARS - 1 - position) as u8;
        }
        skips
    }

    fn find(&self, text: &[u8], mut position: usize, skips: &[u8; 256]) -> Option<usize> {
        let prefix = self.prefix.as_bytes();
        loop {
            let window = text.get(position..position + PREFIX_CHARS)?;
            if window == prefix {
                return Some(position);
            }
            position += skips[window[PREFIX_CHARS - 1] as usize] as usize;
        }
    }
}

fn decimal(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |value, digit| {
        digit.is_ascii_digit().then(|| value * 10 + usize::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    use jsonwebtoken::{DecodingKey, Validation};

    #[test]
    fn an_id_is_a_uuid_and_gives_back_its_number() {
        let cohort = Cohort::new();
        for number in [0, 7, 14_999, 1_000_000] {
            let id = cohort.id(number);
            assert_eq!(uuid::Uuid::parse_str(&id).unwrap().to_string(), id);
            assert_eq!(cohort.number(id.as_bytes()), Some(number));
        }
        assert_eq!(cohort.number(Cohort::new().id(3).as_bytes()), None);
        assert_eq!(cohort.number(b"short"), None);
    }

    #[test]
    fn everybody_in_a_list_is_found_whatever_stands_between() {
        let cohort = Cohort::new();
        let stranger = Cohort::new();
        let mut text = String::from("[");
        for number in 0..50 {
            let filler = "x".repeat(number * 3 % 41);
            write!(text, r#"{{"id":"{}","username":"{filler}"}},"#, cohort.id(number)).unwrap();
            write!(text, r#"{{"id":"{}"}},"#, stranger.id(number)).unwrap();
        }
        let found: Vec<usize> = cohort.numbers_in(text.as_bytes()).collect();
        assert_eq!(found, (0..50).collect::<Vec<_>>());
        let cut = &cohort.id(1)[..30];
        assert_eq!(cohort.numbers_in(cut.as_bytes()).count(), 0);
    }

    #[test]
    fn the_token_has_the_claims_of_simplejwt() {
        let secret = "a secret of at least thirty-two bytes";
        let cohort = Cohort::new();
        let token = cohort.token(5, secret).unwrap();
        let key = DecodingKey::from_secret(secret.as_bytes());
        let claims =
            jsonwebtoken::decode::<serde_json::Value>(&token, &key, &Validation::new(Algorithm::HS256));
        let claims = claims.unwrap().claims;
        assert_eq!(claims["token_type"], "access");
        assert_eq!(claims["user_id"], cohort.id(5));
        assert_eq!(claims["username"], "person-5");
        assert!(claims["exp"].as_u64() > claims["iat"].as_u64());
        assert_eq!(claims["jti"].as_str().unwrap().len(), 32);
    }
}
