//! What the next flush will publish of a user.

use std::sync::Arc;

use hereabouts_protocol::{Reason, Status, Timestamp};

use crate::Profile;
use crate::user::Record;

/// The difference between what is true of a user and what is published of them. Exists only while there is one.
#[derive(Debug)]
pub(crate) struct Pending {
    status: Status,
    /// When `status` became what it is.
    at: Timestamp,
    /// When the difference began. Of somebody published as absent: when they came, since leaving again ends it.
    began_at: Timestamp,
    /// Why they last left.
    ending: Reason,
    /// Why the status of somebody present is another one: what they do, or what they chose.
    is_by_mode: bool,
    /// Differs from the published one.
    profile: Option<Arc<Profile>>,
}

impl Pending {
    /// No difference yet.
    pub(crate) const fn none(published: Status, now: Timestamp) -> Self {
        Self {
            status: published,
            at: now,
            began_at: now,
            ending: Reason::Closed,
            is_by_mode: false,
            profile: None,
        }
    }

    /// Takes over the newest status; `ending` is why, in case it is the end of the presence.
    pub(crate) fn set_status(&mut self, status: Status, now: Timestamp, ending: Reason) {
        if status == self.status {
            return;
        }
        if !status.is_online() {
            self.ending = ending;
        }
        self.status = status;
        self.at = now;
    }

    /// Takes over whether a mode makes the difference.
    pub(crate) fn set_by_mode(&mut self, is_by_mode: bool) {
        self.is_by_mode = is_by_mode;
    }

    /// Takes over the newest profile.
    pub(crate) fn set_profile(&mut self, profile: Arc<Profile>, published: &Profile) {
        self.profile = (*profile != *published).then_some(profile);
    }

    /// Nothing anybody could see differs any more, the custom status apart. The profile of somebody absent waits for
    /// their next appearance.
    pub(crate) fn is_settled(&self, published: Status) -> bool {
        let same_profile = self.profile.is_none() || !published.is_online();
        self.status == published && same_profile
    }

    /// The status it will publish.
    pub(crate) const fn status(&self) -> Status {
        self.status
    }

    /// Makes it public, and says why.
    pub(crate) fn publish(self, record: &mut Record, now: Timestamp) -> Reason {
        let (from, to) = (record.status, self.status);
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
        record.last_reason = reason;
        reason
    }

    /// Why the published state goes from `from` to this one, whatever happened in between.
    fn reason(&self, from: Status) -> Reason {
        match (from.is_online(), self.status.is_online()) {
            (false, true) => Reason::Joined,
            (true, false) => self.ending,
            _ if from == self.status || self.is_by_mode => Reason::Changed,
            _ if self.status == Status::Away => Reason::Idle,
            _ => Reason::Active,
        }
    }
}
