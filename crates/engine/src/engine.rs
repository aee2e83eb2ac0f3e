//! The state machine itself: events and time in, effects and ticks out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hereabouts_protocol::{Presence, Reason, Timestamp, UserId};

use crate::order::{Orders, Place};
use crate::pending::Pending;
use crate::project::{self, UserInputs};
use crate::session::{Due, Sessions};
use crate::user::{Record, Users};
use crate::{
    Departure, Effect, Event, Profile, SessionKey, Settings, Tick, TickSeq, Transition, UserIndex, Viewer,
    WINDOW_LIMIT_MAX,
};

/// How many records one call of [`Engine::handle_timeout`] forgets at most, so that no call takes long: 1,000 take
/// about a millisecond. When more are due, [`Engine::next_timeout`] stays in the past and the next call goes on.
const FORGET_BATCH: usize = 1_000;

/// The presence of everybody.
///
/// Memory is bounded by the sessions the shell admits and the users seen within the retention: about 250 bytes per
/// user with one session and ordinary names. No call costs more than O(its own changes · log n), a flush also walks
/// the first [`WINDOW_LIMIT_MAX`] people.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    /// The latest time told. An earlier one is taken for this, so that no order is ever turned round.
    now: Timestamp,
    sessions: Sessions,
    users: Users,
    orders: Orders,
    /// What differs from what is published; at most one entry per user.
    pending: BTreeMap<UserIndex, Pending>,
    /// Live sessions whose user is not published as present yet.
    unwelcomed: BTreeSet<SessionKey>,
    seq: TickSeq,
    /// The first people, as published.
    window: Vec<UserIndex>,
}

impl Engine {
    /// Nobody is here.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            now: Timestamp::default(),
            sessions: Sessions::default(),
            users: Users::default(),
            orders: Orders::new(),
            pending: BTreeMap::new(),
            unwelcomed: BTreeSet::new(),
            seq: TickSeq(0),
            window: Vec::new(),
        }
    }

    /// Takes in what happened. Publishes nothing.
    pub fn handle(&mut self, event: Event, now: Timestamp, out: &mut Vec<Effect>) {
        self.advance(now);
        match event {
            Event::SessionOpened { session, profile } => self.open(session, profile, out),
            Event::SessionEnded { session, departure, last_frame_at } => {
                self.end(session, departure, last_frame_at);
            }
            Event::SessionActivity { session, idle } => self.set_idle(session, idle),
        }
    }

    /// Ends what is due at `now`. Publishes nothing. Calling it early is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp, _out: &mut Vec<Effect>) {
        self.advance(now);
        while let Some(due) = self.sessions.pop_due(self.now) {
            match due {
                Due::GraceOver { user, idle } => {
                    self.count_out_held(user, idle);
                    self.settle(user, Reason::Lost, None);
                }
                Due::InheritanceOver { session } => self.set_idle(session, false),
            }
        }
        self.forget_absent();
    }

    /// When to call [`Engine::handle_timeout`] next.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let forget_at = self.orders.longest_absent().map(|user| self.forget_at(user));
        self.sessions.next_deadline().into_iter().chain(forget_at).min()
    }

    /// Something is waiting for a flush: a difference to what is published. So does every session that waits for its
    /// welcome, since its user then waits to be published.
    pub fn has_changes(&self) -> bool {
        debug_assert!(
            self.unwelcomed.is_empty() || !self.pending.is_empty(),
            "a welcome waits for a publication"
        );
        !self.pending.is_empty()
    }

    /// Publishes: from now on the present state is what anybody can read. `None` when that is what it was.
    ///
    /// Effects: a `Record` for each person who came or left, then each `Welcome` that waited.
    pub fn flush(&mut self, now: Timestamp, out: &mut Vec<Effect>) -> Option<Tick> {
        self.advance(now);
        let tick = (!self.pending.is_empty()).then(|| self.publish(out));
        for session in std::mem::take(&mut self.unwelcomed) {
            let live = self.sessions.live(session).expect("a session that ends leaves `unwelcomed`");
            out.push(Effect::Welcome { session, user: live.user });
        }
        tick
    }

    /// The last tick.
    pub fn seq(&self) -> TickSeq {
        self.seq
    }

    /// How many people are published as present.
    pub fn total(&self) -> u64 {
        self.orders.n_present() as u64
    }

    /// The index of a user who is present or was lately.
    pub fn user(&self, user_id: UserId) -> Option<UserIndex> {
        self.users.find(user_id)
    }

    /// How a user is shown, as published. Blank for an index whose record was forgotten.
    ///
    /// # Panics
    /// For an index that this engine never gave out; so do [`Engine::presence`] and [`Engine::since`].
    pub fn profile(&self, user: UserIndex) -> &Arc<Profile> {
        &self.users.get(user).profile
    }

    /// What `viewer` may see of `user`: [`project()`](project::project) plus the profile, and the only serialiser of
    /// a user for somebody.
    pub fn presence(&self, user: UserIndex, viewer: Viewer) -> Presence {
        let record = self.users.get(user);
        let inputs =
            UserInputs { user, raw: record.status, since: record.since(), last_seen: record.last_seen() };
        let view = project::project(inputs, viewer);
        Presence {
            user_id: record.profile.user_id,
            username: record.profile.username.to_string(),
            profile_image_url: record.profile.profile_image_url.as_deref().map(str::to_owned),
            status: view.status,
            is_online: view.status.is_online(),
            since: view.since,
            last_seen: view.last_seen,
            custom_status: None,
            version: record.version,
        }
    }

    /// Everybody published as present, by `since`, then id.
    pub fn everyone(&self) -> impl Iterator<Item = UserIndex> + '_ {
        self.orders.present()
    }

    /// The first `limit` of [`Engine::everyone`].
    pub fn window(&self, limit: usize) -> impl Iterator<Item = UserIndex> + '_ {
        self.orders.present().take(limit)
    }

    /// Public `since`: when they came. `None` while offline.
    pub fn since(&self, user: UserIndex) -> Option<Timestamp> {
        self.users.get(user).since()
    }

    /// Everybody whose public state changed in a tick after `seq`, each once, the latest first.
    pub fn changed_since(&self, seq: TickSeq) -> impl Iterator<Item = UserIndex> + '_ {
        self.orders.latest_changes().take_while(move |&user| self.users.get(user).changed_in > seq)
    }

    /// Why this user's public state changed last; `Joined` before the first change.
    pub fn last_reason(&self, user: UserIndex) -> Reason {
        self.users.get(user).last_reason
    }

    /// Live sessions.
    pub fn n_sessions(&self) -> usize {
        self.sessions.n_live()
    }

    /// Sessions within their grace.
    pub fn n_held(&self) -> usize {
        self.sessions.n_held()
    }

    /// Users with a record: present, or absent for less than the retention.
    pub fn n_users(&self) -> usize {
        self.users.len()
    }

    fn advance(&mut self, now: Timestamp) {
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
        let published = record.status;
        self.settle(user, Reason::Lost, profile);
        if published.is_online() {
            out.push(Effect::Welcome { session, user });
        } else {
            self.unwelcomed.insert(session);
        }
    }

    /// The user's index, and the profile unless a new record holds it already.
    fn intern(&mut self, profile: Arc<Profile>) -> (UserIndex, Option<Arc<Profile>>) {
        if let Some(user) = self.users.find(profile.user_id) {
            return (user, Some(profile));
        }
        let user = self.users.add(profile, self.now);
        self.orders.add(user);
        (user, None)
    }

    fn end(&mut self, session: SessionKey, departure: Departure, last_frame_at: Timestamp) {
        let Some(live) = self.sessions.close(session) else { return };
        self.unwelcomed.remove(&session);
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
        self.settle(live.user, ending, None);
    }

    fn set_idle(&mut self, session: SessionKey, idle: bool) {
        let Some(before) = self.sessions.set_idle(session, idle) else { return };
        let record = self.users.get_mut(before.user);
        record.n_active += u32::from(!idle);
        record.n_active -= u32::from(!before.idle);
        self.settle(before.user, Reason::Lost, None);
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

    /// Compares what is true of `user` with what is published, and keeps the difference for the next flush.
    fn settle(&mut self, user: UserIndex, ending: Reason, profile: Option<Arc<Profile>>) {
        let record = self.users.get(user);
        let pending = self.pending.entry(user).or_insert_with(|| Pending::none(record.status, self.now));
        pending.set_raw(record.raw(), self.now, ending);
        if let Some(profile) = profile {
            pending.set_profile(profile, &record.profile);
        }
        if pending.is_settled(record.status) {
            self.pending.remove(&user);
        }
    }

    fn publish(&mut self, out: &mut Vec<Effect>) -> Tick {
        let total_before = self.total();
        self.seq = TickSeq(self.seq.0 + 1);
        let mut changes = Vec::with_capacity(self.pending.len());
        let mut joiners: Vec<(Place, UserIndex)> = Vec::new();
        for (user, pending) in std::mem::take(&mut self.pending) {
            let record = self.users.get_mut(user);
            let change = pending.publish(user, record, self.seq, self.now);
            self.orders.touch(user);
            match (change.from.is_online(), change.to.is_online()) {
                (false, true) => joiners.push((place(record), user)),
                (true, false) => self.orders.leave(user),
                _ => {}
            }
            out.extend(record_effect(change, record));
            changes.push(change);
        }
        self.orders.join(joiners, |user| place(self.users.get(user)));
        let window_after: Vec<_> = self.window(WINDOW_LIMIT_MAX).collect();
        let window_before = std::mem::replace(&mut self.window, window_after.clone());
        Tick { seq: self.seq, total: self.total(), changes, total_before, window_before, window_after }
    }

    fn forget_absent(&mut self) {
        for _ in 0..FORGET_BATCH {
            let due = self.orders.longest_absent().filter(|&user| self.forget_at(user) <= self.now);
            let Some(user) = due else { break };
            if self.users.get(user).raw().is_online() {
                // They are back, and the next flush will say so.
                self.users.get_mut(user).moved_at = self.now;
                self.orders.renew(user);
            } else {
                self.orders.remove(user);
                self.users.forget(user);
            }
        }
    }

    fn forget_at(&self, user: UserIndex) -> Timestamp {
        self.users.get(user).moved_at + self.settings.retention
    }
}

fn place(record: &Record) -> Place {
    (record.moved_at, record.profile.user_id)
}

/// What the database shall hold after `change`, where that is something else than before.
fn record_effect(change: Transition, record: &Record) -> Option<Effect> {
    let is_online = change.to.is_online();
    let last_seen = if is_online { record.moved_at } else { project::round(record.last_seen) };
    (change.from.is_online() != is_online).then_some(Effect::Record {
        user: change.user,
        is_online,
        last_seen,
    })
}
