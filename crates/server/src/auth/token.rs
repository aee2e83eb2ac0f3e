//! Access tokens as Django simplejwt writes them (`token_type`, `exp`, `iat`, `jti`, `user_id`), and those of an
//! issuer whose keys stand at a JWKS URL.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hereabouts_protocol::{Timestamp, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Refusal, Sid,
    keys::{Found, KeyRing, Signer},
};
use crate::{
    clock::Clock,
    directory::Profile,
    limits::{KEY_ID_BYTES_MAX, TOKEN_BYTES_MAX, TOKEN_LEEWAY},
    settings::Secret,
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
    /// `sid`, the session it belongs to, in tokens of the directory `builtin`.
    pub sid: Option<Sid>,
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

/// Who must have made a token and for whom, where the settings say so.
#[derive(Clone, Debug, Default)]
pub struct TokenRules {
    /// `iss` must be this (`--token-issuer`).
    pub issuer: Option<String>,
    /// `aud` must be this or contain it (`--token-audience`).
    pub audience: Option<String>,
}

/// Checks tokens. The algorithm belongs to the key, whatever a token's header wishes; the header's `kid` is looked up
/// among the keys that are there, and nothing a token names is ever fetched.
pub struct TokenVerifier {
    keys: Arc<KeyRing>,
    rules: TokenRules,
}

impl TokenVerifier {
    /// A verifier that accepts tokens signed with any of these keys.
    pub fn new(keys: Arc<KeyRing>, rules: TokenRules) -> Self {
        Self { keys, rules }
    }

    /// What the token says, if it is a good access token now. Waits only when the token names a key that its issuer
    /// may have published a moment ago: then the keys are fetched again first, seldom enough to be no burden.
    /// `before_issuer` is called before an issuer is asked.
    pub async fn check(
        &self,
        token: &str,
        clock: &Clock,
        before_issuer: impl FnOnce(),
    ) -> Result<Claims, Refusal> {
        let verdict = self.judge(token, clock.wall());
        if matches!(verdict, Verdict::UnknownKey) {
            before_issuer();
            if self.keys.refreshed().await {
                return self.verify(token, clock.wall());
            }
        }
        verdict.into_result()
    }

    /// The same with the keys that are known, at once.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, Refusal> {
        self.judge(token, now).into_result()
    }

    fn judge(&self, token: &str, now: Timestamp) -> Verdict {
        if token.is_empty() {
            return Verdict::Refused(Refusal::Unauthorized("Sign in first: no access token was sent."));
        }
        if token.len() > TOKEN_BYTES_MAX {
            return Verdict::INVALID;
        }
        let Some((signed, signature)) = token.rsplit_once('.') else { return Verdict::INVALID };
        let Some((header, payload)) = signed.split_once('.') else { return Verdict::INVALID };
        let Some(header) = decoded::<RawHeader>(header).filter(RawHeader::is_understood) else {
            return Verdict::INVALID;
        };
        let whose_key = match self.keys.find(&header.alg, header.kid.as_deref(), signed, signature) {
            Found::Signer(whose) => whose,
            Found::Nobody => return Verdict::INVALID,
            Found::UnknownKey => return Verdict::UnknownKey,
        };
        match decoded::<RawClaims>(payload)
            .ok_or(INVALID)
            .and_then(|raw| raw.check(whose_key, &self.rules, now))
        {
            Ok(claims) => Verdict::Good(claims),
            Err(refusal) => Verdict::Refused(refusal),
        }
    }
}

/// Makes tokens for the command line, `dev`, the demo and the accounts.
pub struct TokenSigner(SigningKey);

enum SigningKey {
    Fixed(EncodingKey),
    /// Whatever is current when a token is made, so that a rotation reaches the signer too.
    CurrentOf(Arc<KeyRing>),
}

impl TokenSigner {
    /// A signer with this key.
    pub fn new(secret: &Secret) -> Self {
        Self(SigningKey::Fixed(EncodingKey::from_secret(secret.as_bytes())))
    }

    /// A signer with the current key of this ring.
    pub fn of_ring(keys: Arc<KeyRing>) -> Self {
        Self(SigningKey::CurrentOf(keys))
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
        let encode = |key: &EncodingKey| jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, key);
        match &self.0 {
            SigningKey::Fixed(key) => encode(key),
            SigningKey::CurrentOf(keys) => encode(&EncodingKey::from_secret(keys.current().as_bytes())),
        }
        .expect("plain strings and numbers have a JSON form, and HMAC takes any key")
    }
}

enum Verdict {
    Good(Claims),
    Refused(Refusal),
    /// The signature is by a key of this name, and there is none. A newer list of keys may have it.
    UnknownKey,
}

impl Verdict {
    const INVALID: Self = Self::Refused(INVALID);

    fn into_result(self) -> Result<Claims, Refusal> {
        match self {
            Self::Good(claims) => Ok(claims),
            Self::Refused(refusal) => Err(refusal),
            Self::UnknownKey => Err(INVALID),
        }
    }
}

const INVALID: Refusal = Refusal::Unauthorized("The access token is not valid. Sign in again.");
const EXPIRED: Refusal = Refusal::Unauthorized("The access token has expired. Refresh it or sign in again.");

/// The parts of a header that mean something here. `jwk`, `jku`, `x5u` and their like are not read at all.
#[derive(Deserialize)]
struct RawHeader {
    alg: String,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    #[serde(default, deserialize_with = "present")]
    crit: Option<Value>,
    /// Whether the payload is base64 (RFC 7797); ours always is.
    #[serde(default, deserialize_with = "present")]
    b64: Option<Value>,
}

impl RawHeader {
    fn is_understood(&self) -> bool {
        let is_named_shortly = self.kid.as_ref().is_none_or(|kid| kid.len() <= KEY_ID_BYTES_MAX);
        is_named_shortly && self.crit.is_none() && self.b64.is_none()
    }
}

/// The claims by their types: a claim of a wrong type is a bad token, never an absent claim (CVE-2026-25537). A string
/// where a number belongs, a negative number, a fraction or null fails to parse, and so does a claim that stands twice.
#[derive(Deserialize)]
struct RawClaims {
    #[serde(default, deserialize_with = "present")]
    token_type: Option<String>,
    exp: u64,
    #[serde(default, deserialize_with = "present")]
    iat: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "present")]
    aud: Option<Audience>,
    #[serde(default, deserialize_with = "present")]
    user_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    sub: Option<String>,
    /// What other issuers call the kind of a token: Keycloak `typ`, Cognito `token_use`.
    typ: Option<String>,
    token_use: Option<String>,
    // Decoration: issuers write null for what a person does not have.
    username: Option<String>,
    picture: Option<String>,
    slug: Option<String>,
    /// Ours is a UUID. Other systems put other things here, which mean nothing to us.
    sid: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Several(several) => several.iter().any(|one| one == wanted),
        }
    }
}

impl RawClaims {
    fn check(self, signer: Signer, rules: &TokenRules, now: Timestamp) -> Result<Claims, Refusal> {
        self.check_kind(signer)?;
        let is_from_them = rules.issuer.as_ref().is_none_or(|issuer| self.iss.as_ref() == Some(issuer));
        let is_for_us = rules
            .audience
            .as_ref()
            .is_none_or(|audience| self.aud.as_ref().is_some_and(|given| given.contains(audience)));
        if !is_from_them || !is_for_us {
            return Err(INVALID);
        }
        let expires_at = self.check_times(now)?;
        let user_id = self.user_id.or(self.sub).ok_or(INVALID)?;
        Ok(Claims {
            user_id: parse_user_id(&user_id).ok_or(INVALID)?,
            username: self.username,
            picture: self.picture,
            slug: self.slug,
            sid: self.sid.and_then(|sid| sid.as_str()?.parse().ok()),
            expires_at,
        })
    }

    /// Tokens of the shared key say that they are access tokens. An issuer with a JWKS URL need not know that claim, but
    /// what it calls an id or refresh token is none either.
    fn check_kind(&self, signer: Signer) -> Result<(), Refusal> {
        let is_other_kind =
            self.typ.as_deref().is_some_and(|typ| ["ID", "Refresh", "Offline"].contains(&typ))
                || self.token_use.as_deref().is_some_and(|token_use| token_use != "access");
        match self.token_type.as_deref() {
            Some("refresh") => {
                Err(Refusal::Unauthorized("This is a refresh token; the access token is needed."))
            }
            _ if is_other_kind => Err(INVALID),
            Some("access") => Ok(()),
            None if signer == Signer::Issuer => Ok(()),
            _ => Err(INVALID),
        }
    }

    /// When the token ends, if it is in force.
    fn check_times(&self, now: Timestamp) -> Result<Timestamp, Refusal> {
        if self.exp > EXP_SECONDS_MAX || self.iat.is_some_and(|iat| iat > EXP_SECONDS_MAX) {
            return Err(INVALID);
        }
        if self.nbf.is_some_and(|nbf| nbf > now.as_secs() + TOKEN_LEEWAY.as_secs()) {
            return Err(Refusal::Unauthorized("The access token is not valid yet."));
        }
        let expires_at = Timestamp::from_secs(self.exp);
        if expires_at + TOKEN_LEEWAY <= now { Err(EXPIRED) } else { Ok(expires_at) }
    }
}

/// JSON in base64url without padding.
fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// A member that may be missing but not null: null is a wrong type.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
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
