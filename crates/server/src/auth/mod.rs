//! Whose request or socket this is: the token or ticket is checked, then the directory says who that is.

pub mod accounts;
mod jwks;
mod keys;
mod revocations;
mod secret_file;
mod sid;
mod tickets;
mod token;

use hereabouts_protocol::{CloseCode, Timestamp, UserId};

pub use jwks::Jwks;
pub use keys::KeyRing;
pub use revocations::Revocations;
pub use secret_file::watch_secret_file;
pub use sid::Sid;
pub use tickets::Tickets;
pub use token::{Claims, TokenKind, TokenRules, TokenSigner, TokenVerifier};

use crate::{
    clock::Clock,
    directory::{Directory, Profile},
    limits::TOKEN_LEEWAY,
    store::{Revocation, StoreError},
};

/// Somebody who showed a good token.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who they are.
    pub profile: Profile,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// The sign-in it belongs to.
    pub sid: Option<Sid>,
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

/// Tells who a token or a ticket belongs to.
pub struct Authenticator {
    verifier: TokenVerifier,
    revocations: Revocations,
    tickets: Tickets,
    directory: Directory,
    clock: Clock,
}

impl Authenticator {
    /// An authenticator that believes tokens of `verifier` unless `revocations` has them, and asks `directory` who
    /// people are.
    pub fn new(
        verifier: TokenVerifier,
        revocations: Revocations,
        tickets: Tickets,
        directory: Directory,
        clock: Clock,
    ) -> Self {
        Self { verifier, revocations, tickets, directory, clock }
    }

    /// Checks a token as a request brings it: usually from memory, at most one read of the users table.
    pub async fn admit(&self, token: &str) -> Result<Claims, Refusal> {
        let claims = self.verify(token, || ()).await?;
        self.directory.check(claims.user_id).await?;
        Ok(claims)
    }

    /// Checks a token and finds out who that is: usually from memory, at most one read of the users table.
    /// `before_issuer` is called before the keys of an issuer are asked for, which takes as long as that takes.
    pub async fn identify(&self, token: &str, before_issuer: impl FnOnce()) -> Result<Identity, Refusal> {
        let claims = self.verify(token, before_issuer).await?;
        self.identity(claims).await
    }

    /// Takes a ticket, which is then used up whatever comes of it, and finds out who that is.
    pub async fn redeem(&self, ticket: &str) -> Result<Identity, Refusal> {
        let claims = self.tickets.take(ticket, self.clock.now()).ok_or(TICKET_INVALID)?;
        if claims.expires_at + TOKEN_LEEWAY <= self.clock.wall() {
            return Err(TICKET_INVALID);
        }
        self.revocations.check(claims.user_id, claims.sid)?;
        self.identity(claims).await
    }

    /// A ticket for the bearer of this token, who has been admitted; `None` when too many are out.
    pub fn sell_ticket(&self, claims: Claims) -> Option<String> {
        self.tickets.sell(claims, self.clock.now())
    }

    /// Who this is. Names may have changed since they were last asked for.
    pub async fn profile(&self, claims: Claims) -> Result<Profile, Refusal> {
        self.directory.profile(claims).await
    }

    /// Whether the bearer of a token that was good a moment ago is still welcome.
    pub fn recheck(&self, user_id: UserId, sid: Option<Sid>) -> Result<(), Refusal> {
        self.revocations.check(user_id, sid)
    }

    /// Asks the users table again the next time this person comes.
    pub fn forget(&self, user_id: UserId) {
        self.directory.forget(user_id);
    }

    /// Reads what was revoked since the last time, here or by another process. From here on it is refused; the
    /// caller closes the sockets.
    pub async fn sweep(&self) -> Result<Vec<Revocation>, StoreError> {
        let news = self.revocations.sweep(self.clock.certain()).await?;
        for revocation in &news {
            self.directory.forget(revocation.user_id);
        }
        Ok(news)
    }

    async fn verify(&self, token: &str, before_issuer: impl FnOnce()) -> Result<Claims, Refusal> {
        let claims = self.verifier.check(token, &self.clock, before_issuer).await?;
        self.revocations.check(claims.user_id, claims.sid)?;
        Ok(claims)
    }

    async fn identity(&self, claims: Claims) -> Result<Identity, Refusal> {
        let (expires_at, sid) = (claims.expires_at, claims.sid);
        Ok(Identity { profile: self.directory.profile(claims).await?, expires_at, sid })
    }
}

const TICKET_INVALID: Refusal = Refusal::Unauthorized("The ticket is not valid any more. Get a new one.");
