//! Users: one record each, interned to a dense index.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use hereabouts_protocol::{Reason, Status, Timestamp, UserId};

use crate::TickSeq;

/// Dense index of an interned user. Stable while the record is kept, that is while the user is present and for
/// [`Settings::retention`](crate::Settings::retention) after. Shells index their own tables with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserIndex(pub u32);

impl UserIndex {
    pub(crate) const fn at(self) -> usize {
        self.0 as usize
    }
}

/// How a user is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Who.
    pub user_id: UserId,
    /// Their name. Need not be unique.
    pub username: Box<str>,
    /// An `https:` address or a path on this server.
    pub profile_image_url: Option<Box<str>>,
    /// Name for addresses.
    pub slug: Box<str>,
}

/// What is kept of one user. 120 bytes, the texts of the profile and what they decided apart.
#[derive(Debug)]
pub(crate) struct Record {
    /// As published.
    pub(crate) profile: Arc<Profile>,
    /// As published while present: their `since`. While absent: since when, for the retention.
    pub(crate) moved_at: Timestamp,
    /// As published; zero before the first time.
    pub(crate) last_seen: Timestamp,
    /// As published.
    pub(crate) version: u64,
    /// The last tick with a change of theirs; zero before the first.
    pub(crate) changed_in: TickSeq,
    /// Private: the last frame of all sessions that ended (opening one counts as a frame).
    pub(crate) last_frame_at: Timestamp,
    pub(crate) n_live: u32,
    pub(crate) n_held: u32,
    /// How many of the live and held are not idle.
    pub(crate) n_active: u32,
    /// As published.
    pub(crate) status: Status,
    /// Why that, as published.
    pub(crate) last_reason: Reason,
    /// What they decided is known. Before, they are shown as not here.
    pub(crate) is_loaded: bool,
    /// They decided something: there is an [`Own`](crate::people::Own) of theirs.
    pub(crate) has_own: bool,
}

impl Record {
    /// What is true of the user this instant, published or not.
    pub(crate) const fn raw(&self) -> Status {
        if self.n_live + self.n_held == 0 {
            Status::Offline
        } else if self.n_active > 0 {
            Status::Online
        } else {
            Status::Away
        }
    }

    /// Public `since`.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        self.status.is_online().then_some(self.moved_at)
    }

    /// Public last-seen time, before any rounding.
    pub(crate) fn last_seen(&self) -> Option<Timestamp> {
        (self.last_seen != Timestamp::default()).then_some(self.last_seen)
    }
}

/// How many records are allocated together. Chunks never move: a table that grows copies nothing and keeps no slack.
const CHUNK: usize = 1_024;

/// The records of all users who are present or were lately. Slots of forgotten users are used again, never freed.
#[derive(Debug, Default)]
pub(crate) struct Users {
    chunks: Vec<Vec<Record>>,
    /// Finds a record by its user's id. Holds indexes only, 5 bytes a slot: the ids stand in the records.
    by_id: HashTable<UserIndex>,
    hasher: RandomState,
    vacant: Vec<UserIndex>,
    /// No forgotten record had a higher version: where new records start, so that nobody's version ever goes back.
    version_floor: u64,
}

impl Users {
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.by_id.iter().copied()
    }

    pub(crate) fn find(&self, user_id: UserId) -> Option<UserIndex> {
        let is_theirs = |user: &UserIndex| record(&self.chunks, *user).profile.user_id == user_id;
        self.by_id.find(self.hasher.hash_one(user_id), is_theirs).copied()
    }

    pub(crate) fn get(&self, user: UserIndex) -> &Record {
        record(&self.chunks, user)
    }

    pub(crate) fn get_mut(&mut self, user: UserIndex) -> &mut Record {
        &mut self.chunks[user.at() / CHUNK][user.at() % CHUNK]
    }

    /// Makes a record for a user who has none.
    pub(crate) fn add(&mut self, profile: Arc<Profile>, now: Timestamp) -> UserIndex {
        let user_id = profile.user_id;
        let new = Record {
            profile,
            moved_at: now,
            last_seen: Timestamp::default(),
            version: self.version_floor,
            changed_in: TickSeq(0),
            last_frame_at: now,
            n_live: 0,
            n_held: 0,
            n_active: 0,
            status: Status::Offline,
            last_reason: Reason::Joined,
            is_loaded: false,
            has_own: false,
        };
        let user = if let Some(user) = self.vacant.pop() {
            *self.get_mut(user) = new;
            user
        } else {
            self.push(new)
        };
        let (chunks, hasher) = (&self.chunks, &self.hasher);
        self.by_id.insert_unique(hasher.hash_one(user_id), user, |&other| {
            hasher.hash_one(record(chunks, other).profile.user_id)
        });
        user
    }

    /// Forgets a user without sessions. The slot keeps a blank record until it is used again.
    pub(crate) fn forget(&mut self, user: UserIndex) {
        let user_id = self.get(user).profile.user_id;
        let found = self.by_id.find_entry(self.hasher.hash_one(user_id), |&other| other == user);
        found.expect("a record that is kept is found by its id").remove();
        let record = self.get_mut(user);
        debug_assert_eq!(record.n_live + record.n_held, 0, "only a user without sessions is forgotten");
        let version = record.version;
        record.profile = Arc::new(Profile {
            user_id,
            username: Box::default(),
            profile_image_url: None,
            slug: Box::default(),
        });
        record.last_seen = Timestamp::default();
        (record.is_loaded, record.has_own) = (false, false);
        self.version_floor = self.version_floor.max(version);
        self.vacant.push(user);
    }

    fn push(&mut self, record: Record) -> UserIndex {
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let n_before = (self.chunks.len() - 1) * CHUNK;
        let chunk = self.chunks.last_mut().expect("there is one, made above if need be");
        chunk.push(record);
        UserIndex((n_before + chunk.len() - 1) as u32)
    }
}

fn record(chunks: &[Vec<Record>], user: UserIndex) -> &Record {
    &chunks[user.at() / CHUNK][user.at() % CHUNK]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(id: &str) -> Arc<Profile> {
        Arc::new(Profile {
            user_id: id.parse().unwrap(),
            username: "Ann".into(),
            profile_image_url: Some("/ann.png".into()),
            slug: "ann".into(),
        })
    }

    const ANN: &str = "00000000-0000-0000-0000-000000000001";
    const BOB: &str = "00000000-0000-0000-0000-000000000002";

    /// The budget of 250 bytes per user: this, links 16, id table 6–12, session map 17–39, and the texts (about 60).
    #[test]
    fn a_record_stays_small() {
        assert!(size_of::<Record>() <= 120, "a record has {} bytes", size_of::<Record>());
    }

    #[test]
    fn raw_is_offline_without_sessions_online_with_an_active_one_else_away() {
        let mut users = Users::default();
        let user = users.add(profile(ANN), Timestamp::from_secs(1));
        for (n_live, n_held, n_active, status) in [
            (0, 0, 0, Status::Offline),
            (1, 0, 1, Status::Online),
            (0, 1, 1, Status::Online),
            (1, 1, 0, Status::Away),
            (2, 1, 1, Status::Online),
        ] {
            let record = users.get_mut(user);
            (record.n_live, record.n_held, record.n_active) = (n_live, n_held, n_active);
            assert_eq!(record.raw(), status);
        }
    }

    #[test]
    fn a_forgotten_user_leaves_nothing_but_a_version() {
        let mut users = Users::default();
        let ann = users.add(profile(ANN), Timestamp::from_secs(1));
        users.get_mut(ann).version = 7;
        users.get_mut(ann).last_seen = Timestamp::from_secs(5);
        users.forget(ann);
        assert_eq!((users.len(), users.find(ann_id())), (0, None));
        let blank = users.get(ann);
        assert_eq!((&*blank.profile.username, &blank.profile.profile_image_url), ("", &None));
        assert_eq!((blank.last_seen(), blank.since(), blank.status), (None, None, Status::Offline));

        let bob = users.add(profile(BOB), Timestamp::from_secs(9));
        assert_eq!(bob, ann, "the slot is used again");
        assert_eq!((users.get(bob).version, users.get(bob).last_seen()), (7, None));
    }

    fn ann_id() -> UserId {
        ANN.parse().unwrap()
    }
}
