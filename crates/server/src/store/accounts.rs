//! What is kept of accounts: the port, in domain words. Only the directory `builtin` signs people in by it; what was
//! revoked concerns every directory.

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

use super::{StoreError, User};
use crate::auth::Sid;

/// Somebody who registers.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// How they will be shown. The slug is a wish: where it is taken, theirs gets an ending.
    pub profile: Profile,
    /// Argon2id, as a PHC string.
    pub password_hash: String,
    /// Now.
    pub created_at: Timestamp,
    /// The sign-in that begins with it.
    pub sign_in: Option<SignIn>,
}

/// What changes of an account: all of it, or nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountChange<'a> {
    /// Name and picture; moves the hold on the name. The slug stays.
    pub profile: Option<&'a Profile>,
    /// A new password. It ends all sign-ins of this person but `kept`.
    pub password_hash: Option<&'a str>,
    /// See `password_hash`.
    pub kept: Option<Sid>,
}

/// Somebody who may sign in, if they have a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Their row in the users table.
    pub user: User,
    /// `None`: added by an operator, without one.
    pub password_hash: Option<String>,
}

/// A sign-in as it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Its name.
    pub sid: Sid,
    /// Whose it is.
    pub user_id: UserId,
    /// Its tokens.
    pub tokens: TokenTrace,
    /// Now.
    pub at: Timestamp,
}

/// What is kept of a pair of tokens: never the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTrace {
    /// SHA-256 of the refresh token, in hexadecimal digits.
    pub refresh_hash: String,
    /// End of the access token, the leeway for clocks included.
    pub access_ends_at: Timestamp,
    /// End of the refresh token.
    pub ends_at: Timestamp,
}

/// What became of an attempt to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The new pair counts; the old refresh token does not any more.
    Done,
    /// The token had been used before. Somebody else has it, or had: the whole sign-in is revoked now.
    Reused,
    /// The sign-in is over.
    Gone,
}

/// One line of the log of what no longer counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Its place in the log.
    pub seq: i64,
    /// Whose.
    pub user_id: UserId,
    /// What it is about.
    pub kind: RevocationKind,
    /// No token that it is about lives longer than this.
    pub ends_at: Timestamp,
}

/// What no longer counts, or counts again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationKind {
    /// This sign-in is over.
    SignedOut(Sid),
    /// The person may not come in.
    Disabled,
    /// The person may come in again.
    Enabled,
    /// The person is gone.
    Removed,
}

/// Accounts at rest. Every method is one transaction.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Enters somebody with a password, and signs them in; [`StoreError::NameTaken`] when a name that looks like theirs is held already.
    /// Returns the profile with the slug they got.
    async fn register(&self, account: &NewAccount) -> Result<Profile, StoreError>;

    /// The person who holds the name with this key.
    async fn account_named(&self, name_key: &str) -> Result<Option<Account>, StoreError>;

    /// The person with this id.
    async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError>;

    /// Changes an account; false when there is no such person.
    async fn change(&self, id: UserId, change: &AccountChange<'_>, at: Timestamp)
    -> Result<bool, StoreError>;

    /// Keeps a new sign-in. Of each person the newest `SIGN_INS_PER_USER_MAX` hold; older ones end.
    async fn open_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError>;

    /// Replaces the tokens of a sign-in, if `old_refresh_hash` is that of the present refresh token.
    async fn rotate_sign_in(
        &self,
        sid: Sid,
        old_refresh_hash: &str,
        new: &TokenTrace,
        at: Timestamp,
    ) -> Result<Rotated, StoreError>;

    /// The sign-ins of somebody that hold.
    async fn sign_ins(&self, id: UserId) -> Result<Vec<Sid>, StoreError>;

    /// Ends a sign-in; false when it had ended.
    async fn end_sign_in(&self, sid: Sid) -> Result<bool, StoreError>;

    /// Forbids somebody to come in, or lets them in again; false when there is no such person or nothing changes.
    async fn set_disabled(&self, id: UserId, is_disabled: bool, at: Timestamp) -> Result<bool, StoreError>;

    /// Everybody who may not come in.
    async fn disabled_users(&self) -> Result<Vec<UserId>, StoreError>;

    /// The log after this place, oldest first.
    async fn revocations_after(&self, seq: i64) -> Result<Vec<Revocation>, StoreError>;

    /// Gives their names to people who hold none, as far as nobody else does: people whom another directory entered.
    async fn claim_names(&self) -> Result<u64, StoreError>;

    /// Forgets sign-ins and revocations that ended before `now`.
    async fn forget_ended(&self, now: Timestamp) -> Result<(), StoreError>;
}
