//! What a person is called, and whether there is such a person: the users table says it, or the token does.

mod builtin;
mod cache;
mod names;
mod naming;
mod picture;
mod token;

pub use builtin::BuiltinDirectory;
pub use hereabouts_engine::Profile;
pub use names::{is_fallback, presentable, profile};
pub use naming::{NameFault, check_name, login_key, name_keys};
pub use picture::is_safe_picture;
pub use token::TokenDirectory;

use hereabouts_protocol::UserId;

use crate::{
    auth::{Claims, Refusal},
    store::Strangers,
};

/// Where people come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryKind {
    /// Our own tables, with register and login.
    Builtin,
    /// Whoever the token says.
    Token,
    /// The people of an app, in its own tables.
    Adopt,
}

impl DirectoryKind {
    /// What becomes of presence of people who are not in the users table.
    pub const fn strangers(self) -> Strangers {
        match self {
            Self::Builtin | Self::Adopt => Strangers::Skip,
            Self::Token => Strangers::Enter,
        }
    }
}

/// Tells who the bearer of a good token is.
pub enum Directory {
    /// See [`BuiltinDirectory`].
    Builtin(BuiltinDirectory),
    /// See [`TokenDirectory`].
    Token(TokenDirectory),
}

impl Directory {
    /// The profile for these claims: usually from memory, at most one read of the users table.
    pub async fn profile(&self, claims: Claims) -> Result<Profile, Refusal> {
        match self {
            Self::Builtin(directory) => directory.profile(claims.user_id).await,
            Self::Token(directory) => Ok(directory.profile(claims).await),
        }
    }

    /// Whether there is such a person.
    pub async fn check(&self, user_id: UserId) -> Result<(), Refusal> {
        match self {
            Self::Builtin(directory) => directory.profile(user_id).await.map(drop),
            Self::Token(_) => Ok(()),
        }
    }

    /// Asks the users table again the next time: something about this person has changed.
    pub fn forget(&self, user_id: UserId) {
        match self {
            Self::Builtin(directory) => directory.forget(user_id),
            Self::Token(directory) => directory.forget(user_id),
        }
    }
}
