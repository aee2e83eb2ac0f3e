//! The people online as of the last tick, in the contract's order: by public `since`, then id.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::RandomState;
use std::sync::{Arc, PoisonError, RwLock};

use hereabouts_engine::{Profile, UserIndex};
use hereabouts_protocol::{Timestamp, UserId};

use super::chunk::{CHUNK_LEN_MAX, Chunk};
use super::page::{self, Page, PageRequest};
use super::places::Places;
use super::seen::SeenTable;

/// One person of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Since when they are here: their place in the order.
    pub since: Timestamp,
    /// Where their last-seen time stands.
    pub user: UserIndex,
    /// Who they are.
    pub profile: Arc<Profile>,
}

/// The shared, published view: written by the hub at each flush, read by every handler.
#[derive(Debug, Default)]
pub struct OnlineView {
    people: RwLock<People>,
    seen: Arc<SeenTable>,
    hasher: RandomState,
}

/// The list in chunks, and where each person stands in its order.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) chunks: Vec<Arc<Chunk>>,
    places: Places,
    /// Those who are here, but not for everybody; in the same order.
    pub(super) limited: BTreeMap<(Timestamp, UserId), Row>,
    limited_since: HashMap<UserId, Timestamp>,
    /// The viewers who see something else than everybody.
    exceptions: HashMap<UserId, Arc<Exceptions>>,
    /// Viewers without a connection whose decisions are known.
    known: HashSet<UserId>,
}

/// What one viewer sees that others do not, or does not see that others do.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Exceptions {
    /// They see nobody but whom `sees` names.
    pub is_withdrawn: bool,
    /// Whether they see this person.
    pub sees: HashMap<UserId, bool>,
}

impl Exceptions {
    /// Whether they see somebody who is here, whether for everybody or not.
    pub(super) fn shows(&self, user_id: UserId, is_limited: bool) -> bool {
        self.sees.get(&user_id).copied().unwrap_or(!self.is_withdrawn && !is_limited)
    }
}

/// What a flush does to one person: their row, or none any more.
#[derive(Debug)]
pub enum RowChange {
    /// They are here (new, or with a changed profile).
    Present(Row),
    /// They are here, and not for everybody.
    Limited(Row),
    /// They are gone.
    Gone(UserId),
}

impl OnlineView {
    /// When each user was last heard of.
    pub fn seen(&self) -> &Arc<SeenTable> {
        &self.seen
    }

    /// Whether this person is published as present.
    pub fn is_online(&self, user_id: UserId) -> bool {
        self.read().since(user_id).is_some()
    }

    /// Where this person stands in the order, if this viewer sees them here.
    pub fn place(&self, viewer: UserId, user_id: UserId) -> Option<(Timestamp, UserId)> {
        self.read().place(viewer, user_id)
    }

    /// Whether what this viewer decided is known here.
    pub fn knows(&self, viewer: UserId) -> bool {
        let people = self.read();
        people.since(viewer).is_some() || people.known.contains(&viewer)
    }

    /// How many are published as present.
    pub fn total(&self) -> usize {
        self.read().len()
    }

    /// One page of the list for one viewer.
    pub fn page(&self, request: &PageRequest) -> Page {
        let selection = page::select(&self.read(), request);
        Page::new(selection, &self.seen, &self.hasher)
    }

    /// Publishes what a flush changed: people, and what viewers see of them (`None`: what everybody sees). Readers see all
    /// of it or nothing.
    pub fn publish(
        &self,
        changes: impl Iterator<Item = RowChange>,
        exceptions: impl Iterator<Item = (UserId, Option<Exceptions>)>,
    ) {
        let mut people = self.write();
        for change in changes {
            match change {
                RowChange::Present(row) => people.insert(row),
                RowChange::Limited(row) => people.insert_limited(row),
                RowChange::Gone(user_id) => people.remove(user_id),
            }
        }
        for (viewer, exceptions) in exceptions {
            match exceptions {
                Some(exceptions) => people.exceptions.insert(viewer, Arc::new(exceptions)),
                None => people.exceptions.remove(&viewer),
            };
        }
    }

    /// What these viewers decided is known from now on.
    pub fn note_known(&self, viewers: impl Iterator<Item = UserId>) {
        self.write().known.extend(viewers);
    }

    /// This person is not known here any more.
    pub fn forget(&self, user_id: UserId) {
        self.write().known.remove(&user_id);
    }

    /// Calls `visit` for each person of every chunk whose number is `slice` modulo `n_slices`: a slow walk over
    /// everybody in steps of equal size.
    pub fn visit_slice(&self, slice: usize, n_slices: usize, mut visit: impl FnMut(&Row)) {
        let chunks: Vec<_> = self.read().chunks.iter().skip(slice).step_by(n_slices).cloned().collect();
        chunks.iter().flat_map(|chunk| chunk.rows()).for_each(&mut visit);
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, People> {
        self.people.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, People> {
        self.people.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl People {
    fn insert(&mut self, row: Row) {
        self.remove(row.profile.user_id);
        self.places.insert(row.profile.user_id, row.since);
        let at = self.chunk_for(row.key());
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(Arc::new(Chunk::new(vec![row])));
            return;
        };
        let rows = Arc::make_mut(chunk).rows_mut();
        let place = rows.partition_point(|other| other.key() < row.key());
        rows.insert(place, row);
        if rows.len() > CHUNK_LEN_MAX {
            self.split(at);
        }
    }

    fn insert_limited(&mut self, row: Row) {
        self.remove(row.profile.user_id);
        self.limited_since.insert(row.profile.user_id, row.since);
        self.limited.insert(row.key(), row);
    }

    fn remove(&mut self, user_id: UserId) {
        if let Some(since) = self.limited_since.remove(&user_id) {
            self.limited.remove(&(since, user_id));
        }
        let chunks = &self.chunks;
        let holds = |since| holds(chunks, (since, user_id));
        let Some(since) = self.places.remove(user_id, holds) else { return };
        let at = self.chunk_for((since, user_id));
        let rows = Arc::make_mut(&mut self.chunks[at]).rows_mut();
        let place = rows.partition_point(|row| row.key() < (since, user_id));
        rows.remove(place);
        if rows.is_empty() {
            self.chunks.remove(at);
        }
    }

    /// How many people are here.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Since when this person is here, if they are.
    pub(super) fn since(&self, user_id: UserId) -> Option<Timestamp> {
        self.places.get(user_id, |since| holds(&self.chunks, (since, user_id)))
    }

    /// What this viewer sees otherwise than everybody.
    pub(super) fn exceptions(&self, viewer: UserId) -> Option<&Arc<Exceptions>> {
        self.exceptions.get(&viewer)
    }

    /// Where somebody stands, if this viewer sees them here.
    pub(super) fn place(&self, viewer: UserId, user_id: UserId) -> Option<(Timestamp, UserId)> {
        let limited = self.limited_since.get(&user_id).copied();
        let since = limited.or_else(|| self.since(user_id))?;
        let is_seen = match self.exceptions(viewer) {
            _ if viewer == user_id => true,
            Some(exceptions) => exceptions.shows(user_id, limited.is_some()),
            None => limited.is_none(),
        };
        is_seen.then_some((since, user_id))
    }

    /// Whether somebody is here, and not for everybody.
    pub(super) fn is_limited(&self, user_id: UserId) -> bool {
        self.limited_since.contains_key(&user_id)
    }

    /// The row with this key and where it stands: in a chunk of the list, or one of its own.
    pub(super) fn row(&self, key: (Timestamp, UserId)) -> Option<(Arc<Chunk>, usize)> {
        if let Some(row) = self.limited.get(&key) {
            return Some((Arc::new(Chunk::new(vec![row.clone()])), 0));
        }
        let chunk = self.chunks.get(self.chunk_for(key))?;
        let at = chunk.rows().binary_search_by_key(&key, Row::key).ok()?;
        Some((Arc::clone(chunk), at))
    }

    /// The chunk that holds this key, or would.
    pub(super) fn chunk_for(&self, key: (Timestamp, UserId)) -> usize {
        chunk_for(&self.chunks, key)
    }

    /// People mostly come at the end, so a full last chunk is left full and a new one begun.
    fn split(&mut self, at: usize) {
        let is_last = at + 1 == self.chunks.len();
        let rows = Arc::make_mut(&mut self.chunks[at]).rows_mut();
        let upper = rows.split_off(if is_last { CHUNK_LEN_MAX } else { CHUNK_LEN_MAX / 2 });
        // Growth doubled the room for the one row too many.
        rows.shrink_to_fit();
        self.chunks.insert(at + 1, Arc::new(Chunk::new(upper)));
    }
}

/// The last chunk whose first row is not above `key`.
fn chunk_for(chunks: &[Arc<Chunk>], key: (Timestamp, UserId)) -> usize {
    let not_above = |chunk: &Arc<Chunk>| chunk.rows().first().is_some_and(|row| row.key() <= key);
    chunks.partition_point(not_above).saturating_sub(1)
}

/// Whether there is a row with exactly this key.
fn holds(chunks: &[Arc<Chunk>], key: (Timestamp, UserId)) -> bool {
    let chunk = chunks.get(chunk_for(chunks, key));
    chunk.is_some_and(|chunk| chunk.rows().binary_search_by_key(&key, Row::key).is_ok())
}
