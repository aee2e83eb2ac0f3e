//! The rules again, as naively as they can be said: a plain list of sessions, everything computed from scratch.
//! The engine must agree with it after every step of every history.

use std::collections::BTreeMap;
use std::time::Duration;

use hereabouts_engine::{Departure, Event, SessionKey, Viewer};
use hereabouts_protocol::{Reason, Status, Timestamp, UserId};
use proptest::prelude::*;

use crate::world::{SETTINGS, Step, World, history};

// The model, in at most 80 lines.

#[derive(Clone, Copy)]
struct Session {
    key: SessionKey,
    user: UserId,
    idle: bool,
    idle_until: Timestamp,
    held_until: Option<Timestamp>,
}

#[derive(Clone, Default)]
struct User {
    name: Box<str>,
    raw: Option<Status>,
    came_at: Timestamp,
    changed_at: Timestamp,
    why_gone: Option<Reason>,
    last_frame_at: Timestamp,
    /// Published: status, since, last seen, name.
    shown: Option<(Status, Option<Timestamp>, Timestamp, Box<str>)>,
}

#[derive(Default)]
struct Model {
    sessions: Vec<Session>,
    users: BTreeMap<UserId, User>,
}

const FOREVER: Timestamp = Timestamp::from_micros(u64::MAX);

impl Model {
    fn handle(&mut self, event: &Event, now: Timestamp) {
        match *event {
            Event::SessionOpened { session: key, ref profile } => {
                let user = profile.user_id;
                let held = self
                    .sessions
                    .iter()
                    .enumerate()
                    .filter(|(_, s)| s.user == user && s.held_until.is_some());
                let oldest = held.min_by_key(|(_, s)| (s.held_until, s.key)).map(|(at, _)| at);
                let old = oldest.map(|at| self.sessions.remove(at)).filter(|old| old.idle);
                let idle_until = old.map_or(FOREVER, |old| old.held_until.unwrap());
                self.sessions.push(Session { key, user, idle: old.is_some(), idle_until, held_until: None });
                let user = self.users.entry(user).or_default();
                (user.name, user.last_frame_at) = (profile.username.clone(), now);
                self.recompute(now, Reason::Lost);
            }
            Event::SessionEnded { session, departure, last_frame_at } => {
                let Some(at) = self.sessions.iter().position(|s| s.key == session && s.held_until.is_none())
                else {
                    return;
                };
                let mut ended = self.sessions.remove(at);
                let user = self.users.get_mut(&ended.user).unwrap();
                user.last_frame_at = user.last_frame_at.max(last_frame_at);
                if let Departure::Lost { dead } = departure {
                    ended.held_until = Some(if dead { last_frame_at } else { now } + SETTINGS.grace);
                    self.sessions.extend((ended.held_until > Some(now)).then_some(ended));
                }
                let is_last = !self.sessions.iter().any(|s| s.user == ended.user && s.held_until.is_none());
                if departure == Departure::Bye && is_last {
                    self.sessions.retain(|s| s.user != ended.user);
                }
                let may_return = matches!(departure, Departure::Lost { .. });
                self.recompute(now, if may_return { Reason::Lost } else { Reason::Closed });
            }
            Event::SessionActivity { session, idle } => {
                let live = self.sessions.iter_mut().filter(|s| s.key == session && s.held_until.is_none());
                live.for_each(|s| (s.idle, s.idle_until) = (idle, FOREVER));
                self.recompute(now, Reason::Lost);
            }
            _ => unreachable!("nobody decides anything in these histories"),
        }
    }

    fn timeout(&mut self, now: Timestamp) {
        self.sessions.retain(|s| s.held_until.is_none_or(|until| until > now));
        let over = self.sessions.iter_mut().filter(|s| s.held_until.is_none() && s.idle_until <= now);
        over.for_each(|s| (s.idle, s.idle_until) = (false, FOREVER));
        self.recompute(now, Reason::Lost);
    }

    fn recompute(&mut self, now: Timestamp, ending: Reason) {
        for (&id, user) in &mut self.users {
            let sessions: Vec<_> = self.sessions.iter().filter(|s| s.user == id).collect();
            let raw = match sessions.iter().any(|s| !s.idle) {
                _ if sessions.is_empty() => None,
                true => Some(Status::Online),
                false => Some(Status::Away),
            };
            if raw != user.raw {
                user.came_at = if user.raw.is_none() { now } else { user.came_at };
                (user.raw, user.changed_at, user.why_gone) = (raw, now, Some(ending));
            }
        }
    }
}

// Publishing and comparing.

type Row = (UserId, Status, Status, Reason);

impl Model {
    fn flush(&mut self) -> Vec<Row> {
        self.users.iter_mut().filter_map(|(&id, user)| user.flush(id)).collect()
    }
}

impl User {
    fn flush(&mut self, id: UserId) -> Option<Row> {
        let to = self.raw.unwrap_or(Status::Offline);
        let shown = self.shown.clone();
        let from = shown.as_ref().map_or(Status::Offline, |shown| shown.0);
        let reason = match (from, to) {
            (Status::Offline, Status::Offline) => return None,
            (Status::Offline, _) => Reason::Joined,
            (_, Status::Offline) => self.why_gone?,
            (from, to) if from == to => {
                let shown = self.shown.as_mut()?;
                let is_renamed = shown.3 != self.name;
                shown.3 = self.name.clone();
                return is_renamed.then_some((id, from, to, Reason::Changed));
            }
            (_, Status::Away) => Reason::Idle,
            _ => Reason::Active,
        };
        let since = match shown.and_then(|shown| shown.1) {
            _ if to == Status::Offline => None,
            None => Some(self.came_at),
            kept => kept,
        };
        let last_seen = if to == Status::Offline { self.last_frame_at } else { self.changed_at };
        self.shown = Some((to, since, last_seen, self.name.clone()));
        Some((id, from, to, reason))
    }
}

fn assert_same(world: &World, model: &Model) {
    for (&id, user) in &model.users {
        let Some(index) = world.engine.user(id) else {
            assert_eq!(user.shown.as_ref().map_or(Status::Offline, |shown| shown.0), Status::Offline);
            assert_eq!(user.raw, None, "{id} has a session and no record");
            continue;
        };
        let presence = world.engine.presence(index, Viewer::Everyone);
        let Some((status, since, last_seen, name)) = &user.shown else {
            assert_eq!(presence.status, Status::Offline);
            continue;
        };
        assert_eq!((presence.status, presence.since), (*status, *since), "{id}");
        if presence.is_online {
            assert_eq!(*presence.username, **name, "{id}");
        }
        let minute = last_seen.floor_to(Duration::from_mins(1));
        let is_forgotten = presence.last_seen.is_none();
        if *status != Status::Online && !is_forgotten {
            assert_eq!(presence.last_seen, Some(minute), "{id}");
        }
    }
    let mut listed: Vec<_> =
        model.users.iter().filter_map(|(&id, user)| Some((user.shown.as_ref()?.1?, id))).collect();
    listed.sort_unstable();
    let everyone: Vec<_> = world.engine.everyone().map(|user| world.engine.profile(user).user_id).collect();
    assert_eq!(everyone, listed.iter().map(|&(_, id)| id).collect::<Vec<_>>());
    let n_live = model.sessions.iter().filter(|s| s.held_until.is_none()).count();
    assert_eq!((world.engine.n_sessions(), world.engine.n_held()), (n_live, model.sessions.len() - n_live));
}

fn check(steps: Vec<Step>) {
    let mut world = World::new();
    let mut model = Model::default();
    for step in steps {
        let event = world.event(step);
        let tick = world.apply(step);
        match step {
            Step::Wait(_) => {}
            Step::Timeout => model.timeout(world.now),
            Step::Flush => {
                let expected = model.flush();
                let changes = tick.map(|tick| tick.changes).unwrap_or_default();
                let mut rows: Vec<_> = changes
                    .into_iter()
                    .map(|c| (world.engine.profile(c.user).user_id, c.from, c.to, c.reason))
                    .collect();
                rows.sort_by_key(|row| row.0);
                assert_eq!(rows, expected);
            }
            _ => event.iter().for_each(|event| model.handle(event, world.now)),
        }
        assert_same(&world, &model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_the_model(steps in history(150)) {
        check(steps);
    }
}
