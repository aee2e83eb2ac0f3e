//! Profiles read lately, so that a reconnect needs no database.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

/// A bounded map in two generations: when the young one is full it becomes the old one and what was old is forgotten.
/// An entry that is asked for again moves to the young one. Both steps cost O(1).
pub(super) struct ProfileCache {
    // Held for a lookup or an insert, never across I/O.
    generations: Mutex<Generations>,
    entries_max: usize,
    ttl: Duration,
}

#[derive(Default)]
struct Generations {
    young: HashMap<UserId, Entry>,
    old: HashMap<UserId, Entry>,
}

#[derive(Clone)]
struct Entry {
    profile: Profile,
    read_at: Timestamp,
}

impl ProfileCache {
    /// A cache of at most `2 × entries_max` profiles, each believed for `ttl`.
    pub(super) fn new(entries_max: usize, ttl: Duration) -> Self {
        Self { generations: Mutex::default(), entries_max, ttl }
    }

    pub(super) fn get(&self, user_id: UserId, now: Timestamp) -> Option<Profile> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match generations.young.get(&user_id) {
            Some(entry) => entry.clone(),
            None => generations.old.remove(&user_id)?,
        };
        if now.saturating_since(entry.read_at) >= self.ttl {
            generations.young.remove(&user_id);
            return None;
        }
        let profile = entry.profile.clone();
        generations.insert(entry, self.entries_max);
        Some(profile)
    }

    pub(super) fn put(&self, profile: Profile, now: Timestamp) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.insert(Entry { profile, read_at: now }, self.entries_max);
    }

    /// Forgets one profile.
    pub(super) fn remove(&self, user_id: UserId) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.young.remove(&user_id);
        generations.old.remove(&user_id);
    }
}

impl Generations {
    fn insert(&mut self, entry: Entry, entries_max: usize) {
        if self.young.len() >= entries_max && !self.young.contains_key(&entry.profile.user_id) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(entry.profile.user_id, entry);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const TTL: Duration = Duration::from_secs(60);

    fn profile(n: u128) -> Profile {
        crate::directory::profile(UserId(Uuid::from_u128(n)), &format!("user {n}"), None, None)
    }

    #[test]
    fn what_was_put_is_there_until_its_time_is_over() {
        let cache = ProfileCache::new(10, TTL);
        let start = Timestamp::from_secs(1000);
        cache.put(profile(1), start);
        assert_eq!(cache.get(profile(1).user_id, start + TTL / 2), Some(profile(1)));
        assert_eq!(cache.get(profile(1).user_id, start + TTL), None);
        assert_eq!(cache.get(profile(2).user_id, start), None);
    }

    #[test]
    fn it_never_holds_more_than_two_generations_and_keeps_what_is_asked_for() {
        let cache = ProfileCache::new(10, TTL);
        let now = Timestamp::from_secs(1000);
        for n in 0..1000 {
            cache.put(profile(n), now);
            assert_eq!(cache.get(profile(0).user_id, now), Some(profile(0)), "{n}");
        }
        let generations = cache.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 20);
    }
}
