//! The store in memory: for tests, and the plainest statement of what a store does.

mod accounts;
mod activity;
mod choices;
mod relations;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

use super::{
    ActivityEntry, Choices, PeopleStore, PersonAtRest, PresenceRecord, Store, StoreError, Strangers, User,
};
use crate::directory::is_fallback;

/// People in a map; gone with the process.
#[derive(Default)]
pub struct MemoryStore {
    // Never held across an await.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    users: BTreeMap<UserId, User>,
    accounts: accounts::Accounts,
    choices: BTreeMap<UserId, Choices>,
    relations: relations::Kept,
    activity: Vec<ActivityEntry>,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl PeopleStore for MemoryStore {
    async fn people(&self, ids: &[UserId]) -> Result<Vec<PersonAtRest>, StoreError> {
        let state = self.state();
        let people = ids.iter().filter_map(|id| {
            let (user, choices) = (state.users.get(id)?.clone(), state.choices.get(id).cloned());
            let (friends, blocks, watches) = state.relations.lists(*id);
            Some(PersonAtRest::new(user, choices.unwrap_or_default()).with_lists(friends, blocks, watches))
        });
        Ok(people.collect())
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn tidy(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).cloned())
    }

    async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError> {
        let is_meant = |user: &&User| &*user.profile.username == name || &*user.profile.slug == name;
        let mut users: Vec<_> = self.state().users.values().filter(is_meant).cloned().collect();
        users.sort_by_key(|user| (user.created_at, user.profile.user_id));
        Ok(users)
    }

    async fn list_users(&self, limit: u32) -> Result<Vec<User>, StoreError> {
        let mut users: Vec<_> = self.state().users.values().cloned().collect();
        users.sort_by(|a, b| {
            (&a.profile.username, a.profile.user_id).cmp(&(&b.profile.username, b.profile.user_id))
        });
        users.truncate(limit as usize);
        Ok(users)
    }

    async fn add_user(&self, profile: &Profile, created_at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.users.contains_key(&profile.user_id) {
            return Err(StoreError::Exists(profile.user_id));
        }
        state.users.insert(profile.user_id, User::new(profile.clone(), created_at));
        state.accounts.claim(profile);
        Ok(())
    }

    async fn remove_user(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.state();
        let was_there = state.users.remove(&id).is_some();
        if was_there {
            state.accounts.remove(id, at);
            state.choices.remove(&id);
            state.relations.remove(id);
            state.activity.retain(|entry| entry.user_id != id);
        }
        Ok(was_there)
    }

    async fn record_presence(
        &self,
        records: &[PresenceRecord],
        strangers: Strangers,
    ) -> Result<(), StoreError> {
        let users = &mut self.state().users;
        for PresenceRecord { profile, is_online, last_seen } in records {
            if strangers == Strangers::Enter {
                let user = users
                    .entry(profile.user_id)
                    .or_insert_with(|| User::new(Profile::clone(profile), *last_seen));
                if !is_fallback(profile) {
                    user.profile = Profile::clone(profile);
                }
            }
            let Some(user) = users.get_mut(&profile.user_id) else { continue };
            user.is_online = *is_online;
            user.last_seen = user.last_seen.max(Some(*last_seen));
        }
        Ok(())
    }

    async fn record_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let users = &mut self.state().users;
        for (id, at) in seen {
            if let Some(user) = users.get_mut(id) {
                user.last_seen = user.last_seen.max(Some(*at));
            }
        }
        Ok(())
    }

    async fn nobody_is_online(&self, now: Timestamp) -> Result<u64, StoreError> {
        let users = &mut self.state().users;
        for user in users.values_mut() {
            user.last_seen = user.last_seen.map(|at| at.min(now));
        }
        let online = users.values_mut().filter(|user| user.is_online);
        Ok(online.map(|user| user.is_online = false).count() as u64)
    }

    async fn recent(&self, since: Timestamp, limit: u32, excluding: UserId) -> Result<Vec<User>, StoreError> {
        let minute = |at: Timestamp| at.floor_to(Duration::from_secs(60));
        let is_recent = |user: &&User| {
            let was_here = user.last_seen.is_some_and(|at| minute(at) >= minute(since));
            was_here && !user.is_online && user.profile.user_id != excluding
        };
        let mut users: Vec<_> = self.state().users.values().filter(is_recent).cloned().collect();
        users.sort_by_key(|user| (std::cmp::Reverse(user.last_seen.map(minute)), user.profile.user_id));
        users.truncate(limit as usize);
        Ok(users)
    }
}
