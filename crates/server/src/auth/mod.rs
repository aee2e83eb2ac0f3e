//! Whose request or socket this is: the token is checked, then the directory says what that person is called.

mod jwks;
mod keys;
mod secret_file;
mod token;

use hereabouts_protocol::{CloseCode, Timestamp};

pub use jwks::Jwks;
pub use keys::KeyRing;
pub use secret_file::watch_secret_file;
pub use token::{Claims, TokenKind, TokenRules, TokenSigner, TokenVerifier};

use crate::{
    clock::Clock,
    directory::{Profile, TokenDirectory},
};

/// Somebody who showed a good token.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who they are.
    pub profile: Profile,
    /// When the token ends.
    pub expires_at: Timestamp,
}

/// Why somebody is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No token, a bad one, or one whose time is over.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// The token is good, and the account is blocked.
    #[error("This account is blocked.")]
    Forbidden,
}

impl Refusal {
    /// How a socket is closed for it.
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::Unauthorized(_) => CloseCode::UNAUTHORIZED,
            Self::Forbidden => CloseCode::FORBIDDEN,
        }
    }
}

/// Tells who a token belongs to.
pub struct Authenticator {
    verifier: TokenVerifier,
    directory: TokenDirectory,
    clock: Clock,
}

impl Authenticator {
    /// An authenticator that believes tokens of `verifier` and asks `directory` for names.
    pub fn new(verifier: TokenVerifier, directory: TokenDirectory, clock: Clock) -> Self {
        Self { verifier, directory, clock }
    }

    /// Checks a token; no I/O unless it names a key that is not known yet.
    pub async fn verify(&self, token: &str) -> Result<Claims, Refusal> {
        self.verifier.check(token, &self.clock).await
    }

    /// Checks a token and finds out who that is: usually from memory, at most one read of the users table.
    pub async fn identify(&self, token: &str) -> Result<Identity, Refusal> {
        let claims = self.verify(token).await?;
        let expires_at = claims.expires_at;
        Ok(Identity { profile: self.directory.profile(claims).await, expires_at })
    }
}
