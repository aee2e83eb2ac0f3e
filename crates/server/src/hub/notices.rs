//! What the hub tells beside presence: who came and went, for the record and for those who wait.

use hereabouts_engine::UserIndex;
use hereabouts_protocol::{ActivityId, ActivityKind, Status, Timestamp, UserId};
use uuid::Uuid;

use super::HubLoop;
use crate::store::{ActivityEntry, AudienceThen};

/// Somebody came for whom somebody waits.
#[derive(Clone, Copy, Debug)]
pub struct WatchNotice {
    /// Who waits.
    pub watcher: UserId,
    /// Who came.
    pub target: UserId,
}

impl HubLoop {
    /// Has the watcher told. What is kept of the watch decides once more, so the hub does not wait for it.
    pub(super) fn note_arrival(&self, watcher: UserIndex, target: UserIndex) {
        let id = |user| self.engine.profile(user).user_id;
        let notice = WatchNotice { watcher: id(watcher), target: id(target) };
        // The task that gives notices lives as long as the process serves.
        let _ = self.world.notices.send(notice);
    }

    /// Writes a row of the activity log, with the rules of this moment.
    pub(super) fn note_activity(
        &self,
        user: UserIndex,
        (from, to): (Status, Status),
        at: Timestamp,
        version: u64,
    ) {
        let Some(kind) = ActivityKind::of(from, to) else { return };
        self.world.writer.happened(ActivityEntry {
            id: ActivityId(Uuid::new_v4()),
            user_id: self.engine.profile(user).user_id,
            kind,
            status: to,
            at: self.world.clock.at_rest(at),
            version,
            session_id: None,
            audience: AudienceThen::of(&self.engine.person(user).privacy),
        });
    }
}
