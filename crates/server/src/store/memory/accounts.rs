//! Accounts in memory: the plainest statement of what they do.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

use super::{MemoryStore, State};
use crate::{
    auth::Sid,
    directory::name_keys,
    limits::{REVOCATION_NEWS_TTL, SIGN_INS_PER_USER_MAX},
    store::{
        Account, AccountChange, AccountStore, NewAccount, Revocation, RevocationKind, Rotated, SignIn,
        StoreError, TokenTrace, User,
    },
};

/// What is kept of accounts beside the people themselves.
#[derive(Default)]
pub(super) struct Accounts {
    names: BTreeMap<String, UserId>,
    passwords: BTreeMap<UserId, String>,
    sign_ins: BTreeMap<Sid, SignIn>,
    log: Vec<Revocation>,
    last_seq: i64,
}

#[async_trait]
impl AccountStore for MemoryStore {
    async fn register(&self, account: &NewAccount) -> Result<Profile, StoreError> {
        let mut state = self.state();
        let mut profile = account.profile.clone();
        if state.users.contains_key(&profile.user_id) {
            return Err(StoreError::Exists(profile.user_id));
        }
        state.accounts.hold_names(&profile)?;
        if state.users.values().any(|user| user.profile.slug == profile.slug) {
            profile.slug = format!("{}-{}", profile.slug, profile.user_id.short_name()).into();
        }
        state.accounts.passwords.insert(profile.user_id, account.password_hash.clone());
        state.users.insert(profile.user_id, User::new(profile.clone(), account.created_at));
        if let Some(sign_in) = &account.sign_in {
            state.accounts.open(sign_in);
        }
        Ok(profile)
    }

    async fn account_named(&self, name_key: &str) -> Result<Option<Account>, StoreError> {
        let state = self.state();
        Ok(state.accounts.names.get(name_key).and_then(|id| state.account(*id)))
    }

    async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        Ok(self.state().account(id))
    }

    async fn change(
        &self,
        id: UserId,
        change: &AccountChange<'_>,
        _at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let State { users, accounts, .. } = &mut *state;
        let Some(user) = users.get_mut(&id) else { return Ok(false) };
        if let Some(profile) = change.profile {
            accounts.hold_names(profile)?;
            let slug = user.profile.slug.clone();
            user.profile = Profile { slug, ..profile.clone() };
        }
        if let Some(hash) = change.password_hash {
            accounts.passwords.insert(id, hash.to_owned());
            for sid in accounts.sids_of(id) {
                if Some(sid) != change.kept {
                    accounts.end(sid);
                }
            }
        }
        Ok(true)
    }

    async fn open_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        self.state().accounts.open(sign_in);
        Ok(())
    }

    async fn rotate_sign_in(
        &self,
        sid: Sid,
        old_refresh_hash: &str,
        new: &TokenTrace,
        at: Timestamp,
    ) -> Result<Rotated, StoreError> {
        let accounts = &mut self.state().accounts;
        match accounts.sign_ins.get_mut(&sid) {
            Some(sign_in) if sign_in.tokens.refresh_hash == old_refresh_hash => {
                (sign_in.tokens, sign_in.at) = (new.clone(), at);
                Ok(Rotated::Done)
            }
            Some(_) => {
                accounts.end(sid);
                Ok(Rotated::Reused)
            }
            None => Ok(Rotated::Gone),
        }
    }

    async fn sign_ins(&self, id: UserId) -> Result<Vec<Sid>, StoreError> {
        Ok(self.state().accounts.sids_of(id))
    }

    async fn end_sign_in(&self, sid: Sid) -> Result<bool, StoreError> {
        Ok(self.state().accounts.end(sid))
    }

    async fn set_disabled(&self, id: UserId, is_disabled: bool, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let State { users, accounts, .. } = &mut *state;
        match users.get_mut(&id) {
            Some(user) if user.is_disabled != is_disabled => user.is_disabled = is_disabled,
            _ => return Ok(false),
        }
        let kind = if is_disabled { RevocationKind::Disabled } else { RevocationKind::Enabled };
        accounts.tell(id, kind, at + REVOCATION_NEWS_TTL);
        Ok(true)
    }

    async fn disabled_users(&self) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        Ok(state.users.values().filter(|user| user.is_disabled).map(|user| user.profile.user_id).collect())
    }

    async fn revocations_after(&self, seq: i64) -> Result<Vec<Revocation>, StoreError> {
        Ok(self.state().accounts.log.iter().filter(|line| line.seq > seq).cloned().collect())
    }

    async fn claim_names(&self) -> Result<u64, StoreError> {
        let mut state = self.state();
        let State { users, accounts, .. } = &mut *state;
        let has_name = |accounts: &Accounts, id| accounts.names.values().any(|holder| *holder == id);
        let mut n_claimed = 0;
        for user in users.values() {
            if !has_name(accounts, user.profile.user_id) {
                accounts.claim(&user.profile);
                n_claimed += u64::from(has_name(accounts, user.profile.user_id));
            }
        }
        Ok(n_claimed)
    }

    async fn forget_ended(&self, now: Timestamp) -> Result<(), StoreError> {
        let accounts = &mut self.state().accounts;
        accounts.sign_ins.retain(|_, sign_in| sign_in.tokens.ends_at >= now);
        accounts.log.retain(|line| line.ends_at >= now);
        Ok(())
    }
}

impl State {
    fn account(&self, id: UserId) -> Option<Account> {
        let user = self.users.get(&id)?.clone();
        Some(Account { user, password_hash: self.accounts.passwords.get(&id).cloned() })
    }
}

impl Accounts {
    fn open(&mut self, sign_in: &SignIn) {
        self.sign_ins.insert(sign_in.sid, sign_in.clone());
        let mut sids = self.sids_of(sign_in.user_id);
        sids.sort_by_key(|sid| (std::cmp::Reverse(self.sign_ins.get(sid).map(|it| it.at)), *sid));
        for sid in sids.into_iter().skip(SIGN_INS_PER_USER_MAX as usize) {
            self.end(sid);
        }
    }

    /// Takes all keys of the name and gives up those of before, or takes none.
    fn hold_names(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let keys = name_keys(&profile.username);
        let is_free = |key: &String| self.names.get(key).is_none_or(|holder| *holder == profile.user_id);
        if !keys.iter().all(is_free) {
            return Err(StoreError::NameTaken);
        }
        self.names.retain(|_, holder| *holder != profile.user_id);
        self.names.extend(keys.into_iter().map(|key| (key, profile.user_id)));
        Ok(())
    }

    /// Takes the keys of the name that nobody holds.
    pub(super) fn claim(&mut self, profile: &Profile) {
        for key in name_keys(&profile.username) {
            self.names.entry(key).or_insert(profile.user_id);
        }
    }

    /// Forgets everything of somebody who is removed.
    pub(super) fn remove(&mut self, id: UserId, at: Timestamp) {
        for sid in self.sids_of(id) {
            self.end(sid);
        }
        self.names.retain(|_, holder| *holder != id);
        self.passwords.remove(&id);
        self.tell(id, RevocationKind::Removed, at + REVOCATION_NEWS_TTL);
    }

    fn sids_of(&self, id: UserId) -> Vec<Sid> {
        self.sign_ins.values().filter(|sign_in| sign_in.user_id == id).map(|sign_in| sign_in.sid).collect()
    }

    fn end(&mut self, sid: Sid) -> bool {
        let Some(sign_in) = self.sign_ins.remove(&sid) else { return false };
        self.tell(sign_in.user_id, RevocationKind::SignedOut(sid), sign_in.tokens.access_ends_at);
        true
    }

    fn tell(&mut self, user_id: UserId, kind: RevocationKind, ends_at: Timestamp) {
        self.last_seq += 1;
        self.log.push(Revocation { seq: self.last_seq, user_id, kind, ends_at });
    }
}
