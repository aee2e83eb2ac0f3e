//! Encoding, once per class: ticks, snapshots and what was missed.

use std::collections::HashMap;
use std::num::NonZeroU16;

use bytes::Bytes;
use hereabouts_engine::{Engine, Tick, TickSeq, UserIndex, Viewer};
use hereabouts_protocol::{Presence, Reason, Scope, UserId, encode};
use hereabouts_websocket::{Opcode, write_frame_with};

use super::circles::Circles;
use super::classes::Classes;
use super::viewers::Press;
use crate::gateway::{ClassFrames, TickFrames};

/// Changes in one frame of v1: about 50 KB, so that no frame of a tick exceeds the 64 KiB that clients may send us.
pub(super) const CHANGES_PER_FRAME: usize = 200;

/// The frames of a tick, for the classes that somebody is in, and for the viewers who need their own.
pub(super) fn tick_frames(engine: &Engine, tick: &Tick, classes: &Classes, circles: &Circles) -> TickFrames {
    let mut press = Press::new(engine, tick);
    TickFrames {
        seq: tick.seq,
        common: common(engine, tick, classes),
        viewers: press.viewers(classes, circles),
        sets: press.sets(circles),
    }
}

fn common(engine: &Engine, tick: &Tick, classes: &Classes) -> ClassFrames {
    let mut frames = ClassFrames::default();
    if tick.changes.is_empty() {
        return frames;
    }
    if classes.has_original() {
        let moved = tick.changes.iter().filter(|change| change.from.is_online() != change.to.is_online());
        frames.original = original(engine, moved.map(|change| (change.user, change.to.is_online())));
    }
    if classes.has_everyone() {
        let changes = tick.changes.iter().map(|change| (change.user, change.reason)).collect::<Vec<_>>();
        frames.everyone = diff(engine, Scope::Everyone, Viewer::Everyone, &changes);
    }
    for limit in classes.windows() {
        if let Some(changes) = tick.window_changes(limit.get().into()) {
            let frame = diff(engine, Scope::Window, Viewer::Everyone, &changes);
            frames.windows.push((limit.get(), frame));
        }
    }
    frames
}

/// For an original client that fell behind: the newest state of each person whose state changed for them since.
pub(super) fn original_newest(engine: &Engine, viewer: Viewer, since: TickSeq) -> Bytes {
    let users = changed_since(engine, viewer, since);
    original(engine, users.map(|user| (user, engine.view_by(user, viewer).status.is_online())))
}

/// Original clients' frames: who, and whether they are here.
pub(super) fn original(engine: &Engine, users: impl Iterator<Item = (UserIndex, bool)>) -> Bytes {
    let mut out = Vec::new();
    for (user, is_online) in users {
        let user_id = engine.profile(user).user_id;
        write_frame_with(&mut out, Opcode::Text, |out| encode::status_changed(out, user_id, is_online));
    }
    out.into()
}

/// One or more `presence.diff` frames; one even when nothing changed, since the total did or somebody asked.
fn diff(engine: &Engine, scope: Scope, viewer: Viewer, changes: &[(UserIndex, Reason)]) -> Bytes {
    let mut out = Vec::new();
    let mut chunks = changes.chunks(CHANGES_PER_FRAME);
    let first = chunks.next().unwrap_or_default();
    let total = engine.total_for(viewer);
    for chunk in std::iter::once(first).chain(chunks) {
        let presences: Vec<_> = chunk.iter().map(|(user, _)| seen_by(engine, *user, viewer)).collect();
        let changes = presences.iter().zip(chunk.iter().map(|(_, reason)| *reason));
        write_frame_with(&mut out, Opcode::Text, |out| encode::diff(out, scope, changes, total));
    }
    out.into()
}

/// On a socket people see themselves as everybody sees them; what only they may know, `me/` tells.
fn seen_by(engine: &Engine, user: UserIndex, viewer: Viewer) -> Presence {
    engine.presence(user, if viewer == Viewer::User(user) { Viewer::Everyone } else { viewer })
}

/// Snapshots of the last tick, encoded when first asked for: a thousand who subscribe at once share one buffer.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    seq: TickSeq,
    everyone: Option<Bytes>,
    windows: HashMap<NonZeroU16, Bytes>,
}

impl Snapshots {
    /// Everybody whom this viewer sees here.
    pub(super) fn everyone(&mut self, engine: &Engine, viewer: Viewer) -> Bytes {
        self.renew(engine);
        match exceptional(engine, viewer) {
            Some(user) => snapshot(engine, Scope::Everyone, viewer, engine.everyone_for(user)),
            None => self
                .everyone
                .get_or_insert_with(|| snapshot(engine, Scope::Everyone, Viewer::Everyone, engine.everyone()))
                .clone(),
        }
    }

    /// The first `limit` of them.
    pub(super) fn window(&mut self, engine: &Engine, viewer: Viewer, limit: NonZeroU16) -> Bytes {
        self.renew(engine);
        let n = limit.get().into();
        if let Some(user) = exceptional(engine, viewer) {
            return snapshot(engine, Scope::Window, viewer, engine.everyone_for(user).take(n));
        }
        let encode = || snapshot(engine, Scope::Window, Viewer::Everyone, engine.window(n));
        self.windows.entry(limit).or_insert_with(encode).clone()
    }

    /// What changed after `since`, newest states only; `None` where a snapshot is shorter.
    pub(super) fn changed_since(engine: &Engine, viewer: Viewer, since: TickSeq) -> Option<Bytes> {
        let n_worth_it = (engine.total() as usize / 2).max(CHANGES_PER_FRAME);
        let changes: Vec<_> = changed_since(engine, viewer, since)
            .take(n_worth_it + 1)
            .map(|user| (user, engine.last_reason_for(user, viewer)))
            .collect();
        (changes.len() <= n_worth_it).then(|| diff(engine, Scope::Everyone, viewer, &changes))
    }

    fn renew(&mut self, engine: &Engine) {
        if self.seq != engine.seq() {
            *self = Self { seq: engine.seq(), ..Self::default() };
        }
    }
}

/// The viewer, if what everybody sees may be wrong for them.
fn exceptional(engine: &Engine, viewer: Viewer) -> Option<UserIndex> {
    match viewer {
        Viewer::User(user) if engine.is_special(user) => Some(user),
        _ => None,
    }
}

fn changed_since(
    engine: &Engine,
    viewer: Viewer,
    since: TickSeq,
) -> Box<dyn Iterator<Item = UserIndex> + '_> {
    match exceptional(engine, viewer) {
        Some(user) => Box::new(engine.changed_for(user, since)),
        None => Box::new(engine.changed_since(since)),
    }
}

/// A snapshot of some people, absent ones too: who is here by `since`, then id, and then the others by id.
pub(super) fn circle_snapshot(engine: &Engine, scope: Scope, viewer: Viewer, ids: &[UserId]) -> Bytes {
    let mut presences: Vec<_> = known(engine, ids).map(|user| seen_by(engine, user, viewer)).collect();
    presences.sort_by_key(|presence| (presence.since.is_none(), presence.since, presence.user_id));
    let total = presences.iter().filter(|presence| presence.is_online).count() as u64;
    let mut out = Vec::with_capacity(presences.len() * 260 + 64);
    write_frame_with(&mut out, Opcode::Text, |out| encode::snapshot(out, scope, presences.iter(), total));
    out.into()
}

/// How many of some people this viewer sees here.
pub(super) fn n_here(engine: &Engine, viewer: Viewer, ids: &[UserId]) -> u64 {
    let is_here = |&user: &UserIndex| {
        let viewer = if viewer == Viewer::User(user) { Viewer::Everyone } else { viewer };
        engine.view_by(user, viewer).status.is_online()
    };
    known(engine, ids).filter(is_here).count() as u64
}

/// Those who exist, as far as they are loaded.
fn known<'a>(engine: &'a Engine, ids: &'a [UserId]) -> impl Iterator<Item = UserIndex> + 'a {
    let users = ids.iter().filter_map(|&id| engine.user(id));
    users.filter(|&user| engine.is_loaded(user) && engine.is_somebody(user))
}

fn snapshot(engine: &Engine, scope: Scope, viewer: Viewer, users: impl Iterator<Item = UserIndex>) -> Bytes {
    let presences: Vec<Presence> = users.map(|user| seen_by(engine, user, viewer)).collect();
    let mut out = Vec::with_capacity(presences.len() * 260 + 64);
    write_frame_with(&mut out, Opcode::Text, |out| {
        encode::snapshot(out, scope, presences.iter(), engine.total_for(viewer));
    });
    out.into()
}
