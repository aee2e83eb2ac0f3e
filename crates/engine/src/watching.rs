//! Watches, as the engine keeps them: what a watcher sees decides, at each tick and when a dwell is over.

use std::sync::Arc;

use hereabouts_protocol::{Mode, UserId};

use crate::alerts::Sight;
use crate::engine::Deadline;
use crate::project::Relation;
use crate::tick::{Shown, Tick};
use crate::{Effect, Engine, Person, UserIndex};

impl Engine {
    /// Takes over whom a user waits for, from `before` to what they decided now.
    pub(crate) fn rewatch(&mut self, user: UserIndex, before: &Person, out: &mut Vec<Effect>) {
        let watcher = self.users.get(user).profile.user_id;
        let wanted = self.people.get(user).map_or_else(Arc::default, |own| Arc::clone(&own.next));
        let is_wanted = |user_id| wanted.watches.iter().any(|watched| watched.user_id == user_id);
        for dropped in before.watches.iter().filter(|watched| !is_wanted(watched.user_id)) {
            self.alerts.remove(dropped.user_id, watcher);
        }
        for watched in wanted.watches.iter().filter(|watched| watched.user_id != watcher) {
            let target = self.users.find(watched.user_id).filter(|&target| self.users.get(target).is_loaded);
            let since = target.and_then(|target| self.offline_since(watcher, target));
            self.alerts.set(watched.user_id, watcher, watched.repeats, since);
            if target.is_none() {
                self.ask_for(watched.user_id, out);
            }
        }
    }

    /// What somebody decided is known from now on, so it is known too what those see who wait for them.
    pub(crate) fn see_loaded(&mut self, user: UserIndex) {
        let user_id = self.users.get(user).profile.user_id;
        if self.settings.is_reciprocal {
            self.open_up(user);
        }
        for watcher in self.alerts.watchers(user_id) {
            if let Some(since) = self.offline_since(watcher, user) {
                self.alerts.see_offline(user_id, watcher, since);
            }
        }
    }

    /// Since when a watcher sees somebody offline; `None` when they see them here, or nothing of them.
    fn offline_since(&self, watcher: UserId, target: UserIndex) -> Option<hereabouts_protocol::Timestamp> {
        let shown = self.shown(target);
        let sight = sight(&shown, self.relation(watcher, target));
        (sight == Sight::Offline).then(|| shown.last_seen.unwrap_or(self.users.get(target).moved_at))
    }

    /// Shows a tick to those who wait.
    pub(crate) fn see(&mut self, tick: &Tick) {
        let mut pairs: Vec<(UserId, UserIndex)> = tick.related().collect();
        for user in tick.moved() {
            let user_id = self.users.get(user).profile.user_id;
            pairs.extend(self.alerts.watchers(user_id).into_iter().map(|watcher| (watcher, user)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (watcher, target) in pairs {
            let after = self.shown(target);
            let before = tick.before(target).unwrap_or(&after);
            let relation_after = self.relation(watcher, target);
            let relation_before = self.relation_before(tick, watcher, target);
            let is_their_doing = before.status.is_online() != after.status.is_online();
            let (seen_before, seen_after) = (sight(before, relation_before), sight(&after, relation_after));
            let target_id = after.profile.user_id;
            let due_at =
                self.alerts.see((target_id, watcher), seen_before, seen_after, is_their_doing, self.now);
            self.deadlines.extend(due_at.map(|at| (at, Deadline::Alert { target: target_id, watcher })));
        }
    }

    /// Tells a watcher of somebody who came and stayed, unless the watcher must not be disturbed now or is not here.
    pub(crate) fn try_alert(&mut self, target: UserId, watcher: UserId, out: &mut Vec<Effect>) {
        if !self.alerts.is_due(target, watcher, self.now) {
            return;
        }
        let (Some(target_user), Some(watcher_user)) = (self.users.find(target), self.users.find(watcher))
        else {
            return self.alerts.rest(target, watcher);
        };
        let shown = self.shown(target_user);
        if !shown.person.allows(&shown.person.privacy.alerts, watcher) {
            return self.alerts.rest(target, watcher);
        }
        let is_here = self.users.get(watcher_user).n_live > 0;
        let mode = self.people.get(watcher_user).map_or(Mode::Auto, |own| own.next.mode_at(self.now));
        if !is_here || mode == Mode::Dnd {
            return self.alerts.hold(target, watcher);
        }
        let repeats = self.alerts.fired(target, watcher);
        out.push(Effect::WatchFired { watcher: watcher_user, target: target_user, repeats });
    }

    /// Tells a watcher what was held for them, if they can be told now.
    pub(crate) fn try_held_alerts(&mut self, user: UserIndex, out: &mut Vec<Effect>) {
        let Some(own) = self.people.get(user) else { return };
        let person = Arc::clone(&own.next);
        let watcher = self.users.get(user).profile.user_id;
        for watched in &person.watches {
            self.try_alert(watched.user_id, watcher, out);
        }
    }
}

fn sight(shown: &Shown, relation: Relation) -> Sight {
    match (relation.is_hiding(), shown.status.is_online()) {
        (true, _) => Sight::Hidden,
        (false, false) => Sight::Offline,
        (false, true) => Sight::Present,
    }
}
