//! Accounts of the directory `builtin`: register, login, refresh, logout, and changing what one is called.

mod attempts;
mod password;
mod tokens;

use std::{net::IpAddr, sync::Arc};

use hereabouts_protocol::{Timestamp, UserId};
use uuid::Uuid;

use self::{
    attempts::Attempts,
    password::Hasher,
    tokens::{Pair, SignInTokens},
};
use super::{Claims, KeyRing, Sid};
use crate::{
    clock::Clock,
    directory::{self, NameFault, check_name, is_safe_picture, login_key},
    limits::{NAME_BYTES_MAX, PASSWORD_BYTES, PICTURE_BYTES_MAX},
    metrics::Metrics,
    settings::Settings,
    store::{Account, AccountChange, AccountStore, NewAccount, Rotated, SignIn, StoreError, User},
};

/// Somebody who is signed in now.
#[derive(Debug)]
pub struct SignedIn {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// Their row.
    pub user: User,
}

/// What somebody wants to change of their account.
#[derive(Debug, Default)]
pub struct Change {
    /// A new name.
    pub username: Option<String>,
    /// What becomes of the picture.
    pub picture: PictureChange,
    /// A new password, with the one of now.
    pub password: Option<NewPassword>,
}

/// What becomes of a picture.
#[derive(Debug, Default)]
pub enum PictureChange {
    /// It stays.
    #[default]
    Kept,
    /// A new one, or none.
    Set(Option<String>),
}

/// A change of password.
#[derive(Debug)]
pub struct NewPassword {
    /// The one of now.
    pub old: String,
    /// The one to be.
    pub new: String,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Nobody with this name has this password.
    #[error("The name or the password is wrong. Check both and try again.")]
    WrongCredentials,
    /// The refresh token is none of ours, or its time is over.
    #[error("The refresh token is not valid any more. Sign in again.")]
    WrongRefreshToken,
    /// The old password was wrong.
    #[error("The old password is wrong. Nothing was changed.")]
    WrongOldPassword,
    /// A new password without the old one.
    #[error("Changing the password needs the old one, in old_password.")]
    OldPasswordMissing,
    /// An operator has disabled the account.
    #[error("This account is blocked. Ask whoever runs this site.")]
    Disabled,
    /// No such person any more.
    #[error("This account does not exist any more. Register again.")]
    Gone,
    /// The name cannot be one.
    #[error("{0}")]
    Name(#[from] NameFault),
    /// Somebody has it.
    #[error("The name is taken, or looks like one that is. Choose another.")]
    NameTaken,
    /// The picture's address cannot be shown.
    #[error(
        "The picture must be an https: address or a path on this server, without user name, password or spaces, \
         {PICTURE_BYTES_MAX} bytes at most."
    )]
    Picture,
    /// Too short or too long.
    #[error(
        "A password has {} to {} bytes.", PASSWORD_BYTES.start(), PASSWORD_BYTES.end()
    )]
    PasswordLength,
    /// A text with U+0000.
    #[error("Texts may not have the character U+0000.")]
    Nul,
    /// Too many attempts for this account from this address.
    #[error("Too many attempts for this account. Wait a moment.")]
    TooManyAttempts {
        /// Seconds until the next one.
        retry_after_s: u64,
    },
    /// Too many passwords wait to be hashed.
    #[error("Too many people sign in right now. Try again in a moment.")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken => Self::NameTaken,
            error => Self::Store(error),
        }
    }
}

/// The accounts of one server.
pub struct Accounts {
    store: Arc<dyn AccountStore>,
    hasher: Hasher,
    tokens: SignInTokens,
    attempts: Attempts,
    clock: Clock,
}

impl Accounts {
    /// Accounts in this store, with the keys and times of the settings. Gives their names to people whom another
    /// directory entered.
    pub async fn open(
        store: Arc<dyn AccountStore>,
        settings: &Settings,
        clock: Clock,
        keys: Arc<KeyRing>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StoreError> {
        store.claim_names().await?;
        Ok(Self {
            store,
            hasher: Hasher::new(metrics),
            tokens: SignInTokens::new(settings, keys),
            attempts: Attempts::new(settings.limits.logins_per_minute),
            clock,
        })
    }

    /// Enters somebody and signs them in.
    pub async fn register(
        &self,
        username: &str,
        password: String,
        picture: Option<&str>,
    ) -> Result<SignedIn, AccountError> {
        check_texts(&[username, &password, picture.unwrap_or_default()])?;
        let username = check_name(username)?;
        check_picture(picture)?;
        check_password(&password)?;
        let profile = directory::profile(UserId(Uuid::new_v4()), &username, picture, None);
        // Whether the name is taken or not: the answer takes as long.
        let password_hash = self.hasher.hash(password).await?;
        let created_at = self.clock.wall();
        let (pair, sign_in) = self.new_sign_in(profile.user_id, created_at);
        let account = NewAccount { profile, password_hash, created_at, sign_in: Some(sign_in) };
        let profile = self.store.register(&account).await?;
        Ok(pair.of(User::new(profile, created_at)))
    }

    /// Signs somebody in. An unknown name, a person without a password and a wrong password cost the same work and get
    /// the same answer.
    pub async fn login(
        &self,
        username: &str,
        password: String,
        ip: IpAddr,
    ) -> Result<SignedIn, AccountError> {
        check_texts(&[username, &password])?;
        check_password(&password)?;
        // Longer texts are no names; looking at their beginning is enough to find nobody.
        let key = login_key(&username.chars().take(NAME_BYTES_MAX).collect::<String>());
        self.attempts
            .take(ip, &key, self.clock.now())
            .map_err(|retry_after_s| AccountError::TooManyAttempts { retry_after_s })?;
        let account = self.store.account_named(&key).await?;
        let hash = account.as_ref().and_then(|account| account.password_hash.clone());
        let is_right = self.hasher.verify(password, hash).await?;
        let account = account.filter(|_| is_right).ok_or(AccountError::WrongCredentials)?;
        if account.user.is_disabled {
            return Err(AccountError::Disabled);
        }
        self.sign_in(account.user).await
    }

    /// A new pair of tokens for a refresh token, which is used up by it. Showing one that is used up ends the sign-in:
    /// somebody else has it, and nobody can tell who of the two is who.
    pub async fn refresh(&self, refresh_token: &str) -> Result<SignedIn, AccountError> {
        let now = self.clock.wall();
        let claims = self.tokens.verify(refresh_token, now).ok_or(AccountError::WrongRefreshToken)?;
        let account = self.store.account(claims.user_id).await?.ok_or(AccountError::WrongRefreshToken)?;
        if account.user.is_disabled {
            return Err(AccountError::Disabled);
        }
        let pair = self.tokens.issue(claims.user_id, claims.sid, now);
        let old = tokens::hash(refresh_token);
        match self.store.rotate_sign_in(claims.sid, &old, &pair.trace, now).await? {
            Rotated::Done => Ok(pair.of(account.user)),
            Rotated::Gone => Err(AccountError::WrongRefreshToken),
            Rotated::Reused => {
                let user_id = claims.user_id;
                tracing::warn!(%user_id, "a refresh token of {user_id} was used twice: the sign-in was ended");
                Err(AccountError::WrongRefreshToken)
            }
        }
    }

    /// Ends the sign-in that this token, access or refresh, belongs to; false when it had ended.
    pub async fn logout(&self, sid: Sid) -> Result<bool, AccountError> {
        Ok(self.store.end_sign_in(sid).await?)
    }

    /// The sign-in of a refresh token.
    pub fn sid_of_refresh_token(&self, refresh_token: &str) -> Option<Sid> {
        self.tokens.verify(refresh_token, self.clock.wall()).map(|claims| claims.sid)
    }

    /// Somebody's row.
    pub async fn user(&self, id: UserId) -> Result<User, AccountError> {
        Ok(self.account(id).await?.user)
    }

    /// Changes an account; nothing is written before all of it is judged. Returns the new row. A new password ends all
    /// other sign-ins of this person.
    pub async fn change(&self, claims: &Claims, change: Change, ip: IpAddr) -> Result<User, AccountError> {
        let account = self.account(claims.user_id).await?;
        let mut profile = account.user.profile.clone();
        if let Some(username) = &change.username {
            check_texts(&[username])?;
            profile.username = check_name(username)?.into();
        }
        if let PictureChange::Set(picture) = &change.picture {
            check_picture(picture.as_deref())?;
            profile.profile_image_url = picture.as_deref().map(Into::into);
        }
        let password_hash = match change.password {
            Some(password) => Some(self.judge_new_password(&account, password, ip).await?),
            None => None,
        };
        let change = AccountChange {
            profile: (profile != account.user.profile).then_some(&profile),
            password_hash: password_hash.as_deref(),
            kept: claims.sid,
        };
        let changes_something = change.profile.is_some() || change.password_hash.is_some();
        if changes_something && !self.store.change(claims.user_id, &change, self.clock.wall()).await? {
            return Err(AccountError::Gone);
        }
        Ok(User { profile, ..account.user })
    }

    async fn judge_new_password(
        &self,
        account: &Account,
        password: NewPassword,
        ip: IpAddr,
    ) -> Result<String, AccountError> {
        check_texts(&[&password.old, &password.new])?;
        check_password(&password.new)?;
        let key = login_key(&account.user.profile.username);
        self.attempts
            .take(ip, &key, self.clock.now())
            .map_err(|retry_after_s| AccountError::TooManyAttempts { retry_after_s })?;
        if !self.hasher.verify(password.old, account.password_hash.clone()).await? {
            return Err(AccountError::WrongOldPassword);
        }
        self.hasher.hash(password.new).await
    }

    async fn account(&self, id: UserId) -> Result<Account, AccountError> {
        self.store.account(id).await?.ok_or(AccountError::Gone)
    }

    async fn sign_in(&self, user: User) -> Result<SignedIn, AccountError> {
        let (pair, sign_in) = self.new_sign_in(user.profile.user_id, self.clock.wall());
        self.store.open_sign_in(&sign_in).await?;
        Ok(pair.of(user))
    }

    fn new_sign_in(&self, user_id: UserId, now: Timestamp) -> (Pair, SignIn) {
        let sid = Sid::random();
        let pair = self.tokens.issue(user_id, sid, now);
        let sign_in = SignIn { sid, user_id, tokens: pair.trace.clone(), at: now };
        (pair, sign_in)
    }
}

fn check_texts(texts: &[&str]) -> Result<(), AccountError> {
    if texts.iter().any(|text| text.contains('\0')) { Err(AccountError::Nul) } else { Ok(()) }
}

fn check_password(password: &str) -> Result<(), AccountError> {
    if PASSWORD_BYTES.contains(&password.len()) { Ok(()) } else { Err(AccountError::PasswordLength) }
}

fn check_picture(picture: Option<&str>) -> Result<(), AccountError> {
    if picture.is_none_or(is_safe_picture) { Ok(()) } else { Err(AccountError::Picture) }
}
