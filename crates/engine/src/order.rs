//! The orders users stand in: those present by when they came, those absent by when they left, and all by their last
//! public change. Every move is O(1), apart from people who came within the same microsecond.

use hereabouts_protocol::{Timestamp, UserId};

use crate::UserIndex;
use crate::list::{Links, List};

/// Where everybody stands in the public order: by `since`, then id.
pub(crate) type Place = (Timestamp, UserId);

/// The orders users stand in. Who is present but not for everybody stands in neither of the first two.
#[derive(Debug)]
pub(crate) struct Orders {
    /// No user is in both `present` and `absent`, so the two lists share these links.
    sides: Links,
    present: List,
    absent: List,
    changes: Links,
    changed: List,
}

impl Orders {
    pub(crate) fn new() -> Self {
        Self {
            sides: Links::default(),
            present: List::new(),
            absent: List::new(),
            changes: Links::default(),
            changed: List::new(),
        }
    }

    /// Takes in a new record: absent, and never changed.
    pub(crate) fn add(&mut self, user: UserIndex) {
        self.sides.grow(user);
        self.changes.grow(user);
        self.absent.push_back(&mut self.sides, user);
        self.changed.insert_after(&mut self.changes, None, user);
    }

    /// Drops the record of somebody absent.
    pub(crate) fn remove(&mut self, user: UserIndex) {
        self.absent.remove(&mut self.sides, user);
        self.changed.remove(&mut self.changes, user);
    }

    /// Moves `joiners` from the absent to the present. Both are walked from the end at most once, and only as far as
    /// the earliest joiner's place: time does not run back, so nearly always that is the end itself.
    pub(crate) fn join(&mut self, mut joiners: Vec<(Place, UserIndex)>, place: impl Fn(UserIndex) -> Place) {
        joiners.sort_unstable();
        let mut after = self.present.last();
        for (joiner_place, joiner) in joiners.into_iter().rev() {
            while let Some(before) = after.filter(|&user| place(user) > joiner_place) {
                after = self.sides.prev(before);
            }
            self.absent.remove(&mut self.sides, joiner);
            self.present.insert_after(&mut self.sides, after, joiner);
        }
    }

    /// Moves somebody from the present to the absent.
    pub(crate) fn leave(&mut self, user: UserIndex) {
        self.present.remove(&mut self.sides, user);
        self.absent.push_back(&mut self.sides, user);
    }

    /// Takes out somebody absent who is present after all, but not for everybody.
    pub(crate) fn take_out(&mut self, user: UserIndex) {
        self.absent.remove(&mut self.sides, user);
    }

    /// Puts back whom [`Self::take_out`] took out, as the one who left last.
    pub(crate) fn put_back(&mut self, user: UserIndex) {
        self.absent.push_back(&mut self.sides, user);
    }

    /// Makes somebody absent the one who left last.
    pub(crate) fn renew(&mut self, user: UserIndex) {
        self.absent.remove(&mut self.sides, user);
        self.absent.push_back(&mut self.sides, user);
    }

    /// Makes somebody the one who changed last.
    pub(crate) fn touch(&mut self, user: UserIndex) {
        self.changed.remove(&mut self.changes, user);
        self.changed.push_back(&mut self.changes, user);
    }

    pub(crate) const fn n_present(&self) -> usize {
        self.present.len()
    }

    /// By `since`, then id.
    pub(crate) fn present(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.present.iter(&self.sides)
    }

    /// Who has been absent for longest.
    pub(crate) fn longest_absent(&self) -> Option<UserIndex> {
        self.absent.first()
    }

    /// The latest change first.
    pub(crate) fn latest_changes(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.changed.iter_back(&self.changes)
    }
}
