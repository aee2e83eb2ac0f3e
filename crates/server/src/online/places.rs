//! Finds where a person stands in the order. A table of 13 bytes a slot, because the ids stand in the rows already.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use hereabouts_protocol::{Timestamp, UserId};

/// Since when each person is here, by id. The owner of the rows says which of the candidates is meant.
#[derive(Debug, Default)]
pub(super) struct Places {
    table: HashTable<Place>,
    hasher: RandomState,
}

/// 12 bytes: the time is split so that the hash fits behind it without padding.
#[derive(Debug, Clone, Copy)]
struct Place {
    since: [u32; 2],
    hash: u32,
}

impl Places {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Since when `user_id` is here. `holds` tells whether there is a row of theirs with that time.
    pub(super) fn get(&self, user_id: UserId, holds: impl Fn(Timestamp) -> bool) -> Option<Timestamp> {
        let hash = self.hash(user_id);
        self.table.find(spread(hash), |place| place.hash == hash && holds(place.since())).map(Place::since)
    }

    /// Notes where somebody stands who stood nowhere.
    pub(super) fn insert(&mut self, user_id: UserId, since: Timestamp) {
        let micros = since.as_micros();
        let hash = self.hash(user_id);
        let place = Place { since: [(micros >> 32) as u32, micros as u32], hash };
        self.table.insert_unique(spread(hash), place, |other| spread(other.hash));
    }

    /// Forgets where somebody stood, and returns it.
    pub(super) fn remove(&mut self, user_id: UserId, holds: impl Fn(Timestamp) -> bool) -> Option<Timestamp> {
        let hash = self.hash(user_id);
        let is_theirs = |place: &Place| place.hash == hash && holds(place.since());
        let (place, _) = self.table.find_entry(spread(hash), is_theirs).ok()?.remove();
        Some(place.since())
    }

    fn hash(&self, user_id: UserId) -> u32 {
        self.hasher.hash_one(user_id) as u32
    }
}

impl Place {
    fn since(&self) -> Timestamp {
        let [high, low] = self.since;
        Timestamp::from_micros(u64::from(high) << 32 | u64::from(low))
    }
}

/// The table takes its slot from the low bits and its tag from the high ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_place_is_twelve_bytes() {
        assert_eq!(size_of::<Place>(), 12);
    }

    #[test]
    fn everybody_is_found_at_their_own_place_and_nobody_after_they_left() {
        let since = |n: u64| Timestamp::from_micros(u64::from(u32::MAX) - 500 + n);
        let id = |n: u64| UserId(Uuid::from_u128(u128::from(n)));
        let mut places = Places::default();
        (0..1_000).for_each(|n| places.insert(id(n), since(n)));
        assert_eq!(places.len(), 1_000);
        for n in 0..1_000 {
            assert_eq!(places.get(id(n), |at| at == since(n)), Some(since(n)));
            assert_eq!(places.remove(id(n), |at| at == since(n)), Some(since(n)));
            assert_eq!(places.get(id(n), |at| at == since(n)), None);
        }
        assert_eq!(places.len(), 0);
    }
}
