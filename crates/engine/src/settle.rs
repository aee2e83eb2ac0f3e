//! Settling: after each event, what is true of a person is compared with what is published of them, and what they decided
//! decides what is true.

use std::sync::Arc;

use hereabouts_protocol::{Mode, Reason, Status, Timestamp, UserId};

use crate::engine::Deadline;
use crate::pending::Pending;
use crate::project::public_status;
use crate::{Effect, Engine, Person, Profile, SessionKey, UserIndex};

impl Engine {
    pub(crate) fn load(
        &mut self,
        profile: Arc<Profile>,
        person: Arc<Person>,
        epoch: u64,
        last_seen: Option<Timestamp>,
        out: &mut Vec<Effect>,
    ) {
        let (user, _) = self.intern(profile);
        let record = self.users.get_mut(user);
        if let Some(last_seen) = last_seen
            && record.last_seen().is_none()
            && !record.status.is_online()
        {
            record.last_seen = last_seen.min(self.now);
        }
        self.decide(user, person, epoch, out);
    }

    pub(crate) fn decide(&mut self, user: UserIndex, person: Arc<Person>, epoch: u64, out: &mut Vec<Effect>) {
        let record = self.users.get_mut(user);
        let (user_id, was_loaded) = (record.profile.user_id, record.is_loaded);
        self.loading.remove(&user_id);
        if was_loaded && self.people.get(user).map_or(0, |own| own.epoch) > epoch {
            return;
        }
        record.is_loaded = true;
        let is_plain = *person == Person::default();
        if record.has_own || !is_plain {
            record.has_own = true;
            let own = self.people.get_or_new(user);
            own.epoch = epoch;
            let before = std::mem::replace(&mut own.next, person);
            if own.next.has_same_relations(&own.shown) {
                own.shown = Arc::clone(&own.next);
                self.decided.remove(&user);
            } else {
                self.decided.insert(user);
            }
            self.rewatch(user, &before, out);
        }
        if !was_loaded {
            self.see_loaded(user);
        }
        #[cfg(not(test))]
        let ending = Reason::Closed;
        #[cfg(test)]
        let ending = self.leaky_ending();
        self.settle(user, ending, None, out);
        self.try_held_alerts(user, out);
    }

    pub(crate) fn welcome_unread(&mut self, user_id: UserId, out: &mut Vec<Effect>) {
        self.loading.remove(&user_id);
        let Some(user) = self.users.find(user_id) else { return };
        // Where hiding counts both ways, whoever may be hiding sees nobody, and there is nothing to work with.
        if !self.users.get(user).is_loaded && !self.settings.is_reciprocal {
            self.welcome(user, out);
        }
    }

    /// Something that a person decided has ended.
    pub(crate) fn look(&mut self, user: UserIndex, out: &mut Vec<Effect>) {
        if let Some(own) = self.people.get_mut(user) {
            own.look_at = None;
            if own.closed.as_ref().is_some_and(|closed| closed.until <= self.now) {
                self.decided.insert(user);
            }
        }
        self.settle(user, Reason::Closed, None, out);
        self.try_held_alerts(user, out);
        #[cfg(test)]
        self.leak_end(user);
    }

    /// What the user is to the world this instant, published or not.
    pub(crate) fn true_status(&self, user: UserIndex) -> Status {
        let status = self.status_now(user);
        #[cfg(test)]
        let status = self.leaky_status(user, status);
        status
    }

    fn status_now(&self, user: UserIndex) -> Status {
        let record = self.users.get(user);
        if !record.is_loaded {
            return Status::Offline;
        }
        match self.people.get(user).filter(|_| record.has_own) {
            Some(own) if own.next.is_deactivated => Status::Offline,
            Some(own) => public_status(record.raw(), own.next.mode_at(self.now)),
            None => record.raw(),
        }
    }

    /// Compares what is true of `user` with what is published, and keeps the difference for the next flush; or for a
    /// later one, where the user has changed too often. Whoever has nothing to wait for is welcomed.
    pub(crate) fn settle(
        &mut self,
        user: UserIndex,
        ending: Reason,
        profile: Option<Arc<Profile>>,
        out: &mut Vec<Effect>,
    ) {
        let status = self.true_status(user);
        let record = self.users.get_mut(user);
        let own = self.people.get(user).filter(|_| record.has_own);
        let known = self.pending.remove(&user).or_else(|| self.waiting.remove(&user));
        let mut pending = known.unwrap_or_else(|| Pending::none(record.status, self.now));
        if pending.status().is_online() && !status.is_online() && record.n_live > 0 {
            // They hide. That is a word as a bye is, and comes in a frame as a bye does.
            record.last_frame_at = self.now;
        }
        pending.set_status(status, self.now, ending);
        if let Some(profile) = profile {
            pending.set_profile(profile, &record.profile);
        }
        let has_new_custom = own.is_some_and(|own| own.has_new_custom(status, self.now));
        let by_mode = |own: &crate::people::Own| {
            own.is_away_by_mode || record.status == Status::Dnd || own.next.mode_at(self.now) != Mode::Auto
        };
        pending.set_by_mode(own.is_some_and(by_mode));
        if !pending.is_settled(record.status) || has_new_custom {
            let free_at = self.flaps.free_at(user);
            #[cfg(test)]
            let free_at = self.leaky_free_at(user, free_at);
            if free_at > self.now {
                self.waiting.insert(user, pending);
                self.deadlines.insert((free_at, Deadline::Release(user)));
            } else {
                self.pending.insert(user, pending);
            }
        }
        self.look_later(user);
        self.welcome_if_settled(user, out);
        #[cfg(test)]
        self.leak_settled(user);
    }

    /// Keeps the one deadline at which something the user decided ends.
    pub(crate) fn look_later(&mut self, user: UserIndex) {
        let Some(own) = self.people.get_mut(user) else { return };
        let look_at = own.next_end(self.now);
        if own.look_at == look_at {
            return;
        }
        if let Some(old) = std::mem::replace(&mut own.look_at, look_at) {
            self.deadlines.remove(&(old, Deadline::Look(user)));
        }
        self.deadlines.extend(look_at.map(|at| (at, Deadline::Look(user))));
    }

    /// Whether something of this user is to be published.
    fn waits(&self, user: UserIndex) -> bool {
        self.pending.contains_key(&user) || self.waiting.contains_key(&user)
    }

    /// Welcomes the sessions of somebody who is published as they are, or as present already.
    pub(crate) fn welcome_if_settled(&mut self, user: UserIndex, out: &mut Vec<Effect>) {
        let record = self.users.get(user);
        if record.is_loaded && (record.status.is_online() || !self.waits(user)) {
            self.welcome(user, out);
        }
    }

    fn welcome(&mut self, user: UserIndex, out: &mut Vec<Effect>) {
        let (first, last) = ((user, SessionKey(0)), (user, SessionKey(u64::MAX)));
        while let Some(&(user, session)) = self.unwelcomed.range(first..=last).next() {
            self.unwelcomed.remove(&(user, session));
            out.push(Effect::Welcome { session, user });
        }
    }
}
