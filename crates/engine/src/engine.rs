//! The state machine itself: events and time in, effects and ticks out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use hereabouts_protocol::{Reason, Timestamp, UserId};

use crate::alerts::Alerts;
use crate::flaps::Flaps;
use crate::order::{Orders, Place};
use crate::pending::Pending;
use crate::people::People;
use crate::relations::Relations;
use crate::session::{Due, Sessions};
use crate::user::Users;
use crate::{Departure, Effect, Event, Profile, SessionKey, Settings, TickSeq, UserIndex};

/// How many records one call of [`Engine::handle_timeout`] forgets at most, so that no call takes long: 1,000 take
/// about a millisecond. When more are due, [`Engine::next_timeout`] stays in the past and the next call goes on.
const FORGET_BATCH: usize = 1_000;

/// The presence of everybody.
///
/// Memory is bounded by the sessions the shell admits and the users seen within the retention: about 250 bytes per
/// user with one session and ordinary names, and what people decided on top. No call costs more than O(its own
/// changes · log n), a flush also walks the first [`WINDOW_LIMIT_MAX`](crate::WINDOW_LIMIT_MAX) people.
#[derive(Debug)]
pub struct Engine {
    pub(crate) settings: Settings,
    /// The latest time told. An earlier one is taken for this, so that no order is ever turned round.
    pub(crate) now: Timestamp,
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) people: People,
    pub(crate) relations: Relations,
    pub(crate) orders: Orders,
    /// Those who are present, but not for everybody.
    pub(crate) limited: BTreeMap<Place, UserIndex>,
    /// What differs from what is published; at most one entry per user in these two.
    pub(crate) pending: BTreeMap<UserIndex, Pending>,
    /// The same of people who have changed too often: they wait for a deadline.
    pub(crate) waiting: BTreeMap<UserIndex, Pending>,
    /// Whose rules differ from what is published.
    pub(crate) decided: BTreeSet<UserIndex>,
    pub(crate) flaps: Flaps,
    pub(crate) alerts: Alerts,
    pub(crate) deadlines: BTreeSet<(Timestamp, Deadline)>,
    /// Live sessions that were not welcomed yet.
    pub(crate) unwelcomed: BTreeSet<(UserIndex, SessionKey)>,
    /// Whose [`Effect::Load`] is not answered.
    pub(crate) loading: HashSet<UserId>,
    pub(crate) seq: TickSeq,
    /// The first people, as published.
    pub(crate) window: Vec<UserIndex>,
    /// A leak on purpose.
    #[cfg(test)]
    pub(crate) leak: Option<crate::two_worlds::Leak>,
}

/// What comes due by itself, sessions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deadline {
    /// Something a person decided ends.
    Look(UserIndex),
    /// Somebody who changed too often may change again.
    Release(UserIndex),
    /// Somebody came, and has stayed.
    Alert { target: UserId, watcher: UserId },
}

impl Engine {
    /// Nobody is here.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            now: Timestamp::default(),
            sessions: Sessions::default(),
            users: Users::default(),
            people: People::default(),
            relations: Relations::default(),
            orders: Orders::new(),
            limited: BTreeMap::new(),
            pending: BTreeMap::new(),
            waiting: BTreeMap::new(),
            decided: BTreeSet::new(),
            flaps: Flaps::new(settings.change_period),
            alerts: Alerts::default(),
            deadlines: BTreeSet::new(),
            unwelcomed: BTreeSet::new(),
            loading: HashSet::new(),
            seq: TickSeq(0),
            window: Vec::new(),
            #[cfg(test)]
            leak: None,
        }
    }

    /// Takes in what happened. Publishes nothing.
    pub fn handle(&mut self, event: Event, now: Timestamp, out: &mut Vec<Effect>) {
        self.advance(now);
        match event {
            Event::SessionOpened { session, profile } => self.open(session, profile, out),
            Event::SessionEnded { session, departure, last_frame_at } => {
                self.end(session, departure, last_frame_at, out);
            }
            Event::SessionActivity { session, idle } => self.set_idle(session, idle, out),
            Event::PersonLoaded { profile, person, epoch, last_seen } => {
                self.load(profile, person, epoch, last_seen, out);
            }
            Event::PersonChanged { user_id, person, epoch } => {
                if let Some(user) = self.users.find(user_id) {
                    self.decide(user, person, epoch, out);
                }
            }
            Event::ProfileChanged { profile } => {
                if let Some(user) = self.users.find(profile.user_id) {
                    self.settle(user, Reason::Closed, Some(profile), out);
                }
            }
            Event::PersonUnreadable { user_id } => self.welcome_unread(user_id, out),
        }
    }

    /// Ends what is due at `now`. Publishes nothing. Calling it early is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp, out: &mut Vec<Effect>) {
        self.advance(now);
        while let Some(due) = self.sessions.pop_due(self.now) {
            match due {
                Due::GraceOver { user, idle } => {
                    self.count_out_held(user, idle);
                    self.settle(user, Reason::Lost, None, out);
                }
                Due::InheritanceOver { session } => self.set_idle(session, false, out),
            }
        }
        while let Some(&(at, deadline)) = self.deadlines.first()
            && at <= self.now
        {
            self.deadlines.pop_first();
            match deadline {
                Deadline::Look(user) => self.look(user, out),
                Deadline::Release(user) => {
                    self.pending.extend(self.waiting.remove(&user).map(|pending| (user, pending)));
                }
                Deadline::Alert { target, watcher } => self.try_alert(target, watcher, out),
            }
        }
        self.forget_absent(out);
    }

    /// When to call [`Engine::handle_timeout`] next.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let forget_at = self.orders.longest_absent().map(|user| self.forget_at(user));
        let deadline = self.deadlines.first().map(|&(at, _)| at);
        self.sessions.next_deadline().into_iter().chain(deadline).chain(forget_at).min()
    }

    /// Something is waiting for a flush: a difference to what is published that may be published now.
    pub fn has_changes(&self) -> bool {
        !self.pending.is_empty() || !self.decided.is_empty()
    }

    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.now = self.now.max(now);
    }

    fn open(&mut self, session: SessionKey, profile: Arc<Profile>, out: &mut Vec<Effect>) {
        if self.sessions.live(session).is_some() {
            return;
        }
        let (user, profile) = self.intern(profile);
        let predecessor = self.sessions.take_oldest_held(user);
        if let Some(held) = predecessor {
            self.count_out_held(user, held.idle);
        }
        let live = self.sessions.open(session, user, predecessor);
        let record = self.users.get_mut(user);
        record.n_live += 1;
        record.n_active += u32::from(!live.idle);
        record.last_frame_at = self.now;
        let (is_loaded, user_id) = (record.is_loaded, record.profile.user_id);
        self.unwelcomed.insert((user, session));
        if !is_loaded {
            self.ask_for(user_id, out);
        }
        self.settle(user, Reason::Lost, profile, out);
        self.try_held_alerts(user, out);
        #[cfg(test)]
        self.leak_opened(user, out);
    }

    /// The user's index, and the profile unless a new record holds it already.
    pub(crate) fn intern(&mut self, profile: Arc<Profile>) -> (UserIndex, Option<Arc<Profile>>) {
        if let Some(user) = self.users.find(profile.user_id) {
            return (user, Some(profile));
        }
        let user_id = profile.user_id;
        let user = self.users.add(profile, self.now);
        self.orders.add(user);
        if self.settings.is_reciprocal {
            // Until what they decided is known, they may be somebody who hides, and see nobody.
            self.relations.set_withdrawn(user_id, true);
            self.relations.set_surplus(user_id, -(self.orders.n_present() as i64));
        }
        (user, None)
    }

    pub(crate) fn ask_for(&mut self, user_id: UserId, out: &mut Vec<Effect>) {
        if self.loading.insert(user_id) {
            out.push(Effect::Load { user_id });
        }
    }

    fn end(
        &mut self,
        session: SessionKey,
        departure: Departure,
        last_frame_at: Timestamp,
        out: &mut Vec<Effect>,
    ) {
        let Some(live) = self.sessions.close(session) else { return };
        self.unwelcomed.remove(&(live.user, session));
        let last_frame_at = last_frame_at.min(self.now);
        let record = self.users.get_mut(live.user);
        record.n_live -= 1;
        record.n_active -= u32::from(!live.idle);
        record.last_frame_at = record.last_frame_at.max(last_frame_at);
        let is_last = record.n_live == 0;
        let ending = match departure {
            Departure::Bye => {
                if is_last {
                    self.drop_held(live.user);
                }
                Reason::Closed
            }
            Departure::Closed => Reason::Closed,
            Departure::Lost { dead } => {
                let until = if dead { last_frame_at } else { self.now } + self.settings.grace;
                if until > self.now {
                    self.sessions.hold(session, live, until);
                    let record = self.users.get_mut(live.user);
                    record.n_held += 1;
                    record.n_active += u32::from(!live.idle);
                }
                Reason::Lost
            }
        };
        self.settle(live.user, ending, None, out);
    }

    fn set_idle(&mut self, session: SessionKey, idle: bool, out: &mut Vec<Effect>) {
        let Some(before) = self.sessions.set_idle(session, idle) else { return };
        let record = self.users.get_mut(before.user);
        record.n_active += u32::from(!idle);
        record.n_active -= u32::from(!before.idle);
        self.settle(before.user, Reason::Lost, None, out);
    }

    fn drop_held(&mut self, user: UserIndex) {
        while let Some(held) = self.sessions.take_oldest_held(user) {
            self.count_out_held(user, held.idle);
        }
    }

    fn count_out_held(&mut self, user: UserIndex, idle: bool) {
        let record = self.users.get_mut(user);
        record.n_held -= 1;
        record.n_active -= u32::from(!idle);
    }

    fn forget_absent(&mut self, out: &mut Vec<Effect>) {
        for _ in 0..FORGET_BATCH {
            let due = self.orders.longest_absent().filter(|&user| self.forget_at(user) <= self.now);
            let Some(user) = due else { break };
            let record = self.users.get(user);
            let user_id = record.profile.user_id;
            if record.raw().is_online() || !self.alerts.watchers(user_id).is_empty() {
                // They are back (or hide, or are waited for), and are kept on.
                self.users.get_mut(user).moved_at = self.now;
                self.orders.renew(user);
            } else {
                self.forget(user);
                out.push(Effect::Forgotten { user_id });
            }
        }
    }

    fn forget(&mut self, user: UserIndex) {
        let user_id = self.users.get(user).profile.user_id;
        self.pending.remove(&user);
        self.waiting.remove(&user);
        self.decided.remove(&user);
        self.loading.remove(&user_id);
        if let Some(own) = self.people.remove(user) {
            if let Some(at) = own.look_at {
                self.deadlines.remove(&(at, Deadline::Look(user)));
            }
            for watched in &own.next.watches {
                self.alerts.remove(watched.user_id, user_id);
            }
        }
        self.orders.remove(user);
        self.users.forget(user);
        let (users, people) = (&self.users, &self.people);
        let person = |user_id| people.get(users.find(user_id)?).map(|own| &own.shown);
        self.relations.forget(user_id, |viewer, target| {
            person(target).is_some_and(|person| person.named().any(|named| named == viewer))
                || person(viewer).is_some_and(|person| person.is_blocking(target))
        });
    }

    fn forget_at(&self, user: UserIndex) -> Timestamp {
        self.users.get(user).moved_at + self.settings.retention
    }
}
