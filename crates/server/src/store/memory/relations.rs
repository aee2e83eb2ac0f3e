//! Friends, requests, blocks and watches in memory: the plainest statement of what they do.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use hereabouts_engine::Watched;
use hereabouts_protocol::{RequestId, Timestamp, UserId};

use super::{MemoryStore, State};
use crate::{
    limits::{BLOCKS_MAX, FRIENDS_MAX, REQUESTS_MAX, WATCHES_MAX},
    store::{
        Accepted, Blocked, Direction, NewRequest, PendingRequest, RelationStore, Relations, Requested, Slice,
        Sliced, StoreError, User, WatchEntry, WatchOf, WatchStore,
    },
};

/// What is kept of relations.
#[derive(Default)]
pub(super) struct Kept {
    /// Both ways.
    pub(super) friendships: BTreeMap<(UserId, UserId), Timestamp>,
    requests: BTreeMap<RequestId, Request>,
    pub(super) blocks: Vec<Block>,
    watches: BTreeMap<(UserId, UserId), WatchEntry>,
}

#[derive(Clone, Copy)]
struct Request {
    new: NewRequest,
    is_muted: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) blocker: UserId,
    pub(super) blocked: UserId,
    pub(super) since: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
}

impl Kept {
    pub(super) fn remove(&mut self, id: UserId) {
        self.friendships.retain(|(one, other), _| *one != id && *other != id);
        self.requests.retain(|_, request| request.new.from != id && request.new.to != id);
        self.blocks.retain(|block| block.blocker != id && block.blocked != id);
        self.watches.retain(|(watcher, user), _| *watcher != id && *user != id);
    }

    /// Friends, whom they block, and whom they wait for.
    pub(super) fn lists(&self, id: UserId) -> (Vec<UserId>, Vec<UserId>, Vec<Watched>) {
        let blocks = self.in_force().filter(|block| block.blocker == id).map(|block| block.blocked);
        let watches = self.watches.values().filter(|watch| watch.watcher == id);
        let watches = watches.map(|watch| Watched { user_id: watch.user, repeats: watch.is_repeat });
        (self.friends(id).collect(), blocks.collect(), watches.collect())
    }

    fn friends(&self, id: UserId) -> impl Iterator<Item = UserId> {
        self.friendships.keys().filter(move |(one, _)| *one == id).map(|(_, other)| *other)
    }

    fn in_force(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|block| block.ended_at.is_none())
    }

    fn is_blocking(&self, by: UserId, whom: UserId) -> bool {
        self.in_force().any(|block| block.blocker == by && block.blocked == whom)
    }

    fn has_room(&self, id: UserId) -> bool {
        (self.friends(id).count() as u64) < FRIENDS_MAX
    }

    fn between(&self, from: UserId, to: UserId) -> Option<&Request> {
        self.requests.values().find(|request| request.new.from == from && request.new.to == to)
    }

    fn befriend(&mut self, one: UserId, other: UserId, at: Timestamp) {
        self.friendships.extend([((one, other), at), ((other, one), at)]);
        let both = BTreeSet::from([one, other]);
        self.requests.retain(|_, request| BTreeSet::from([request.new.from, request.new.to]) != both);
    }

    fn unfriend(&mut self, one: UserId, other: UserId) -> bool {
        self.friendships.remove(&(other, one));
        self.friendships.remove(&(one, other)).is_some()
    }
}

#[async_trait]
impl RelationStore for MemoryStore {
    async fn relations(&self, id: UserId) -> Result<Relations, StoreError> {
        let kept = &self.state().relations;
        Ok(Relations {
            friends: kept.friends(id).collect(),
            blocks: kept.in_force().filter(|block| block.blocker == id).map(|block| block.blocked).collect(),
            blocked_by: kept
                .in_force()
                .filter(|block| block.blocked == id)
                .map(|block| block.blocker)
                .collect(),
        })
    }

    async fn friends(&self, id: UserId, slice: Slice) -> Result<Sliced<User>, StoreError> {
        let state = self.state();
        let friends: Vec<_> = state.relations.friends(id).map(|friend| (friend, ())).collect();
        Ok(cut(state.named(friends), slice, |(user, ())| user))
    }

    async fn request_friend(&self, request: &NewRequest) -> Result<Requested, StoreError> {
        let NewRequest { id, from, to, at } = *request;
        let mut state = self.state();
        let is_welcome = |id| state.users.get(&id).is_some_and(|user| !user.is_disabled);
        if from == to || !is_welcome(from) || !is_welcome(to) {
            return Ok(Requested::Unknown);
        }
        let kept = &mut state.relations;
        if kept.is_blocking(from, to) {
            return Ok(Requested::Blocking);
        }
        if kept.friendships.contains_key(&(from, to)) {
            return Ok(Requested::AlreadyFriends);
        }
        if let Some(old) = kept.between(from, to) {
            return Ok(Requested::Pending { id: old.new.id, created_at: old.new.at });
        }
        if kept.requests.values().filter(|request| request.new.from == from).count() as u64 >= REQUESTS_MAX {
            return Ok(Requested::TooMany);
        }
        if kept.between(to, from).is_some_and(|asked| !asked.is_muted) {
            if !kept.has_room(from) || !kept.has_room(to) {
                return Ok(Requested::TooMany);
            }
            kept.befriend(from, to, at);
            return Ok(Requested::Befriended);
        }
        let is_muted = kept.is_blocking(to, from);
        kept.requests.insert(id, Request { new: *request, is_muted });
        Ok(Requested::Pending { id, created_at: at })
    }

    async fn requests(
        &self,
        id: UserId,
        direction: Direction,
        slice: Slice,
    ) -> Result<Sliced<PendingRequest>, StoreError> {
        let state = self.state();
        let is_meant = |request: &&Request| match direction {
            Direction::Incoming => request.new.to == id && !request.is_muted,
            Direction::Outgoing => request.new.from == id,
        };
        let mut requests: Vec<_> = state.relations.requests.values().filter(is_meant).collect();
        requests.sort_by_key(|request| (std::cmp::Reverse(request.new.at), request.new.id));
        let rows = requests.into_iter().map(|Request { new, .. }| PendingRequest {
            id: new.id,
            from: state.users[&new.from].clone(),
            to: state.users[&new.to].clone(),
            created_at: new.at,
        });
        Ok(cut(rows.collect(), slice, |row| row))
    }

    async fn accept_request(&self, id: RequestId, by: UserId, at: Timestamp) -> Result<Accepted, StoreError> {
        let kept = &mut self.state().relations;
        let is_meant = |request: &&Request| request.new.to == by && !request.is_muted;
        let Some(from) = kept.requests.get(&id).filter(is_meant).map(|request| request.new.from) else {
            return Ok(Accepted::Gone);
        };
        if !kept.has_room(from) || !kept.has_room(by) {
            return Ok(Accepted::TooMany);
        }
        kept.befriend(from, by, at);
        Ok(Accepted::Befriended(from))
    }

    async fn drop_request(&self, id: RequestId, by: UserId) -> Result<bool, StoreError> {
        let requests = &mut self.state().relations.requests;
        let may = |request: &Request| request.new.from == by || request.new.to == by && !request.is_muted;
        Ok(requests.get(&id).is_some_and(may) && requests.remove(&id).is_some())
    }

    async fn unfriend(&self, one: UserId, other: UserId) -> Result<bool, StoreError> {
        Ok(self.state().relations.unfriend(one, other))
    }

    async fn block(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<Blocked, StoreError> {
        let mut state = self.state();
        if by == whom || !state.users.contains_key(&by) || !state.users.contains_key(&whom) {
            return Ok(Blocked::Unknown);
        }
        let kept = &mut state.relations;
        if kept.is_blocking(by, whom) {
            return Ok(Blocked::Already);
        }
        if kept.in_force().filter(|block| block.blocker == by).count() as u64 >= BLOCKS_MAX {
            return Ok(Blocked::TooMany);
        }
        kept.blocks.push(Block { blocker: by, blocked: whom, since: at, ended_at: None });
        kept.unfriend(by, whom);
        kept.requests.retain(|_, request| (request.new.from, request.new.to) != (by, whom));
        for request in kept.requests.values_mut() {
            request.is_muted |= (request.new.from, request.new.to) == (whom, by);
        }
        Ok(Blocked::Done)
    }

    async fn unblock(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<bool, StoreError> {
        let blocks = &mut self.state().relations.blocks;
        let found = blocks
            .iter_mut()
            .find(|block| block.ended_at.is_none() && (block.blocker, block.blocked) == (by, whom));
        Ok(found.map(|block| block.ended_at = Some(at)).is_some())
    }

    async fn blocks(&self, id: UserId, slice: Slice) -> Result<Sliced<(User, Timestamp)>, StoreError> {
        let state = self.state();
        let blocks = state.relations.in_force().filter(|block| block.blocker == id);
        let blocks = blocks.map(|block| (block.blocked, block.since)).collect();
        Ok(cut(state.named(blocks), slice, |row| row))
    }
}

#[async_trait]
impl WatchStore for MemoryStore {
    async fn watches(&self, watcher: UserId) -> Result<Vec<WatchOf>, StoreError> {
        let state = self.state();
        let mine = state.relations.watches.values().filter(|watch| watch.watcher == watcher);
        let named = state.named(mine.map(|watch| (watch.user, *watch)).collect());
        let row = |(user, watch): (User, WatchEntry)| WatchOf {
            user,
            is_repeat: watch.is_repeat,
            created_at: watch.at,
        };
        Ok(named.into_iter().map(row).collect())
    }

    async fn add_watch(&self, watch: &WatchEntry) -> Result<bool, StoreError> {
        let mut state = self.state();
        let (watcher, user) = (watch.watcher, watch.user);
        if watcher == user || !state.users.contains_key(&watcher) || !state.users.contains_key(&user) {
            return Ok(false);
        }
        let all = &mut state.relations.watches;
        if let Some(old) = all.get_mut(&(watcher, user)) {
            old.is_repeat = watch.is_repeat;
            return Ok(true);
        }
        if all.keys().filter(|(one, _)| *one == watcher).count() as u64 >= WATCHES_MAX {
            return Ok(false);
        }
        all.insert((watcher, user), *watch);
        Ok(true)
    }

    async fn remove_watch(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError> {
        Ok(self.state().relations.watches.remove(&(watcher, user)).is_some())
    }

    async fn take_notice(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError> {
        let all = &mut self.state().relations.watches;
        let Some(watch) = all.get(&(watcher, user)).copied() else { return Ok(false) };
        if !watch.is_repeat {
            all.remove(&(watcher, user));
        }
        Ok(true)
    }
}

impl State {
    /// People with something about each, by name.
    fn named<T>(&self, people: Vec<(UserId, T)>) -> Vec<(User, T)> {
        let mut named: Vec<_> =
            people.into_iter().filter_map(|(id, it)| Some((self.users.get(&id)?.clone(), it))).collect();
        named.sort_by(|(a, _), (b, _)| {
            (&a.profile.username, a.profile.user_id).cmp(&(&b.profile.username, b.profile.user_id))
        });
        named
    }
}

fn cut<T, R>(all: Vec<T>, slice: Slice, row: impl FnMut(T) -> R) -> Sliced<R> {
    let count = all.len() as u64;
    let rows = all.into_iter().skip(slice.offset as usize).take(slice.limit as usize).map(row).collect();
    Sliced { count, rows }
}
