//! A flush: what was true becomes what anybody can read.

use std::collections::BTreeMap;
use std::sync::Arc;

use hereabouts_protocol::{Reason, Timestamp, UserId};

use crate::order::Place;
use crate::pending::Pending;
use crate::people::{Closed, PLAIN};
use crate::project::Relation;
use crate::rounding::round_at_rest;
use crate::tick::{Moved, Shown, reason_seen};
use crate::{Effect, Engine, Person, Tick, TickSeq, Transition, UserIndex, WINDOW_LIMIT_MAX};

/// How long somebody who opened themselves still counts as closed, where hiding counts both ways: so that nobody opens
/// for a look and closes again.
const REOPENING: std::time::Duration = std::time::Duration::from_mins(10);

/// What a flush has done so far.
#[derive(Default)]
struct Draft {
    moved: BTreeMap<UserIndex, Moved>,
    relations: BTreeMap<(UserId, UserIndex), Relation>,
    friends_changed: Vec<UserIndex>,
}

impl Engine {
    /// Publishes: from now on the present state is what anybody can read. `None` when that is what it was.
    ///
    /// Effects: records, activity and alerts of each person who came or left, then each `Welcome` that waited for it.
    pub fn flush(&mut self, now: Timestamp, out: &mut Vec<Effect>) -> Option<Tick> {
        self.advance(now);
        let tick = self.has_changes().then(|| self.publish(out));
        let mut users: Vec<_> = self.unwelcomed.iter().map(|&(user, _)| user).collect();
        users.dedup();
        for user in users {
            self.welcome_if_settled(user, out);
        }
        tick
    }

    fn publish(&mut self, out: &mut Vec<Effect>) -> Tick {
        let total_before = self.total();
        self.seq = TickSeq(self.seq.0 + 1);
        let mut draft = Draft::default();
        for user in std::mem::take(&mut self.decided) {
            self.publish_rules(user, &mut draft);
        }
        for (user, pending) in std::mem::take(&mut self.pending) {
            self.publish_status(user, pending, &mut draft);
        }
        self.rearrange(&draft.moved);
        let changes: Vec<_> =
            draft.moved.iter().filter_map(|(&user, moved)| self.announce(user, moved, out)).collect();
        self.count_exceptions(&draft);
        let window_after: Vec<_> = self.orders.present().take(WINDOW_LIMIT_MAX).collect();
        let window_before = std::mem::replace(&mut self.window, window_after.clone());
        let tick = Tick {
            seq: self.seq,
            total: self.total(),
            changes,
            friends_changed: draft.friends_changed,
            total_before,
            window_before,
            window_after,
            moved: draft.moved.into_iter().collect(),
            relations: draft.relations,
        };
        self.see(&tick);
        tick
    }

    /// What is published of somebody at this moment.
    pub(crate) fn shown(&self, user: UserIndex) -> Shown {
        let record = self.users.get(user);
        let own = self.people.get(user).filter(|_| record.has_own);
        let shown = Shown {
            status: record.status,
            is_away_by_mode: own.is_some_and(|own| own.is_away_by_mode),
            since: record.since(),
            last_seen: record.last_seen(),
            custom: own.and_then(|own| own.custom.clone()),
            version: record.version,
            hidden_version: own.map_or(0, |own| own.hidden_version),
            person: own.map_or_else(|| Arc::clone(&PLAIN), |own| Arc::clone(&own.shown)),
            profile: Arc::clone(&record.profile),
        };
        #[cfg(test)]
        let shown = self.leaky_shown(user, shown);
        shown
    }

    /// Puts the rules in force that somebody decided on. What becomes hidden by them keeps the version it was last seen
    /// with.
    fn publish_rules(&mut self, user: UserIndex, draft: &mut Draft) {
        let before = self.shown(user);
        let user_id = before.profile.user_id;
        let Some(own) = self.people.get_mut(user) else { return };
        let (old, new) = (Arc::clone(&own.shown), Arc::clone(&own.next));
        let was_closed = own.closed.is_some();
        if old.friends != new.friends {
            draft.friends_changed.push(user);
        }
        let mut pairs = pairs_of(user_id, &old, &new);
        pairs.extend(self.relations.viewers(user_id).map(|viewer| (viewer, user_id)));
        if self.settings.is_reciprocal {
            pairs.extend(old.friends.iter().chain(&new.friends).map(|&friend| (user_id, friend)));
        }
        if self.settings.is_reciprocal && (old.privacy != new.privacy || was_closed) {
            let everybody = self.orders.present().chain(self.limited.values().copied());
            pairs.push((user_id, user_id));
            pairs.extend(everybody.map(|target| (user_id, self.users.get(target).profile.user_id)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        let before_each: Vec<_> =
            pairs.iter().map(|&(viewer, target)| self.relation_to(viewer, target)).collect();
        let own = self.people.get_mut(user).expect("it was there above");
        if old.is_public() && !new.is_public() {
            own.hidden_version = before.version;
        }
        own.closed =
            if self.settings.is_reciprocal { closing(own.closed.take(), &old, &new, self.now) } else { None };
        own.shown = new;
        let is_withdrawn =
            self.settings.is_reciprocal && (own.closed.is_some() || is_hiding_from_anybody(&own.shown));
        self.relations.set_withdrawn(user_id, is_withdrawn);
        draft.moved.entry(user).or_insert(Moved { before, reason: None });
        for ((viewer, target_id), before) in pairs.into_iter().zip(before_each) {
            self.note_pair(viewer, target_id, before, draft);
        }
        self.look_later(user);
    }

    /// Notes what the rules now in force do to one viewer; `before` is what stood between the two.
    fn note_pair(&mut self, viewer: UserId, target_id: UserId, before: Relation, draft: &mut Draft) {
        let is_known = self.relations.pair(viewer, target_id).is_some();
        // Before anything is looked at: people without pairs and decisions are passed over.
        self.relations.pair_mut(viewer, target_id);
        let after = self.relation_to(viewer, target_id);
        let target = self.users.find(target_id);
        let version = target.map_or(0, |target| self.users.get(target).version);
        let seq = self.seq;
        let pair = self.relations.pair_mut(viewer, target_id);
        if !before.is_hiding() && after.is_hiding() {
            pair.hidden_version = version;
        } else if !is_known && let Relation::Other { hidden_version, .. } = before {
            pair.hidden_version = hidden_version;
        }
        if !before.shows_same(after) {
            pair.changed_in = seq;
        }
        if let Some(target) = target {
            draft.relations.entry((viewer, target)).or_insert(before);
        }
    }

    /// Where hiding counts both ways: lets somebody whose decisions are known from now on see others, as far as they
    /// do not hide from them.
    pub(crate) fn open_up(&mut self, user: UserIndex) {
        let user_id = self.users.get(user).profile.user_id;
        let is_withdrawn = self.people.get(user).is_some_and(|own| is_hiding_from_anybody(&own.next));
        self.relations.set_withdrawn(user_id, is_withdrawn);
        let everybody = self.orders.present().chain(self.limited.values().copied());
        let exceptional: Vec<_> = if is_withdrawn {
            everybody.collect()
        } else {
            self.relations.targets(user_id).filter_map(|(target, _)| self.users.find(target)).collect()
        };
        let surplus = |target| self.shown(target).surplus_for(self.relation(user_id, target));
        let surplus = exceptional.into_iter().map(surplus).sum();
        self.relations.set_surplus(user_id, surplus);
    }

    fn publish_status(&mut self, user: UserIndex, pending: Pending, draft: &mut Draft) {
        let before = self.shown(user);
        let own_changed_in = self.people.get(user).map_or(TickSeq(0), |own| own.changed_in);
        let record = self.users.get_mut(user);
        let has_changed = record.changed_in.max(own_changed_in) > TickSeq(0);
        let last_move = has_changed.then_some(record.moved_at);
        let reason = pending.publish(record, self.now);
        let (status, is_move) = (record.status, record.status.is_online() != before.status.is_online());
        if let Some(own) = self.people.get_mut(user) {
            if own.has_new_custom(status, self.now) {
                own.custom = own.custom_for(status, self.now).cloned().map(Arc::new);
            }
            own.is_away_by_mode = own.is_away_by_mode(status, self.now);
        }
        self.flaps.note(user, self.now, last_move, is_move);
        self.look_later(user);
        draft.moved.entry(user).or_insert(Moved { before, reason: None }).reason = Some(reason);
    }

    /// Moves people between the orders: present for everybody, present for some, absent.
    fn rearrange(&mut self, moved: &BTreeMap<UserIndex, Moved>) {
        let mut joiners: Vec<(Place, UserIndex)> = Vec::new();
        for (&user, Moved { before, .. }) in moved {
            let after = self.shown(user);
            let (from, to) = (before.place(), after.place());
            if from == to {
                continue;
            }
            match from {
                Standing::Absent => {}
                Standing::Limited => {
                    let since = before.since.expect("who is present has a since");
                    self.limited.remove(&(since, before.profile.user_id));
                    self.orders.put_back(user);
                }
                Standing::Listed => self.orders.leave(user),
            }
            let record = self.users.get_mut(user);
            if (from, to) == (Standing::Limited, Standing::Listed) {
                // To most, they come at this moment. One place in the order serves all.
                record.moved_at = self.now;
            }
            let place = (record.moved_at, record.profile.user_id);
            match to {
                Standing::Absent => {}
                Standing::Limited => {
                    self.orders.take_out(user);
                    self.limited.insert(place, user);
                }
                Standing::Listed => joiners.push((place, user)),
            }
        }
        let users = &self.users;
        self.orders.join(joiners, |user| (users.get(user).moved_at, users.get(user).profile.user_id));
    }

    /// Says what somebody's change means for everybody, and for what is at rest.
    fn announce(&mut self, user: UserIndex, moved: &Moved, out: &mut Vec<Effect>) -> Option<Transition> {
        let (before, after) = (&moved.before, self.shown(user));
        out.extend(record_effect(user, before, &after));
        if before.status != after.status {
            let reason = moved.reason.unwrap_or(Reason::Changed);
            let (from, to, at) = (before.status, after.status, self.now);
            out.push(Effect::Activity { user, from, to, reason, at, version: after.version });
        }
        let (view_before, view_after) =
            (self.view(before, before.to_everyone()), self.view(&after, after.to_everyone()));
        let (from, to) = (view_before.status, view_after.status);
        let has_new_profile = before.profile != after.profile && to.is_online();
        if (view_before.looks_like(&view_after) && !has_new_profile) || !(from.is_online() || to.is_online())
        {
            if let Some(own) = self.people.get_mut(user) {
                own.changed_in = self.seq;
            }
            return None;
        }
        let reason = reason_seen(moved.reason, from, to, after.to_everyone());
        let record = self.users.get_mut(user);
        record.changed_in = self.seq;
        record.last_reason = reason;
        self.orders.touch(user);
        Some(Transition { user, from, to, reason })
    }

    /// Keeps count of how many more or fewer present people each exceptional viewer sees than everybody.
    fn count_exceptions(&mut self, draft: &Draft) {
        let mut pairs: Vec<(UserId, UserIndex)> = draft.relations.keys().copied().collect();
        for &user in draft.moved.keys() {
            let user_id = self.users.get(user).profile.user_id;
            pairs.extend(self.relations.viewers(user_id).map(|viewer| (viewer, user)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (viewer, target) in pairs {
            let after = self.shown(target);
            let relation_after = self.relation(viewer, target);
            let relation_before = draft.relations.get(&(viewer, target)).copied().unwrap_or(relation_after);
            let before = draft.moved.get(&target).map_or(&after, |moved| &moved.before);
            let by = after.surplus_for(relation_after) - before.surplus_for(relation_before);
            self.relations.add_surplus(viewer, by);
        }
    }
}

/// Where somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not here.
    Absent,
    /// Here, and not for everybody.
    Limited,
    /// Here.
    Listed,
}

impl Shown {
    pub(crate) fn place(&self) -> Standing {
        match (self.status.is_online(), self.person.is_public()) {
            (false, _) => Standing::Absent,
            (true, false) => Standing::Limited,
            (true, true) => Standing::Listed,
        }
    }

    /// 1 for somebody whom only this viewer sees here, -1 for somebody whom all others do.
    fn surplus_for(&self, relation: Relation) -> i64 {
        let is_here = self.status.is_online();
        i64::from(is_here && !relation.is_hiding()) - i64::from(is_here && self.person.is_public())
    }
}

/// The pairs for which a change of somebody's rules may matter, both ways. Repeats are possible.
fn pairs_of(user_id: UserId, old: &Person, new: &Person) -> Vec<(UserId, UserId)> {
    let looked_at = old.named().chain(new.named()).map(|viewer| (viewer, user_id));
    let looking = old.blocks.iter().chain(&new.blocks).map(|&target| (user_id, target));
    looked_at.chain(looking).filter(|(viewer, target)| viewer != target).collect()
}

/// Whether somebody hides anything from anybody: then, where hiding counts both ways, something is hidden from them.
pub(crate) fn is_hiding_from_anybody(person: &Person) -> bool {
    [&person.privacy.online, &person.privacy.last_seen]
        .into_iter()
        .any(|rule| rule.audience != hereabouts_protocol::Audience::Everyone || !rule.deny.is_empty())
}

/// From when somebody still counts as closed who goes from one set of rules to another.
fn closing(known: Option<Closed>, old: &Arc<Person>, new: &Person, now: Timestamp) -> Option<Closed> {
    let known = known.filter(|closed| closed.until > now);
    let opens = !new.privacy.online.is_within(&old.privacy.online)
        || !new.privacy.last_seen.is_within(&old.privacy.last_seen);
    if !opens {
        return known;
    }
    let before = known.map_or_else(|| Arc::clone(old), |closed| closed.before);
    Some(Closed { before, until: now + REOPENING })
}

fn record_effect(user: UserIndex, before: &Shown, after: &Shown) -> Option<Effect> {
    let (was_listed, is_listed) = (before.place() == Standing::Listed, after.place() == Standing::Listed);
    if was_listed == is_listed {
        return None;
    }
    let came_at = before.since.or(after.since).unwrap_or_default();
    let is_public = after.person.privacy.last_seen.audience == hereabouts_protocol::Audience::Everyone;
    let last_seen = match after.last_seen {
        Some(last_seen) if after.place() == Standing::Absent && is_public => {
            round_at_rest(last_seen, after.person.privacy.precision)
        }
        _ => after.since.unwrap_or(came_at),
    };
    Some(Effect::Record { user, is_online: is_listed, last_seen })
}
