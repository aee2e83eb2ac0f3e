//! The keys tokens are checked with: shared ones (HS256), which may change while the server runs, and the public ones
//! of an issuer (RS256, ES256, EdDSA).

use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{Algorithm, DecodingKey, crypto};

use super::jwks::{Jwks, PublicKey};
use crate::settings::{Secret, Secrets};

/// Keys of one algorithm that a token without a `kid` is tried with. Issuers with more name them.
const NAMELESS_TRIES_MAX: usize = 4;

/// All keys, as they are now. Cheap to read; replaced as a whole.
pub struct KeyRing {
    // Held for a clone of the `Arc`.
    shared: RwLock<Arc<Shared>>,
    jwks: Option<Arc<Jwks>>,
}

struct Shared {
    secrets: Secrets,
    /// The same, ready to verify.
    keys: Vec<DecodingKey>,
}

/// Whose key a token is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    /// One that this server shares (`SECRET_KEY` and its fallbacks).
    Shared,
    /// One that an issuer publishes.
    Issuer,
}

/// What the keys say of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is by one of them.
    Signer(Signer),
    /// It is by none of them.
    Nobody,
    /// It claims to be by a key of the issuer that is not known here.
    UnknownKey,
}

impl KeyRing {
    /// A ring of shared keys, and those of an issuer if there is one.
    pub fn new(secrets: &Secrets, jwks: Option<Arc<Jwks>>) -> Self {
        Self { shared: RwLock::new(Arc::new(Shared::new(secrets.clone()))), jwks }
    }

    /// Takes these shared keys instead of the present ones, from the next token on. `false`: they are the same.
    pub fn replace(&self, secrets: Secrets) -> bool {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = shared.secrets != secrets;
        if is_new {
            *shared = Arc::new(Shared::new(secrets));
        }
        is_new
    }

    /// The shared key that signs.
    pub fn current(&self) -> Secret {
        self.shared().secrets.current.clone()
    }

    /// Looks for the key that made `signature` over `signed`. The algorithm is the key's; what the header says only
    /// chooses among the keys.
    pub(super) fn find(&self, algorithm: &str, kid: Option<&str>, signed: &str, signature: &str) -> Found {
        match (algorithm, &self.jwks) {
            ("HS256", _) => self.find_shared(signed, signature),
            ("RS256", Some(jwks)) => find_public(jwks, Algorithm::RS256, kid, signed, signature),
            ("ES256", Some(jwks)) => find_public(jwks, Algorithm::ES256, kid, signed, signature),
            // RFC 9864 gave EdDSA over this curve its own name.
            ("EdDSA" | "Ed25519", Some(jwks)) => find_public(jwks, Algorithm::EdDSA, kid, signed, signature),
            _ => Found::Nobody,
        }
    }

    /// Fetches the issuer's keys again, unless that was done moments ago. `false`: there is nothing new.
    pub(super) async fn refreshed(&self) -> bool {
        match &self.jwks {
            Some(jwks) => jwks.refreshed().await,
            None => false,
        }
    }

    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shared keys have no names, so a `kid` changes nothing.
    fn find_shared(&self, signed: &str, signature: &str) -> Found {
        let is_signer = |key: &DecodingKey| is_by(key, Algorithm::HS256, signed, signature);
        if self.shared().keys.iter().any(is_signer) { Found::Signer(Signer::Shared) } else { Found::Nobody }
    }
}

impl Shared {
    fn new(secrets: Secrets) -> Self {
        let keys = std::iter::once(&secrets.current)
            .chain(&secrets.fallbacks)
            .map(|secret| DecodingKey::from_secret(secret.as_bytes()))
            .collect();
        Self { secrets, keys }
    }
}

fn find_public(jwks: &Jwks, algorithm: Algorithm, kid: Option<&str>, signed: &str, signature: &str) -> Found {
    let keys = jwks.keys();
    let is_signer = |key: &PublicKey| is_by(&key.key, algorithm, signed, signature);
    let found = match kid {
        Some(kid) => {
            let mut named = keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).peekable();
            if named.peek().is_none() {
                return Found::UnknownKey;
            }
            named.any(|key| key.algorithm == algorithm && is_signer(key))
        }
        None => keys.iter().filter(|key| key.algorithm == algorithm).take(NAMELESS_TRIES_MAX).any(is_signer),
    };
    if found { Found::Signer(Signer::Issuer) } else { Found::Nobody }
}

/// The comparison is in constant time: that of `hmac` for shared keys; for public ones there is no secret.
fn is_by(key: &DecodingKey, algorithm: Algorithm, signed: &str, signature: &str) -> bool {
    crypto::verify(signature, signed.as_bytes(), key, algorithm).unwrap_or(false)
}
