//! Who watches whom: the subscriptions that depend on the viewer, `friends` and `users`.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU16;

use hereabouts_engine::{Engine, Tick, UserIndex, Viewer};
use hereabouts_protocol::UserId;

use crate::gateway::ConnectionId;

/// The set of people one connection named.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) viewer: Viewer,
    number: NonZeroU16,
    pub(super) ids: Box<[UserId]>,
}

/// The subscriptions of all connections. Bounded by the connections, and 1,000 people for each.
#[derive(Debug, Default)]
pub(super) struct Circles {
    friends: HashMap<ConnectionId, UserIndex>,
    /// How many connections of a person watch their friends.
    viewers: HashMap<UserIndex, usize>,
    sets: HashMap<ConnectionId, Set>,
    /// The connections in whose sets somebody is.
    watchers: HashMap<UserId, Vec<ConnectionId>>,
}

impl Circles {
    /// A connection of `viewer` watches their friends.
    pub(super) fn watch_friends(&mut self, connection: ConnectionId, viewer: UserIndex) {
        if self.friends.insert(connection, viewer).is_none() {
            *self.viewers.entry(viewer).or_default() += 1;
        }
    }

    /// It no longer does.
    pub(super) fn unwatch_friends(&mut self, connection: ConnectionId) {
        let Some(viewer) = self.friends.remove(&connection) else { return };
        if let Some(count) = self.viewers.get_mut(&viewer) {
            *count -= 1;
            if *count == 0 {
                self.viewers.remove(&viewer);
            }
        }
    }

    /// A connection watches these people, in place of those it watched before.
    pub(super) fn watch_set(
        &mut self,
        connection: ConnectionId,
        viewer: Viewer,
        number: NonZeroU16,
        mut ids: Vec<UserId>,
    ) {
        self.drop_set(connection);
        ids.sort_unstable();
        ids.dedup();
        for &id in &ids {
            self.watchers.entry(id).or_default().push(connection);
        }
        self.sets.insert(connection, Set { viewer, number, ids: ids.into() });
    }

    /// It no longer watches the set of this number.
    pub(super) fn unwatch_set(&mut self, connection: ConnectionId, number: NonZeroU16) {
        if self.sets.get(&connection).is_some_and(|set| set.number == number) {
            self.drop_set(connection);
        }
    }

    /// The connection is gone.
    pub(super) fn forget(&mut self, connection: ConnectionId) {
        self.unwatch_friends(connection);
        self.drop_set(connection);
    }

    fn drop_set(&mut self, connection: ConnectionId) {
        let Some(set) = self.sets.remove(&connection) else { return };
        for id in &set.ids {
            if let Some(watchers) = self.watchers.get_mut(id) {
                watchers.retain(|&other| other != connection);
                if watchers.is_empty() {
                    self.watchers.remove(id);
                }
            }
        }
    }

    pub(super) fn set(&self, connection: ConnectionId) -> Option<&Set> {
        self.sets.get(&connection)
    }

    pub(super) fn is_watching_friends(&self, viewer: UserIndex) -> bool {
        self.viewers.contains_key(&viewer)
    }

    /// The connections in whose sets a tick may have changed something, each with the people concerned.
    pub(super) fn sets_concerned(
        &self,
        engine: &Engine,
        tick: &Tick,
    ) -> HashMap<ConnectionId, BTreeSet<UserIndex>> {
        let mut concerned: HashMap<_, BTreeSet<_>> = HashMap::new();
        if self.sets.is_empty() {
            return concerned;
        }
        for user in users_of(tick) {
            let user_id = engine.profile(user).user_id;
            for &connection in self.watchers.get(&user_id).into_iter().flatten() {
                concerned.entry(connection).or_default().insert(user);
            }
        }
        concerned
    }

    /// The viewers among whose friends a tick may have changed something, each with the people concerned.
    pub(super) fn friends_concerned(
        &self,
        engine: &Engine,
        tick: &Tick,
    ) -> HashMap<UserIndex, BTreeSet<UserIndex>> {
        let mut concerned: HashMap<_, BTreeSet<_>> = HashMap::new();
        if self.viewers.is_empty() {
            return concerned;
        }
        for user in users_of(tick) {
            let friends = engine.person(user).friends.iter().filter_map(|&friend| engine.user(friend));
            for viewer in friends.filter(|&viewer| self.is_watching_friends(viewer)) {
                concerned.entry(viewer).or_default().insert(user);
            }
        }
        concerned
    }
}

/// Everybody of whom a tick may tell somebody something.
fn users_of(tick: &Tick) -> BTreeSet<UserIndex> {
    tick.moved().chain(tick.related().map(|(_, user)| user)).collect()
}
