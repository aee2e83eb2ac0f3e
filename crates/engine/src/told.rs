//! What a tick tells one viewer for whom the frames for everybody may be wrong. The same rules as for everybody, with
//! the viewer's own view before and after: what they do not see change, they are not told.

use std::collections::BTreeSet;

use hereabouts_protocol::{Reason, Status, Timestamp, UserId};

use crate::project::{Relation, Viewer};
use crate::tick::{Shown, reason_seen};
use crate::{Engine, Tick, UserIndex};

/// One change, as one viewer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub user: UserIndex,
    /// What the viewer saw before.
    pub from: Status,
    /// What they see now.
    pub to: Status,
    /// Why, as far as it is theirs to know.
    pub reason: Reason,
    /// What they see now is what everybody sees: one encoding serves all.
    pub is_common: bool,
}

impl Engine {
    /// What changed for `viewer` of those who are or were here: in the order of [`Tick::changes`].
    pub fn told(&self, tick: &Tick, viewer: UserIndex) -> Vec<Told> {
        let viewer_id = self.users.get(viewer).profile.user_id;
        let users = Self::concerned(tick, viewer_id);
        let told = users.into_iter().filter_map(|user| self.told_of(tick, viewer_id, user));
        told.filter(|told| told.from.is_online() || told.to.is_online()).collect()
    }

    /// What changed for `viewer` of one person, absent or not.
    pub fn told_one(&self, tick: &Tick, viewer: Viewer, user: UserIndex) -> Option<Told> {
        match viewer {
            Viewer::User(viewer) => self.told_of(tick, self.users.get(viewer).profile.user_id, user),
            Viewer::Everyone => {
                let after = self.shown(user);
                let before = tick.before(user).unwrap_or(&after);
                self.told_between(tick, user, before.to_everyone(), after.to_everyone())
            }
        }
    }

    /// The same as [`Tick::window_changes`] for one viewer: `told` is what [`Engine::told`] gave for them.
    pub fn told_window(
        &self,
        tick: &Tick,
        viewer: UserIndex,
        told: &[Told],
        limit: usize,
    ) -> Option<Vec<(UserIndex, Reason)>> {
        let after: Vec<_> = self.everyone_for(viewer).take(limit + told.len()).collect();
        let before = self.window_before(tick, told, &after, limit);
        let change_of =
            |user| told.binary_search_by_key(&user, |told: &Told| told.user).ok().map(|at| &told[at]);
        let left = before.iter().filter_map(|&user| {
            let change = change_of(user).filter(|change| !change.to.is_online())?;
            Some((user, change.reason))
        });
        let stand = after.iter().take(limit).filter_map(|&user| match change_of(user) {
            Some(change) => Some((user, change.reason)),
            None => (!before.contains(&user)).then_some((user, Reason::Changed)),
        });
        let changes: Vec<_> = left.chain(stand).collect();
        let n_came: i64 = told.iter().map(|told| came(told) - left_by(told)).sum();
        (!changes.is_empty() || n_came != 0).then_some(changes)
    }

    /// The first `limit` people as the viewer saw them before: those of now, with the changes undone.
    fn window_before(&self, tick: &Tick, told: &[Told], after: &[UserIndex], limit: usize) -> Vec<UserIndex> {
        let have_come: BTreeSet<_> =
            told.iter().filter(|told| came(told) == 1).map(|told| told.user).collect();
        let stayed = after.iter().copied().filter(|user| !have_come.contains(user));
        let left = told.iter().filter(|told| left_by(told) == 1).map(|told| told.user);
        let mut before: Vec<((Timestamp, UserId), UserIndex)> =
            stayed.chain(left).map(|user| (self.place_before(tick, user), user)).collect();
        before.sort_unstable();
        before.truncate(limit);
        before.into_iter().map(|(_, user)| user).collect()
    }

    fn place_before(&self, tick: &Tick, user: UserIndex) -> (Timestamp, UserId) {
        let since = tick.before(user).and_then(|before| before.since);
        let (moved_at, user_id) = self.place(user);
        (since.unwrap_or(moved_at), user_id)
    }

    /// What stood between a viewer and a user before a tick.
    pub(crate) fn relation_before(&self, tick: &Tick, viewer: UserId, user: UserIndex) -> Relation {
        if let Some(&relation) = tick.relations.get(&(viewer, user)) {
            return relation;
        }
        // A pair whose relation was not noted did not change; without a pair, the viewer is one of many.
        let user_id = self.users.get(user).profile.user_id;
        match tick.before(user) {
            Some(before) if self.relations.is_one_of_many(viewer, user_id) => before.to_everyone(),
            _ => self.relation(viewer, user),
        }
    }

    /// Of whom something was published, or who came into another relation to the viewer; by index.
    fn concerned(tick: &Tick, viewer: UserId) -> Vec<UserIndex> {
        let related = tick.relations.range((viewer, UserIndex(0))..=(viewer, UserIndex(u32::MAX)));
        let mut users: Vec<_> = tick.moved().chain(related.map(|(&(_, user), _)| user)).collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    fn told_of(&self, tick: &Tick, viewer: UserId, user: UserIndex) -> Option<Told> {
        let relation_after = self.relation(viewer, user);
        let relation_before = self.relation_before(tick, viewer, user);
        self.told_between(tick, user, relation_before, relation_after)
    }

    fn told_between(
        &self,
        tick: &Tick,
        user: UserIndex,
        relation_before: Relation,
        relation_after: Relation,
    ) -> Option<Told> {
        let moved =
            tick.moved.binary_search_by_key(&user, |&(other, _)| other).ok().map(|at| &tick.moved[at].1);
        if relation_before.is_hiding() && relation_after.is_hiding() {
            return None;
        }
        let after = self.shown(user);
        let before = moved.map_or(&after, |moved| &moved.before);
        let (view_before, view_after) =
            (self.view(before, relation_before), self.view(&after, relation_after));
        let has_new_profile = before.profile != after.profile && !relation_after.is_hiding();
        if view_before.looks_like(&view_after) && !has_new_profile {
            return None;
        }
        let (from, to) = (view_before.status, view_after.status);
        let reason = reason_seen(moved.and_then(|moved| moved.reason), from, to, relation_after);
        let is_common = relation_after.shows_same(after.to_everyone()) && !relation_after.is_hiding();
        Some(Told { user, from, to, reason, is_common })
    }

    /// Whether `viewer` sees of `user` what everybody sees.
    pub fn is_common(&self, viewer: Viewer, user: UserIndex) -> bool {
        let Viewer::User(viewer) = viewer else { return true };
        let relation = self.relation(self.users.get(viewer).profile.user_id, user);
        relation.shows_same(self.shown(user).to_everyone()) && !relation.is_hiding()
    }
}

impl Tick {
    pub(crate) fn before(&self, user: UserIndex) -> Option<&Shown> {
        let at = self.moved.binary_search_by_key(&user, |&(other, _)| other).ok()?;
        Some(&self.moved[at].1.before)
    }
}

fn came(told: &Told) -> i64 {
    i64::from(!told.from.is_online() && told.to.is_online())
}

fn left_by(told: &Told) -> i64 {
    i64::from(told.from.is_online() && !told.to.is_online())
}
