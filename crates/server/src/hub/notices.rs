//! What the hub tells beside presence: who came and went, for the record.

use hereabouts_engine::UserIndex;
use hereabouts_protocol::{ActivityId, ActivityKind, Status, Timestamp};
use uuid::Uuid;

use super::HubLoop;
use crate::store::{ActivityEntry, AudienceThen};

impl HubLoop {
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
