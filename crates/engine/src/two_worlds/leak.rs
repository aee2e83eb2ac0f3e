//! Leaks on purpose, one per class: with any of them the two worlds must differ, or the test of them proves nothing.

use std::sync::Arc;
use std::time::Duration;

use hereabouts_protocol::{Mode, Reason, Status, Timestamp};

use crate::engine::Deadline;
use crate::pending::Pending;
use crate::tick::Shown;
use crate::{Effect, Engine, UserIndex};

/// A leak that a test can switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leak {
    /// Who hides is shown as away.
    Status,
    /// The last-seen time follows what the hidden do.
    LastSeen,
    /// What the hidden write about themselves is shown.
    CustomStatus,
    /// Hiding has a reason of its own.
    Reason,
    /// The total counts the hidden.
    Total,
    /// The version counts what the hidden do.
    Version,
    /// Hiding takes effect later than a sign-out.
    Delay,
    /// Whoever waits for somebody is told of a hidden coming.
    Alert,
    /// The activity log has a row for what the hidden do.
    Activity,
    /// Something that ends in hiding is told.
    Expiry,
    /// A new session of somebody hidden shows for a moment.
    Flash,
    /// A resume tells of whom nothing changed.
    Resume,
}

impl Leak {
    pub(crate) const ALL: [Self; 12] = [
        Self::Status,
        Self::LastSeen,
        Self::CustomStatus,
        Self::Reason,
        Self::Total,
        Self::Version,
        Self::Delay,
        Self::Alert,
        Self::Activity,
        Self::Expiry,
        Self::Flash,
        Self::Resume,
    ];
}

/// What the engine calls, in builds of these tests only, where a leak of the kind would be.
impl Engine {
    fn leaks(&self, leak: Leak) -> bool {
        self.leak == Some(leak)
    }

    fn hides(&self, user: UserIndex) -> bool {
        let raw = self.users.get(user).raw();
        let mode = self.people.get(user).map(|own| own.next.mode_at(self.now));
        raw.is_online() && mode == Some(Mode::Invisible)
    }

    /// In `true_status`.
    pub(crate) fn leaky_status(&self, user: UserIndex, status: Status) -> Status {
        if self.leaks(Leak::Status) && self.hides(user) { Status::Away } else { status }
    }

    /// In `shown`.
    pub(crate) fn leaky_shown(&self, user: UserIndex, mut shown: Shown) -> Shown {
        let (record, own) = (self.users.get(user), self.people.get(user));
        let is_offline = !shown.status.is_online();
        if self.leaks(Leak::LastSeen) && is_offline {
            shown.last_seen = Some(record.last_frame_at);
        }
        if self.leaks(Leak::Version) {
            shown.version += own.map_or(0, |own| own.epoch);
        }
        if self.leaks(Leak::CustomStatus) && is_offline {
            shown.custom = own.and_then(|own| own.next.custom_at(self.now).cloned()).map(Arc::new);
        }
        shown
    }

    /// In `total`.
    pub(crate) fn leaky_total(&self, total: u64) -> u64 {
        if self.leaks(Leak::Total) { total + self.sessions.n_live() as u64 } else { total }
    }

    /// In `decide`: why somebody leaves.
    pub(crate) fn leaky_ending(&self) -> Reason {
        if self.leaks(Leak::Reason) { Reason::Lost } else { Reason::Closed }
    }

    /// In `settle`: when what a user decided may be published.
    pub(crate) fn leaky_free_at(&self, user: UserIndex, free_at: Timestamp) -> Timestamp {
        let is_late = self.leaks(Leak::Delay) && self.hides(user);
        if is_late { self.now + Duration::from_millis(400) } else { free_at }
    }

    /// At the end of `settle`.
    pub(crate) fn leak_settled(&mut self, user: UserIndex) {
        if self.leaks(Leak::Resume) && self.hides(user) {
            self.users.get_mut(user).changed_in = self.seq;
            self.orders.touch(user);
        }
    }

    /// In `look`: something has ended.
    pub(crate) fn leak_end(&mut self, user: UserIndex) {
        if self.leaks(Leak::Expiry) && self.hides(user) {
            self.pending.insert(user, Pending::none(self.users.get(user).status, self.now));
        }
    }

    /// In `open`.
    pub(crate) fn leak_opened(&mut self, user: UserIndex, out: &mut Vec<Effect>) {
        if !self.hides(user) {
            return;
        }
        let user_id = self.users.get(user).profile.user_id;
        if self.leaks(Leak::Alert) {
            for watcher in self.alerts.watchers(user_id) {
                let watcher = self.users.find(watcher).expect("whoever waits is known");
                out.push(Effect::WatchFired { watcher, target: user, repeats: true });
            }
        }
        if self.leaks(Leak::Activity) {
            let (from, to, reason) = (Status::Offline, Status::Online, Reason::Joined);
            out.push(Effect::Activity { user, from, to, reason, at: self.now, version: 0 });
        }
        if self.leaks(Leak::Flash) {
            let mut pending = Pending::none(Status::Offline, self.now);
            pending.set_status(Status::Online, self.now, Reason::Closed);
            self.pending.insert(user, pending);
            self.deadlines.insert((self.now + Duration::from_millis(1), Deadline::Look(user)));
        }
    }
}
