//! What a tick brings to those for whom the frames for everybody are wrong or not enough. An entry that they see as
//! everybody does is encoded once and put into each of their frames.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use hereabouts_engine::{Engine, Tick, Told, UserIndex, Viewer};
use hereabouts_protocol::{Reason, Scope, UserId, encode};
use hereabouts_websocket::{Opcode, write_frame_with};

use super::circles::Circles;
use super::classes::Classes;
use super::frames::{self, CHANGES_PER_FRAME};
use crate::gateway::{ClassFrames, ConnectionId, ViewerFrames};

/// What makes two diffs of common entries equal: scope, entries, total.
type DiffKey = (Scope, Vec<(UserIndex, Reason)>, u64);

/// Encoded entries, and whole frames that several viewers share.
pub(super) struct Press<'a> {
    engine: &'a Engine,
    tick: &'a Tick,
    entries: HashMap<(UserIndex, Reason), Bytes>,
    diffs: HashMap<DiffKey, Bytes>,
}

impl<'a> Press<'a> {
    pub(super) fn new(engine: &'a Engine, tick: &'a Tick) -> Self {
        Self { engine, tick, entries: HashMap::new(), diffs: HashMap::new() }
    }

    /// The frames of all viewers who need their own.
    pub(super) fn viewers(
        &mut self,
        classes: &Classes,
        circles: &Circles,
    ) -> HashMap<UserIndex, ViewerFrames> {
        let mut viewers: HashMap<UserIndex, ViewerFrames> = HashMap::new();
        for viewer in self.engine.special_viewers().collect::<Vec<_>>() {
            viewers.entry(viewer).or_default().exceptional = Some(self.exceptional(viewer, classes));
        }
        for (viewer, users) in circles.friends_concerned(self.engine, self.tick) {
            let friends = &self.engine.person(viewer).friends;
            let frames = self.circle(Scope::Friends, Viewer::User(viewer), &users, friends);
            viewers.entry(viewer).or_default().friends = frames;
        }
        // Whose friends are other people now gets all of them anew.
        for &viewer in self.tick.friends_changed.iter().filter(|&&viewer| circles.is_watching_friends(viewer))
        {
            let friends = &self.engine.person(viewer).friends;
            let frames = frames::circle_snapshot(self.engine, Scope::Friends, Viewer::User(viewer), friends);
            viewers.entry(viewer).or_default().friends = frames;
        }
        viewers
    }

    /// The frames of the connections that watch a set of people.
    pub(super) fn sets(&mut self, circles: &Circles) -> HashMap<ConnectionId, Bytes> {
        let concerned = circles.sets_concerned(self.engine, self.tick);
        let frames = concerned.into_iter().filter_map(|(connection, users)| {
            let set = circles.set(connection)?;
            let frames = self.circle(Scope::Users, set.viewer, &users, &set.ids);
            (!frames.is_empty()).then_some((connection, frames))
        });
        frames.collect()
    }

    fn exceptional(&mut self, viewer: UserIndex, classes: &Classes) -> ClassFrames {
        let told = self.engine.told(self.tick, viewer);
        let seen_by = Viewer::User(viewer);
        let mut frames = ClassFrames::default();
        if classes.has_original() {
            let moved = told.iter().filter(|told| told.from.is_online() != told.to.is_online());
            frames.original =
                frames::original(self.engine, moved.map(|told| (told.user, told.to.is_online())));
        }
        if classes.has_everyone() && !told.is_empty() {
            let changes: Vec<_> = told.iter().map(|told| (told.user, told.reason)).collect();
            frames.everyone = self.diff(Scope::Everyone, seen_by, changes, &told);
        }
        for limit in classes.windows() {
            let changes = self.engine.told_window(self.tick, viewer, &told, limit.get().into());
            let changes = changes.map(|changes| self.diff(Scope::Window, seen_by, changes, &told));
            frames.windows.extend(changes.map(|frames| (limit.get(), frames)));
        }
        frames
    }

    /// What changed for a viewer among some people, absent ones too; nothing when they see no change.
    fn circle(&mut self, scope: Scope, viewer: Viewer, users: &BTreeSet<UserIndex>, ids: &[UserId]) -> Bytes {
        let told: Vec<_> =
            users.iter().filter_map(|&user| self.engine.told_one(self.tick, viewer, user)).collect();
        if told.is_empty() {
            return Bytes::new();
        }
        let total = frames::n_here(self.engine, viewer, ids);
        let changes: Vec<_> = told.iter().map(|told| (told.user, told.reason)).collect();
        self.print(scope, viewer, &changes, total)
    }

    /// A diff of what one viewer sees; the same bytes for all who see the same.
    fn diff(
        &mut self,
        scope: Scope,
        viewer: Viewer,
        changes: Vec<(UserIndex, Reason)>,
        told: &[Told],
    ) -> Bytes {
        let total = self.engine.total_for(viewer);
        if !told.iter().all(|told| told.is_common) {
            return self.print(scope, viewer, &changes, total);
        }
        let key = (scope, changes, total);
        if let Some(frames) = self.diffs.get(&key) {
            return frames.clone();
        }
        let frames = self.print(scope, viewer, &key.1, total);
        self.diffs.insert(key, frames.clone());
        frames
    }

    fn print(&mut self, scope: Scope, viewer: Viewer, changes: &[(UserIndex, Reason)], total: u64) -> Bytes {
        let mut out = Vec::new();
        let mut chunks = changes.chunks(CHANGES_PER_FRAME);
        let first = chunks.next().unwrap_or_default();
        for chunk in std::iter::once(first).chain(chunks) {
            let entries: Vec<Bytes> =
                chunk.iter().map(|&(user, reason)| self.entry(viewer, user, reason)).collect();
            write_frame_with(&mut out, Opcode::Text, |out| {
                encode::diff_of(out, scope, entries.iter().map(|entry| &entry[..]), total);
            });
        }
        out.into()
    }

    fn entry(&mut self, viewer: Viewer, user: UserIndex, reason: Reason) -> Bytes {
        let engine = self.engine;
        let encode = |viewer| {
            let mut entry = Vec::new();
            encode::change(&mut entry, &engine.presence(user, viewer), reason);
            Bytes::from(entry)
        };
        if !engine.is_common(viewer, user) {
            // Also of themselves: a socket shows people to others and to themselves alike.
            return encode(viewer);
        }
        self.entries.entry((user, reason)).or_insert_with(|| encode(Viewer::Everyone)).clone()
    }
}
