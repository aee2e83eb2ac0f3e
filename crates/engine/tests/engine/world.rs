//! Random histories: steps that shrink well, and the world they happen to.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hereabouts_engine::{Departure, Effect, Engine, Event, Profile, SessionKey, Settings, Tick};
use hereabouts_protocol::{Timestamp, UserId};
use proptest::prelude::*;

pub(crate) const N_USERS: u8 = 6;

/// Short, so that histories of a few minutes see records forgotten.
pub(crate) const SETTINGS: Settings = Settings {
    grace: Duration::from_secs(15),
    retention: Duration::from_secs(90),
    // Histories of seconds would mostly show the limit.
    change_period: Duration::ZERO,
    is_reciprocal: false,
    bucket_secret: 0,
};

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Open {
        user: u8,
        name: u8,
    },
    /// `nth` counts back from the latest session ever opened: late news of ended ones included.
    End {
        nth: u8,
        departure: Departure,
        silent_for: Duration,
    },
    Activity {
        nth: u8,
        idle: bool,
    },
    Wait(Duration),
    Timeout,
    Flush,
}

/// A history of up to `len` steps.
pub(crate) fn history(len: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..len)
}

fn step() -> impl Strategy<Value = Step> {
    let departure = prop_oneof![
        Just(Departure::Bye),
        Just(Departure::Closed),
        Just(Departure::Lost { dead: false }),
        Just(Departure::Lost { dead: true }),
    ];
    let silence = prop::sample::select(vec![0, 1, 9, 14, 15, 45, 60]).prop_map(Duration::from_secs);
    let wait = prop::sample::select(vec![1, 20, 1_000, 5_000, 15_000, 40_000, 90_000]);
    prop_oneof![
        4 => (0..N_USERS, 0..2_u8).prop_map(|(user, name)| Step::Open { user, name }),
        4 => (0..12_u8, departure, silence)
            .prop_map(|(nth, departure, silent_for)| Step::End { nth, departure, silent_for }),
        2 => (0..12_u8, any::<bool>()).prop_map(|(nth, idle)| Step::Activity { nth, idle }),
        3 => wait.prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        2 => Just(Step::Timeout),
        3 => Just(Step::Flush),
    ]
}

/// An engine, and what an onlooker without any rules knows of its sessions.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    /// The user of each session ever opened; [`SessionKey`] is the position.
    pub(crate) owners: Vec<UserId>,
    pub(crate) live: HashMap<SessionKey, UserId>,
    /// When each user last had a live session.
    pub(crate) last_live_at: HashMap<UserId, Timestamp>,
    pub(crate) effects: Vec<Effect>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            engine: Engine::new(SETTINGS),
            now: Timestamp::from_secs(1_200_000_000),
            owners: Vec::new(),
            live: HashMap::new(),
            last_live_at: HashMap::new(),
            effects: Vec::new(),
        }
    }

    /// Does `step`; returns what it published. Effects since the last call are in `effects`.
    pub(crate) fn apply(&mut self, step: Step) -> Option<Tick> {
        self.effects.clear();
        match step {
            Step::Wait(duration) => self.now = self.now + duration,
            Step::Timeout => self.engine.handle_timeout(self.now, &mut self.effects),
            Step::Flush => return self.engine.flush(self.now, &mut self.effects),
            Step::Open { .. } | Step::End { .. } | Step::Activity { .. } => {
                if let Some(event) = self.event(step) {
                    self.note(&event);
                    self.engine.handle(event, self.now, &mut self.effects);
                    self.load();
                }
            }
        }
        None
    }

    /// Answers that somebody never decided anything, at once.
    fn load(&mut self) {
        let at = self.effects.iter().position(|effect| matches!(effect, Effect::Load { .. }));
        let Some(Effect::Load { user_id }) = at.map(|at| self.effects.remove(at)) else { return };
        let profile = self.engine.user(user_id).map(|user| Arc::clone(self.engine.profile(user)));
        let profile = profile.expect("who is to be loaded has a record");
        let event = Event::PersonLoaded { profile, person: Arc::default(), epoch: 0, last_seen: None };
        self.engine.handle(event, self.now, &mut self.effects);
    }

    /// The event a step stands for; `None` where it means a session and there has been none yet.
    pub(crate) fn event(&self, step: Step) -> Option<Event> {
        let session = |nth: u8| {
            let n = self.owners.len();
            (n > 0).then(|| SessionKey((n - 1 - usize::from(nth) % n) as u64))
        };
        Some(match step {
            Step::Open { user, name } => Event::SessionOpened {
                session: SessionKey(self.owners.len() as u64),
                profile: profile(user, name).into(),
            },
            Step::End { nth, departure, silent_for } => Event::SessionEnded {
                session: session(nth)?,
                departure,
                last_frame_at: self.now - silent_for,
            },
            Step::Activity { nth, idle } => Event::SessionActivity { session: session(nth)?, idle },
            Step::Wait(_) | Step::Timeout | Step::Flush => return None,
        })
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::SessionOpened { session, profile } => {
                self.owners.push(profile.user_id);
                self.live.insert(*session, profile.user_id);
            }
            Event::SessionEnded { session, .. } => {
                if let Some(user_id) = self.live.remove(session) {
                    self.last_live_at.insert(user_id, self.now);
                }
            }
            _ => {}
        }
    }
}

pub(crate) fn user_id(user: u8) -> UserId {
    format!("00000000-0000-0000-0000-0000000000{user:02x}").parse().unwrap()
}

fn profile(user: u8, name: u8) -> Profile {
    Profile {
        user_id: user_id(user),
        username: format!("user {user}, name {name}").into(),
        profile_image_url: None,
        slug: format!("user-{user}").into(),
    }
}
