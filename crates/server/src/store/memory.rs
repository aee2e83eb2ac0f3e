//! The store in memory: for tests, and the plainest statement of what a store does.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

use super::{PresenceRecord, Store, StoreError, User};
use crate::directory::is_fallback;

/// People in a map; gone with the process.
#[derive(Default)]
pub struct MemoryStore {
    // Never held across an await.
    users: Mutex<BTreeMap<UserId, User>>,
}

impl MemoryStore {
    fn users(&self) -> MutexGuard<'_, BTreeMap<UserId, User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.users().get(&id).cloned())
    }

    async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError> {
        let is_meant = |user: &&User| &*user.profile.username == name || &*user.profile.slug == name;
        let mut users: Vec<_> = self.users().values().filter(is_meant).cloned().collect();
        users.sort_by_key(|user| (user.created_at, user.profile.user_id));
        Ok(users)
    }

    async fn list_users(&self, limit: u32) -> Result<Vec<User>, StoreError> {
        let mut users: Vec<_> = self.users().values().cloned().collect();
        users.sort_by(|a, b| {
            (&a.profile.username, a.profile.user_id).cmp(&(&b.profile.username, b.profile.user_id))
        });
        users.truncate(limit as usize);
        Ok(users)
    }

    async fn add_user(&self, profile: &Profile, created_at: Timestamp) -> Result<(), StoreError> {
        let mut users = self.users();
        if users.contains_key(&profile.user_id) {
            return Err(StoreError::Exists(profile.user_id));
        }
        let user = User { profile: profile.clone(), created_at, is_online: false, last_seen: None };
        users.insert(profile.user_id, user);
        Ok(())
    }

    async fn remove_user(&self, id: UserId) -> Result<bool, StoreError> {
        Ok(self.users().remove(&id).is_some())
    }

    async fn record_presence(&self, records: &[PresenceRecord]) -> Result<(), StoreError> {
        let mut users = self.users();
        for PresenceRecord { profile, is_online, last_seen } in records {
            let user = users.entry(profile.user_id).or_insert_with(|| User {
                profile: Profile::clone(profile),
                created_at: *last_seen,
                is_online: false,
                last_seen: None,
            });
            if !is_fallback(profile) {
                user.profile = Profile::clone(profile);
            }
            user.is_online = *is_online;
            user.last_seen = Some(*last_seen);
        }
        Ok(())
    }

    async fn record_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let mut users = self.users();
        for (id, at) in seen {
            if let Some(user) = users.get_mut(id) {
                user.last_seen = user.last_seen.max(Some(*at));
            }
        }
        Ok(())
    }

    async fn nobody_is_online(&self) -> Result<u64, StoreError> {
        let mut users = self.users();
        let online = users.values_mut().filter(|user| user.is_online);
        Ok(online.map(|user| user.is_online = false).count() as u64)
    }

    async fn recent(&self, since: Timestamp, limit: u32, excluding: UserId) -> Result<Vec<User>, StoreError> {
        let minute = |at: Timestamp| at.floor_to(Duration::from_secs(60));
        let is_recent = |user: &&User| {
            let was_here = user.last_seen.is_some_and(|at| minute(at) >= minute(since));
            was_here && !user.is_online && user.profile.user_id != excluding
        };
        let mut users: Vec<_> = self.users().values().filter(is_recent).cloned().collect();
        users.sort_by_key(|user| (std::cmp::Reverse(user.last_seen.map(minute)), user.profile.user_id));
        users.truncate(limit as usize);
        Ok(users)
    }
}
