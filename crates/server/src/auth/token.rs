//! Access tokens as Django simplejwt writes them: HS256, `token_type`, `exp`, `iat`, `jti`, `user_id`.

use std::time::Duration;

use hereabouts_protocol::{Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Refusal;
use crate::{
    directory::Profile,
    limits::{TOKEN_BYTES_MAX, TOKEN_LEEWAY},
    settings::{Secret, Secrets},
};

/// Seconds since 1970 of the year 10000: no honest `exp` is later, and no sum with it overflows.
const EXP_SECONDS_MAX: u64 = 253_402_300_799;

/// What a good access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose token it is.
    pub user_id: UserId,
    /// `username`, as the token has it.
    pub username: Option<String>,
    /// `picture`, as the token has it.
    pub picture: Option<String>,
    /// `slug`, which tokens of this server's own command line have.
    pub slug: Option<String>,
    /// When it ends, without the leeway.
    pub expires_at: Timestamp,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Opens the API and the socket.
    Access,
    /// Gets a new access token, and nothing else.
    Refresh,
}

/// Checks tokens. The algorithm is HS256, whatever a token's header wishes; the header names no key and nothing in it
/// is ever fetched.
pub struct TokenVerifier {
    keys: Vec<DecodingKey>,
    validation: Validation,
}

impl TokenVerifier {
    /// A verifier that accepts tokens signed with any of these keys.
    pub fn new(secrets: &Secrets) -> Self {
        let keys = std::iter::once(&secrets.current)
            .chain(&secrets.fallbacks)
            .map(|secret| DecodingKey::from_secret(secret.as_bytes()))
            .collect();
        let mut validation = Validation::new(Algorithm::HS256);
        // The signature is the library's work. Times and kinds are ours, with types of our own: a claim of a wrong
        // type is a bad token, never an absent claim (CVE-2026-25537).
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Self { keys, validation }
    }

    /// What the token says, if it is a good access token at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refusal> {
        if token.is_empty() {
            return Err(Refusal::Unauthorized("Sign in first: no access token was sent."));
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Err(INVALID);
        }
        let raw = self
            .keys
            .iter()
            .find_map(|key| jsonwebtoken::decode::<RawClaims>(token, key, &self.validation).ok())
            .ok_or(INVALID)?
            .claims;
        raw.check(now)
    }
}

/// Makes tokens for the command line, `dev` and the demo.
pub struct TokenSigner(EncodingKey);

impl TokenSigner {
    /// A signer with this key.
    pub fn new(secret: &Secret) -> Self {
        Self(EncodingKey::from_secret(secret.as_bytes()))
    }

    /// A token for this person, good from `now` for `ttl`.
    pub fn sign(&self, profile: &Profile, kind: TokenKind, now: Timestamp, ttl: Duration) -> String {
        let claims = SignedClaims {
            token_type: kind,
            exp: (now + ttl).as_secs(),
            iat: now.as_secs(),
            jti: Uuid::new_v4().simple().to_string(),
            user_id: profile.user_id,
            username: &profile.username,
            picture: profile.profile_image_url.as_deref(),
            slug: &profile.slug,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.0)
            .expect("plain strings and numbers have a JSON form, and HMAC takes any key")
    }
}

const INVALID: Refusal = Refusal::Unauthorized("The access token is not valid. Sign in again.");
const EXPIRED: Refusal = Refusal::Unauthorized("The access token has expired. Refresh it or sign in again.");

/// The claims by their types. A string where a number belongs, a negative number or a fraction fails to parse.
#[derive(Deserialize)]
struct RawClaims {
    token_type: Option<String>,
    exp: u64,
    iat: Option<u64>,
    nbf: Option<u64>,
    user_id: Option<String>,
    sub: Option<String>,
    username: Option<String>,
    picture: Option<String>,
    slug: Option<String>,
}

impl RawClaims {
    fn check(self, now: Timestamp) -> Result<Claims, Refusal> {
        match self.token_type.as_deref() {
            Some("access") => {}
            Some("refresh") => {
                return Err(Refusal::Unauthorized("This is a refresh token; the access token is needed."));
            }
            _ => return Err(INVALID),
        }
        if self.exp > EXP_SECONDS_MAX || self.iat.is_some_and(|iat| iat > EXP_SECONDS_MAX) {
            return Err(INVALID);
        }
        let leeway_secs = TOKEN_LEEWAY.as_secs();
        if self.nbf.is_some_and(|nbf| nbf > now.as_secs() + leeway_secs) {
            return Err(Refusal::Unauthorized("The access token is not valid yet."));
        }
        let expires_at = Timestamp::from_secs(self.exp);
        if expires_at + TOKEN_LEEWAY <= now {
            return Err(EXPIRED);
        }
        let user_id = self.user_id.or(self.sub).ok_or(INVALID)?;
        Ok(Claims {
            user_id: parse_user_id(&user_id).ok_or(INVALID)?,
            username: self.username,
            picture: self.picture,
            slug: self.slug,
            expires_at,
        })
    }
}

/// Only the hyphenated form: the `uuid` crate would also take braces, URNs and bare digits.
fn parse_user_id(text: &str) -> Option<UserId> {
    if text.len() == UserId::TEXT_LEN { text.parse().ok() } else { None }
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    token_type: TokenKind,
    exp: u64,
    iat: u64,
    jti: String,
    user_id: UserId,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<&'a str>,
    slug: &'a str,
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
