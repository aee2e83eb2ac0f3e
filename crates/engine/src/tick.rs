//! What one flush published, and who must be told what.

use std::collections::BTreeMap;
use std::sync::Arc;

use hereabouts_protocol::{OwnCustomStatus, Reason, Status, Timestamp, UserId};

use crate::project::Relation;
use crate::{Person, Profile, UserIndex};

/// The most people a `window` shows: what each tick remembers of the order.
pub const WINDOW_LIMIT_MAX: usize = 200;

/// Counts flushes that published something; 0 = nothing published yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TickSeq(pub u64);

/// One person's public change, as everybody sees it for whom no exception holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Who.
    pub user: UserIndex,
    /// What was published before.
    pub from: Status,
    /// What is published now; the same as `from` where only the profile changed.
    pub to: Status,
    /// Why. `Joined` exactly where they came, `Closed` or `Lost` exactly where they left (or hid).
    pub reason: Reason,
}

/// What one flush published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Which.
    pub seq: TickSeq,
    /// How many people are present now, for everybody.
    pub total: u64,
    /// Each person's net change, ordered by [`UserIndex`]. Empty when only exceptional viewers see a change.
    pub changes: Vec<Transition>,
    /// Whose list of friends is another one now.
    pub friends_changed: Vec<UserIndex>,
    pub(crate) total_before: u64,
    /// The first [`WINDOW_LIMIT_MAX`] people before.
    pub(crate) window_before: Vec<UserIndex>,
    /// The first [`WINDOW_LIMIT_MAX`] people now.
    pub(crate) window_after: Vec<UserIndex>,
    /// Everybody of whom anything was published, ordered by [`UserIndex`]: what `changes` is made of, and the changes
    /// that only exceptional viewers see.
    pub(crate) moved: Vec<(UserIndex, Moved)>,
    /// What stood between a viewer and a person before this tick, where a rule of either changed.
    pub(crate) relations: BTreeMap<(UserId, UserIndex), Relation>,
}

/// Of whom something was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) before: Shown,
    /// Why their status or custom status is another one; `None` where only their rules are.
    pub(crate) reason: Option<Reason>,
}

/// Why somebody sees the change from one status to another, as far as it is theirs to know: a rule that hides is a close,
/// and one that shows is a join. `reason`: why the person's own status changed, if it did.
pub(crate) fn reason_seen(reason: Option<Reason>, from: Status, to: Status, relation: Relation) -> Reason {
    match (from.is_online(), to.is_online()) {
        (false, true) => Reason::Joined,
        (true, false) if relation.is_hiding() => Reason::Closed,
        (true, false) => reason.unwrap_or(Reason::Closed),
        (true, true) if from != to => reason.unwrap_or(Reason::Changed),
        _ => Reason::Changed,
    }
}

/// What was published of a person at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) status: Status,
    pub(crate) is_away_by_mode: bool,
    pub(crate) since: Option<Timestamp>,
    pub(crate) last_seen: Option<Timestamp>,
    pub(crate) custom: Option<Arc<OwnCustomStatus>>,
    pub(crate) version: u64,
    pub(crate) hidden_version: u64,
    pub(crate) person: Arc<Person>,
    pub(crate) profile: Arc<Profile>,
}

impl Tick {
    /// Of whom anything was published, whoever sees it: what a shell walks to find out whom to tell. Never empty.
    pub fn moved(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.moved.iter().map(|&(user, _)| user)
    }

    /// The viewers and people between whom a rule changed what may be seen.
    pub fn related(&self) -> impl Iterator<Item = (UserId, UserIndex)> + '_ {
        self.relations.keys().copied()
    }

    /// Who must be told to watchers of the first `limit` people (at most [`WINDOW_LIMIT_MAX`]), those who left first,
    /// then in the order of the window. `None` when neither that window nor the total changed.
    ///
    /// Somebody who moves up into the window comes with reason `Changed`; who left presence, with theirs. Who is
    /// merely pushed out is not mentioned: a watcher sorts by `since`, then id, and keeps the first `limit`.
    pub fn window_changes(&self, limit: usize) -> Option<Vec<(UserIndex, Reason)>> {
        let before = &self.window_before[..limit.min(self.window_before.len())];
        let after = &self.window_after[..limit.min(self.window_after.len())];
        let mut stood_before = before.to_vec();
        stood_before.sort_unstable();

        let left = before.iter().filter_map(|&user| {
            let change = self.change_of(user).filter(|change| !change.to.is_online())?;
            Some((user, change.reason))
        });
        let stand = after.iter().filter_map(|&user| match self.change_of(user) {
            Some(change) => Some((user, change.reason)),
            None => stood_before.binary_search(&user).is_err().then_some((user, Reason::Changed)),
        });
        let told: Vec<_> = left.chain(stand).collect();
        (!told.is_empty() || self.total != self.total_before).then_some(told)
    }

    fn change_of(&self, user: UserIndex) -> Option<&Transition> {
        self.changes.binary_search_by_key(&user, |change| change.user).ok().map(|at| &self.changes[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tick from window to window; `changes` are (user, from, to, reason).
    fn tick(before: &[u32], after: &[u32], changes: &[(u32, Status, Status, Reason)]) -> Tick {
        let users = |window: &[u32]| window.iter().copied().map(UserIndex).collect::<Vec<_>>();
        let transition = |&(user, from, to, reason)| Transition { user: UserIndex(user), from, to, reason };
        Tick {
            seq: TickSeq(1),
            total: after.len() as u64,
            changes: changes.iter().map(transition).collect(),
            total_before: before.len() as u64,
            window_before: users(before),
            window_after: users(after),
            friends_changed: Vec::new(),
            moved: Vec::new(),
            relations: BTreeMap::new(),
        }
    }

    fn told(tick: &Tick, limit: usize) -> Option<Vec<(u32, Reason)>> {
        let told = tick.window_changes(limit)?;
        Some(told.into_iter().map(|(user, reason)| (user.0, reason)).collect())
    }

    #[test]
    fn who_leaves_the_window_is_told_before_who_moves_up() {
        let tick = tick(&[7, 3, 5], &[7, 5], &[(3, Status::Online, Status::Offline, Reason::Lost)]);
        assert_eq!(told(&tick, 1), Some(vec![]));
        assert_eq!(told(&tick, 2), Some(vec![(3, Reason::Lost), (5, Reason::Changed)]));
        assert_eq!(told(&tick, 3), Some(vec![(3, Reason::Lost)]));
    }

    #[test]
    fn who_moves_up_and_changes_comes_once_with_their_own_reason() {
        let changes = [
            (3, Status::Online, Status::Offline, Reason::Closed),
            (5, Status::Online, Status::Away, Reason::Idle),
        ];
        let tick = tick(&[3, 5], &[5], &changes);
        assert_eq!(told(&tick, 1), Some(vec![(3, Reason::Closed), (5, Reason::Idle)]));
    }

    #[test]
    fn a_change_outside_the_window_is_nobodys_business_there() {
        let tick = tick(&[1, 2], &[1, 2], &[(2, Status::Away, Status::Online, Reason::Active)]);
        assert_eq!(told(&tick, 1), None);
        assert_eq!(told(&tick, 2), Some(vec![(2, Reason::Active)]));
    }

    #[test]
    fn the_total_alone_is_worth_an_empty_diff() {
        let tick = tick(&[1], &[1, 2], &[(2, Status::Offline, Status::Online, Reason::Joined)]);
        assert_eq!(told(&tick, 1), Some(vec![]));
        assert_eq!(told(&tick, 0), Some(vec![]));
    }

    #[test]
    fn who_is_pushed_out_is_not_mentioned() {
        let tick = tick(&[4], &[2, 4], &[(2, Status::Offline, Status::Online, Reason::Joined)]);
        assert_eq!(told(&tick, 1), Some(vec![(2, Reason::Joined)]));
    }
}
