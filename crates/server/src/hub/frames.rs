//! Encoding, once per class: ticks, snapshots and what was missed.

use std::collections::HashMap;
use std::num::NonZeroU16;

use bytes::Bytes;
use hereabouts_engine::{Engine, Tick, TickSeq, UserIndex, Viewer};
use hereabouts_protocol::{Presence, Reason, Scope, encode};
use hereabouts_websocket::{Opcode, write_frame_with};

use super::classes::Classes;
use crate::gateway::TickFrames;

/// Changes in one frame of v1: about 50 KB, so that no frame of a tick exceeds the 64 KiB that clients may send us.
const CHANGES_PER_FRAME: usize = 200;

/// The frames of a tick, for the classes that somebody is in.
pub(super) fn tick_frames(engine: &Engine, tick: &Tick, classes: &Classes) -> TickFrames {
    let mut frames = TickFrames { seq: tick.seq, ..TickFrames::default() };
    if classes.has_original() {
        let moved = tick.changes.iter().filter(|change| change.from.is_online() != change.to.is_online());
        frames.original = original(engine, moved.map(|change| change.user));
    }
    if classes.has_everyone() {
        let changes = tick.changes.iter().map(|change| (change.user, change.reason)).collect::<Vec<_>>();
        frames.everyone = diff(engine, Scope::Everyone, &changes);
    }
    for limit in classes.windows() {
        if let Some(changes) = tick.window_changes(limit.get().into()) {
            frames.windows.push((limit.get(), diff(engine, Scope::Window, &changes)));
        }
    }
    frames
}

/// For an original client that fell behind: the newest state of each person whose public state changed since.
pub(super) fn original_newest(engine: &Engine, since: TickSeq) -> Bytes {
    original(engine, engine.changed_since(since))
}

fn original(engine: &Engine, users: impl Iterator<Item = UserIndex>) -> Bytes {
    let mut out = Vec::new();
    for user in users {
        let presence = engine.since(user).is_some();
        let user_id = engine.profile(user).user_id;
        write_frame_with(&mut out, Opcode::Text, |out| encode::status_changed(out, user_id, presence));
    }
    out.into()
}

/// One or more `presence.diff` frames; one even when nothing changed, since the total did or somebody asked.
fn diff(engine: &Engine, scope: Scope, changes: &[(UserIndex, Reason)]) -> Bytes {
    let mut out = Vec::new();
    let mut chunks = changes.chunks(CHANGES_PER_FRAME);
    let first = chunks.next().unwrap_or_default();
    for chunk in std::iter::once(first).chain(chunks) {
        let presences: Vec<_> =
            chunk.iter().map(|(user, _)| engine.presence(*user, Viewer::Everyone)).collect();
        let changes = presences.iter().zip(chunk.iter().map(|(_, reason)| *reason));
        write_frame_with(&mut out, Opcode::Text, |out| encode::diff(out, scope, changes, engine.total()));
    }
    out.into()
}

/// Snapshots of the last tick, encoded when first asked for: a thousand who subscribe at once share one buffer.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    seq: TickSeq,
    everyone: Option<Bytes>,
    windows: HashMap<NonZeroU16, Bytes>,
}

impl Snapshots {
    /// Everybody.
    pub(super) fn everyone(&mut self, engine: &Engine) -> Bytes {
        self.renew(engine);
        self.everyone.get_or_insert_with(|| snapshot(engine, Scope::Everyone, engine.everyone())).clone()
    }

    /// The first `limit`.
    pub(super) fn window(&mut self, engine: &Engine, limit: NonZeroU16) -> Bytes {
        self.renew(engine);
        let encode = || snapshot(engine, Scope::Window, engine.window(limit.get().into()));
        self.windows.entry(limit).or_insert_with(encode).clone()
    }

    /// What changed after `since`, newest states only; `None` where a snapshot is shorter.
    pub(super) fn changed_since(engine: &Engine, since: TickSeq) -> Option<Bytes> {
        let n_worth_it = (engine.total() as usize / 2).max(CHANGES_PER_FRAME);
        let changes: Vec<_> = engine
            .changed_since(since)
            .take(n_worth_it + 1)
            .map(|user| (user, engine.last_reason(user)))
            .collect();
        (changes.len() <= n_worth_it).then(|| diff(engine, Scope::Everyone, &changes))
    }

    fn renew(&mut self, engine: &Engine) {
        if self.seq != engine.seq() {
            *self = Self { seq: engine.seq(), ..Self::default() };
        }
    }
}

fn snapshot(engine: &Engine, scope: Scope, users: impl Iterator<Item = UserIndex>) -> Bytes {
    let presences: Vec<Presence> = users.map(|user| engine.presence(user, Viewer::Everyone)).collect();
    let mut out = Vec::with_capacity(presences.len() * 260 + 64);
    write_frame_with(&mut out, Opcode::Text, |out| {
        encode::snapshot(out, scope, presences.iter(), engine.total());
    });
    out.into()
}
