//! The two tokens of a sign-in, with the claims of Django simplejwt and `sid`.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hereabouts_protocol::{Timestamp, UserId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::SignedIn;
use crate::{
    auth::{
        KeyRing, Sid, TokenKind,
        keys::{Found, Signer},
    },
    limits::{TOKEN_BYTES_MAX, TOKEN_LEEWAY},
    settings::Settings,
    store::{TokenTrace, User},
};

/// Makes both tokens, and checks refresh tokens. (Access tokens are checked where all access tokens are.)
pub(super) struct SignInTokens {
    keys: Arc<KeyRing>,
    access_ttl: Duration,
    refresh_ttl: Duration,
}

/// A new pair, and what is kept of it.
pub(super) struct Pair {
    access_token: String,
    refresh_token: String,
    pub(super) trace: TokenTrace,
}

/// What a good refresh token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RefreshClaims {
    pub(super) user_id: UserId,
    pub(super) sid: Sid,
}

/// What of a refresh token is kept and compared.
pub(super) fn hash(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl SignInTokens {
    pub(super) fn new(settings: &Settings, keys: Arc<KeyRing>) -> Self {
        let (access_ttl, refresh_ttl) = (settings.times.access_ttl, settings.times.refresh_ttl);
        Self { keys, access_ttl, refresh_ttl }
    }

    /// A pair for this sign-in, from `now`.
    pub(super) fn issue(&self, user_id: UserId, sid: Sid, now: Timestamp) -> Pair {
        let (access_ends_at, ends_at) = (now + self.access_ttl, now + self.refresh_ttl);
        let access_token = self.sign(TokenKind::Access, user_id, sid, now, access_ends_at);
        let refresh_token = self.sign(TokenKind::Refresh, user_id, sid, now, ends_at);
        let trace = TokenTrace {
            refresh_hash: hash(&refresh_token),
            access_ends_at: access_ends_at + TOKEN_LEEWAY,
            ends_at,
        };
        Pair { access_token, refresh_token, trace }
    }

    /// What a refresh token says, if it is one of ours and its time is not over.
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Option<RefreshClaims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let Found::Signer(Signer::Shared) = self.keys.find("HS256", None, signed, signature) else {
            return None;
        };
        let (_, payload) = signed.split_once('.')?;
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: ReadClaims = serde_json::from_slice(&payload).ok()?;
        let is_good = claims.token_type == "refresh" && claims.exp > now.as_secs();
        is_good.then_some(RefreshClaims { user_id: claims.user_id.parse().ok()?, sid: Sid(claims.sid) })
    }

    fn sign(
        &self,
        token_type: TokenKind,
        user_id: UserId,
        sid: Sid,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> String {
        let jti = Uuid::new_v4().simple().to_string();
        let claims = WrittenClaims {
            token_type,
            exp: ends_at.as_secs(),
            iat: now.as_secs(),
            jti,
            user_id,
            sid: sid.to_string(),
        };
        // The key of this moment: a rotation reaches the next token.
        let key = EncodingKey::from_secret(self.keys.current().as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("plain strings and numbers have a JSON form, and HMAC takes any key")
    }
}

impl Pair {
    /// The answer to somebody who has just signed in.
    pub(super) fn of(self, user: User) -> SignedIn {
        SignedIn { access_token: self.access_token, refresh_token: self.refresh_token, user }
    }
}

#[derive(Serialize)]
struct WrittenClaims {
    token_type: TokenKind,
    exp: u64,
    iat: u64,
    jti: String,
    user_id: UserId,
    sid: String,
}

/// Strict: we wrote it.
#[derive(Deserialize)]
struct ReadClaims {
    token_type: String,
    exp: u64,
    user_id: String,
    sid: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{Refusal, TokenRules, TokenVerifier},
        settings,
    };

    const NOW: Timestamp = Timestamp::from_secs(1_795_482_123);

    #[test]
    fn a_pair_opens_what_it_is_for_and_nothing_else() {
        let settings = settings::for_tests();
        let keys = Arc::new(KeyRing::new(&settings.secrets, None));
        let tokens = SignInTokens::new(&settings, Arc::clone(&keys));
        let verifier = TokenVerifier::new(keys, TokenRules::default());
        let (user_id, sid) = (UserId(Uuid::from_u128(1)), Sid::random());
        let pair = tokens.issue(user_id, sid, NOW);
        let access = verifier.verify(&pair.access_token, NOW).unwrap();
        assert_eq!((access.user_id, access.sid), (user_id, Some(sid)));
        assert_eq!(access.expires_at, NOW + settings.times.access_ttl);
        assert_eq!(tokens.verify(&pair.refresh_token, NOW), Some(RefreshClaims { user_id, sid }));
        assert_eq!(tokens.verify(&pair.access_token, NOW), None);
        assert!(matches!(verifier.verify(&pair.refresh_token, NOW), Err(Refusal::Unauthorized(_))));
        assert_eq!(tokens.verify(&pair.refresh_token, NOW + settings.times.refresh_ttl), None);
        assert_eq!(tokens.verify(&pair.refresh_token[..40], NOW), None);
        assert!(pair.trace.access_ends_at > access.expires_at, "a revocation outlives the leeway");
        assert_eq!(pair.trace.refresh_hash, hash(&pair.refresh_token));
    }

    #[test]
    fn two_pairs_of_one_moment_differ() {
        let settings = settings::for_tests();
        let tokens = SignInTokens::new(&settings, Arc::new(KeyRing::new(&settings.secrets, None)));
        let sid = Sid::random();
        let issue = || tokens.issue(UserId(Uuid::from_u128(1)), sid, NOW);
        assert_ne!(issue().trace.refresh_hash, issue().trace.refresh_hash);
    }
}
