//! One world: an engine with its shell, and everything that anybody but Uma can obtain of it.

use std::sync::Arc;
use std::time::Duration;

use hereabouts_protocol::{
    Audience, AudienceRule, Change, Mode, OwnCustomStatus, Precision, Presence, Reason, Status, Timestamp,
    UserId,
};

use super::Leak;
use super::script::{Deed, N_PEOPLE, Script, Step, UMA};
use crate::{
    Departure, Effect, Engine, Event, Person, Profile, SessionKey, Settings, Tick, TickSeq, TimedMode,
    UserIndex, Viewer, Watched,
};

const START: Timestamp = Timestamp::from_secs(1_200_000_000);

/// Something that somebody obtains. Equal entries are equal bytes: encoding looks at nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// An effect, or a line of a list.
    Line(String),
    /// What a viewer sees of somebody, asked for or in a resume.
    Seen(UserIndex, Presence, Option<Reason>),
    /// A frame: to whom, of which scope, and the total in it.
    Frame(UserIndex, &'static str, Vec<Change>, u64),
    /// The frames of an original client.
    Original(UserIndex, Vec<(UserId, bool)>),
}

/// An engine, what was told to it, and what others got.
pub(super) struct World {
    engine: Engine,
    now: Timestamp,
    people: Vec<(Person, u64)>,
    /// Live sessions by person, oldest first.
    sessions: Vec<Vec<SessionKey>>,
    n_sessions: u64,
    /// Where resumes begin: a tick of each moment at which somebody was connected.
    cursors: Vec<TickSeq>,
    hides: bool,
    pub(super) transcript: Vec<Entry>,
}

impl World {
    pub(super) fn play(script: &Script, hides: bool, leak: Option<Leak>) -> Self {
        let settings = Settings { is_reciprocal: script.is_reciprocal, ..Settings::default() };
        let mut engine = Engine::new(settings);
        engine.leak = leak;
        let mut world = Self {
            engine,
            now: START,
            people: vec![Default::default(); N_PEOPLE],
            sessions: vec![Vec::new(); N_PEOPLE],
            n_sessions: 0,
            cursors: Vec::new(),
            hides,
            transcript: Vec::new(),
        };
        for &(at, step) in &script.steps {
            world.wait_until(START + at);
            world.step(step);
            world.turn();
            world.read();
        }
        world
    }

    /// Does what comes due on the way, as the shell's loop does.
    fn wait_until(&mut self, at: Timestamp) {
        while let Some(due_at) = self.engine.next_timeout().filter(|&due_at| due_at < at) {
            self.now = self.now.max(due_at);
            self.turn();
        }
        self.now = at;
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Both(deed) => self.act(deed),
            Step::Hidden(deed) if self.hides => self.act(deed),
            Step::Hidden(_) => {}
            Step::Part => self.part(),
            Step::Return => self.come_back(),
        }
    }

    /// Signs out, or hides.
    fn part(&mut self) {
        if self.hides {
            return self.decide(UMA, |person| (person.mode, person.timed) = (Mode::Invisible, None));
        }
        while !self.sessions[UMA].is_empty() {
            self.act(Deed::Bye { who: UMA });
        }
    }

    /// Signs in with one device; or comes out of hiding, with one.
    fn come_back(&mut self) {
        // A bye ends what is held of lost devices too, so that both worlds go on with one device, in use.
        self.act(Deed::Open { who: UMA });
        while !self.sessions[UMA].is_empty() {
            self.act(Deed::Bye { who: UMA });
        }
        self.act(Deed::Open { who: UMA });
        self.decide(UMA, |person| {
            (person.mode, person.timed, person.custom) = (Mode::Auto, None, None);
        });
    }

    fn act(&mut self, deed: Deed) {
        match deed {
            Deed::Nothing => {}
            Deed::Open { who } => {
                self.n_sessions += 1;
                let session = SessionKey(self.n_sessions);
                self.sessions[who].push(session);
                self.tell(Event::SessionOpened { session, profile: profile(who) });
            }
            Deed::Bye { who } => self.end(who, Departure::Bye),
            Deed::Close { who } => self.end(who, Departure::Closed),
            Deed::Lose { who } => self.end(who, Departure::Lost { dead: false }),
            Deed::Idle { who, idle } => {
                if let Some(&session) = self.sessions[who].last() {
                    self.tell(Event::SessionActivity { session, idle });
                }
            }
            Deed::Mode { who, mode, for_s } => {
                let until = for_s.map(|s| self.now + Duration::from_secs(s));
                self.decide(who, |person| match until {
                    Some(until) => person.timed = Some(TimedMode { mode, until }),
                    None => (person.mode, person.timed) = (mode, None),
                });
            }
            Deed::StayHidden { for_s, below } => {
                let until = for_s.map(|s| self.now + Duration::from_secs(s));
                self.decide(UMA, |person| match until {
                    Some(until) => {
                        (person.mode, person.timed) =
                            (below, Some(TimedMode { mode: Mode::Invisible, until }));
                    }
                    None => (person.mode, person.timed) = (Mode::Invisible, None),
                });
            }
            Deed::Custom { who, text, for_s, show_offline } => {
                let until = for_s.map(|s| self.now + Duration::from_secs(s));
                let text = text.map(|text| format!("text {text}"));
                let custom =
                    text.map(|text| OwnCustomStatus { emoji: None, text: Some(text), until, show_offline });
                self.decide(who, |person| person.custom = custom);
            }
            Deed::Rule { who, rule, of, whom } => self.decide(who, |person| set_rule(person, rule, of, whom)),
            Deed::Precision { who, exact } => self.decide(who, |person| {
                person.privacy.precision = if exact { Precision::Exact } else { Precision::Minute };
            }),
            Deed::Befriend { who, whom, is_on } => {
                self.decide(who, |person| include(&mut person.friends, whom, is_on));
                self.decide(whom, |person| include(&mut person.friends, who, is_on));
            }
            Deed::Block { who, whom, is_on } => {
                self.decide(who, |person| include(&mut person.blocks, whom, is_on));
            }
            Deed::Watch { who, whom, is_on, repeats } => self.decide(who, |person| {
                let mut watches = person.watches.to_vec();
                watches.retain(|watched| watched.user_id != id(whom));
                watches.extend(is_on.then(|| Watched { user_id: id(whom), repeats }));
                person.watches = watches.into();
            }),
        }
    }

    fn end(&mut self, who: usize, departure: Departure) {
        if self.sessions[who].is_empty() {
            return;
        }
        let session = self.sessions[who].remove(0);
        self.tell(Event::SessionEnded { session, departure, last_frame_at: self.now });
    }

    fn decide(&mut self, who: usize, change: impl FnOnce(&mut Person)) {
        let (person, epoch) = &mut self.people[who];
        change(person);
        *epoch += 1;
        let (person, epoch) = (Arc::new(person.clone()), *epoch);
        self.tell(Event::PersonChanged { user_id: id(who), person, epoch });
    }

    fn tell(&mut self, event: Event) {
        let mut effects = Vec::new();
        self.engine.handle(event, self.now, &mut effects);
        self.take(effects);
    }

    /// Answers loads at once; notes what reaches anybody but Uma.
    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Load { user_id } => {
                    let who = (0..N_PEOPLE).find(|&who| id(who) == user_id).expect("everybody has an id");
                    let (person, epoch) = self.people[who].clone();
                    let person = person.into();
                    self.tell(Event::PersonLoaded { profile: profile(who), person, epoch, last_seen: None });
                }
                Effect::Welcome { user, .. } | Effect::WatchFired { watcher: user, .. }
                    if self.is_uma(user) => {}
                // Sessions are numbered by the shell, and nobody sees the number.
                Effect::Welcome { user, .. } => self.note(&format!("Welcome of {user:?}")),
                effect => self.note(&format!("{effect:?}")),
            }
        }
    }

    /// One turn of the shell's loop.
    fn turn(&mut self) {
        let mut effects = Vec::new();
        self.engine.handle_timeout(self.now, &mut effects);
        let tick = self.engine.has_changes().then(|| self.engine.flush(self.now, &mut effects)).flatten();
        self.take(effects);
        if let Some(tick) = tick {
            for viewer in self.viewers() {
                self.frames(&tick, viewer);
            }
        }
    }

    /// What a viewer's sockets are sent, whatever they subscribed to.
    fn frames(&mut self, tick: &Tick, viewer: UserIndex) {
        let engine = &self.engine;
        let is_special = engine.is_special(viewer);
        let told = engine.told(tick, viewer);
        let who = if is_special { Viewer::User(viewer) } else { Viewer::Everyone };
        // From, to and why, of everybody whom the frames for `everyone` name.
        let changes: Vec<(UserIndex, Status, Status, Reason)> = if is_special {
            told.iter().map(|told| (told.user, told.from, told.to, told.reason)).collect()
        } else {
            tick.changes.iter().map(|change| (change.user, change.from, change.to, change.reason)).collect()
        };
        let mut entries = Vec::new();
        let moved = changes.iter().filter(|(_, from, to, _)| from.is_online() != to.is_online());
        let original: Vec<_> =
            moved.map(|&(user, _, to, _)| (engine.profile(user).user_id, to.is_online())).collect();
        entries.extend((!original.is_empty()).then_some(Entry::Original(viewer, original)));
        let everyone: Vec<_> = changes.into_iter().map(|(user, _, _, reason)| (user, reason)).collect();
        if !everyone.is_empty() {
            entries.push(self.frame(viewer, "everyone", &everyone, who));
        }
        for (limit, scope) in [(1, "window 1"), (2, "window 2"), (4, "window 4")] {
            let changes = if is_special {
                engine.told_window(tick, viewer, &told, limit)
            } else {
                tick.window_changes(limit)
            };
            entries.extend(changes.map(|changes| self.frame(viewer, scope, &changes, who)));
        }
        let concerned = tick.moved().chain(tick.related().map(|(_, user)| user));
        let mut circle: Vec<_> = concerned
            .filter_map(|user| engine.told_one(tick, Viewer::User(viewer), user))
            .map(|told| (told.user, told.reason))
            .collect();
        circle.sort_unstable_by_key(|&(user, _)| user);
        circle.dedup();
        let mut friends = circle.clone();
        friends.retain(|&(user, _)| engine.person(viewer).is_friend(engine.profile(user).user_id));
        if !friends.is_empty() {
            entries.push(self.frame(viewer, "friends", &friends, Viewer::User(viewer)));
        }
        if !circle.is_empty() {
            entries.push(self.frame(viewer, "users", &circle, Viewer::User(viewer)));
        }
        self.transcript.extend(entries);
    }

    fn frame(
        &self,
        to: UserIndex,
        scope: &'static str,
        changes: &[(UserIndex, Reason)],
        viewer: Viewer,
    ) -> Entry {
        let changes = changes
            .iter()
            .map(|&(user, reason)| Change { presence: self.engine.presence(user, viewer), reason });
        Entry::Frame(to, scope, changes.collect(), self.engine.total_for(viewer))
    }

    /// What anybody can ask for: lists, totals, people, and what was missed since any moment.
    fn read(&mut self) {
        let engine = &self.engine;
        let mut entries = Vec::new();
        for user in self.viewers().into_iter().chain(engine.user(id(UMA))) {
            let row = (engine.since(user), engine.limited_since(user), engine.last_reason(user));
            entries.push(Entry::Line(format!("{user:?} {row:?} of {}", engine.total())));
        }
        for viewer in self.viewers() {
            let who = Viewer::User(viewer);
            let list: Vec<_> = engine.everyone_for(viewer).collect();
            if engine.leak.is_none() {
                assert_eq!(list.len() as u64, engine.total_for(who), "the total is the length of the list");
            }
            entries.push(Entry::Line(format!("{viewer:?} lists {list:?}")));
            for user in (0..N_PEOPLE).filter_map(|who| engine.user(id(who))) {
                entries.push(Entry::Seen(viewer, engine.presence(user, who), None));
            }
            if let Some(&cursor) = self.cursors.get(self.cursors.len() / 2) {
                entries.extend(engine.changed_for(viewer, cursor).map(|user| {
                    let reason = engine.last_reason_for(user, who);
                    Entry::Seen(viewer, engine.presence(user, who), Some(reason))
                }));
            }
        }
        self.transcript.extend(entries);
        self.cursors.push(self.engine.seq());
    }

    /// Everybody but Uma who is known.
    fn viewers(&self) -> Vec<UserIndex> {
        (1..N_PEOPLE).filter_map(|who| self.engine.user(id(who))).collect()
    }

    fn note(&mut self, line: &str) {
        self.transcript.push(Entry::Line(format!("{} {line}", self.now)));
    }

    fn is_uma(&self, user: UserIndex) -> bool {
        self.engine.profile(user).user_id == id(UMA)
    }
}

fn id(who: usize) -> UserId {
    format!("{who:032x}").replacen('0', "1", 1).parse().unwrap()
}

fn profile(who: usize) -> Arc<Profile> {
    let name = ["uma", "ann", "bob", "cid", "dan", "eve"][who];
    Arc::new(Profile { user_id: id(who), username: name.into(), profile_image_url: None, slug: name.into() })
}

fn set_rule(person: &mut Person, rule: u8, of: u8, whom: usize) {
    let rule = match rule {
        0 => AudienceRule::plain(Audience::Everyone),
        1 => AudienceRule::plain(Audience::Friends),
        2 => AudienceRule::plain(Audience::Nobody),
        _ => AudienceRule { deny: vec![id(whom)], ..AudienceRule::plain(Audience::Everyone) },
    };
    let privacy = &mut person.privacy;
    match of {
        0 => (privacy.online, privacy.last_seen) = (rule.clone(), rule),
        1 if rule.is_within(&privacy.online) => privacy.last_seen = rule,
        1 => {}
        _ => privacy.alerts = rule,
    }
}

fn include(list: &mut Box<[UserId]>, whom: usize, is_on: bool) {
    let mut ids = list.to_vec();
    ids.retain(|&other| other != id(whom));
    ids.extend(is_on.then(|| id(whom)));
    ids.sort_unstable();
    *list = ids.into();
}
