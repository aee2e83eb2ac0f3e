//! What the next flush will publish of a user.

use std::sync::Arc;

use hereabouts_protocol::{Reason, Status, Timestamp};

use crate::user::Record;
use crate::{Profile, TickSeq, Transition, UserIndex};

/// The difference between what is true of a user and what is published of them. Exists only while there is one.
#[derive(Debug)]
pub(crate) struct Pending {
    raw: Status,
    /// When `raw` became what it is.
    at: Timestamp,
    /// When the difference began. Of somebody published as absent: when they came, since leaving again ends it.
    began_at: Timestamp,
    /// Why they last left.
    ending: Reason,
    /// Differs from the published one.
    profile: Option<Arc<Profile>>,
}

impl Pending {
    /// No difference yet.
    pub(crate) const fn none(published: Status, now: Timestamp) -> Self {
        Self { raw: published, at: now, began_at: now, ending: Reason::Closed, profile: None }
    }

    /// Takes over the newest raw status; `ending` is why, in case it is the end of the presence.
    pub(crate) fn set_raw(&mut self, raw: Status, now: Timestamp, ending: Reason) {
        if raw == self.raw {
            return;
        }
        if !raw.is_online() {
            self.ending = ending;
        }
        self.raw = raw;
        self.at = now;
    }

    /// Takes over the newest profile.
    pub(crate) fn set_profile(&mut self, profile: Arc<Profile>, published: &Profile) {
        self.profile = (*profile != *published).then_some(profile);
    }

    /// Nothing anybody could see differs any more. The profile of somebody absent waits for their next appearance.
    pub(crate) fn is_settled(&self, published: Status) -> bool {
        let same_profile = self.profile.is_none() || !published.is_online();
        self.raw == published && same_profile
    }

    /// Makes it public.
    pub(crate) fn publish(
        self,
        user: UserIndex,
        record: &mut Record,
        seq: TickSeq,
        now: Timestamp,
    ) -> Transition {
        let (from, to) = (record.status, self.raw);
        let reason = self.reason(from);
        match (from.is_online(), to.is_online()) {
            (false, true) => record.moved_at = self.began_at,
            (true, false) => record.moved_at = now,
            _ => {}
        }
        if from != to {
            record.last_seen = if to.is_online() { self.at } else { record.last_frame_at };
        }
        if let Some(profile) = self.profile {
            record.profile = profile;
        }
        record.status = to;
        record.version += 1;
        record.changed_in = seq;
        record.last_reason = reason;
        Transition { user, from, to, reason }
    }

    /// Why the published state goes from `from` to this one, whatever happened in between.
    fn reason(&self, from: Status) -> Reason {
        match (from.is_online(), self.raw.is_online()) {
            (false, true) => Reason::Joined,
            (true, false) => self.ending,
            _ if from == self.raw => Reason::Changed,
            _ if self.raw == Status::Away => Reason::Idle,
            _ => Reason::Active,
        }
    }
}
