//! Scenarios in text: [`run`] plays a script to an engine and writes down everything it answers.
//!
//! A line is a time in seconds and a command:
//!
//! | command | meaning |
//! |---|---|
//! | `open a1 ann [name=Ann] [picture=/a.png]` | session `a1` of `ann` begins |
//! | `bye a1`, `close a1`, `lose a1`, `dead a1` | it ends; `last=T` is when its last frame came (default: now) |
//! | `idle a1`, `active a1` | what it reports |
//! | `timeout`, `flush`, `tick` | `handle_timeout`, `flush`, or one after the other |
//! | `who`, `see ann [by bob]`, `since-tick 3` | what can be read: everybody, one person, who changed |
//! | `pending`, `next` | `has_changes`, `next_timeout` |
//! | `windows 2` | from now on each tick also says what watchers of the first 2 people are told |
//! | `tell bob` | from now on each tick also says what bob is told |
//! | `log activity`, `log loads` | from now on these effects are written down too |
//! | `cold`, `load ann [seen=T]`, `unreadable ann` | what people decided is no longer loaded at once; it is; it cannot be |
//! | `mode ann dnd [until=T]` | ann chooses a mode, for a time or from now on |
//! | `custom ann tea [until=T] [offline]`, `custom ann` | she writes a custom status, or clears it |
//! | `privacy ann online=friends+bob-cid last_seen=nobody alerts=everyone precision=exact` | she sets rules |
//! | `befriend ann bob`, `unfriend ann bob`, `block ann bob`, `unblock ann bob` | between two people |
//! | `watch ann bob [always]`, `unwatch ann bob` | ann waits for bob |
//! | `stale ann dnd` | news of an older epoch arrives |

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use hereabouts_engine::{
    Departure, Effect, Engine, Event, Profile, SessionKey, Settings, Tick, TickSeq, UserIndex, Viewer,
};
use hereabouts_protocol::{Presence, Timestamp, UserId};

use crate::decisions::Decisions;

/// A whole number of minutes, so that rounding to the minute shows.
const START: Timestamp = Timestamp::from_secs(1_200_000_000);

/// Plays `script` with the default settings.
pub(crate) fn run(script: &str) -> String {
    run_with(Settings::default(), script)
}

/// Plays `script`.
pub(crate) fn run_with(settings: Settings, script: &str) -> String {
    let mut stage = Stage {
        engine: Engine::new(settings),
        sessions: BTreeMap::new(),
        names: BTreeMap::new(),
        windows: Vec::new(),
        told: Vec::new(),
        logged: Vec::new(),
        decisions: Decisions::default(),
        is_cold: false,
        text: String::new(),
    };
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (time, command) = line.split_once(' ').expect("a line is a time and a command");
        let now = START + Duration::from_secs_f64(time.parse().expect("a time is a number of seconds"));
        stage.play(&Words::new(command), now);
    }
    stage.text
}

/// The id of a person in a script: their name, letter by letter, so that ids sort as names of one length do.
pub(crate) fn user_id(name: &str) -> UserId {
    let number = name.bytes().fold(0_u128, |number, byte| number << 8 | u128::from(byte));
    format!("{number:032x}").parse().expect("32 hexadecimal digits are a UUID")
}

/// The name of whom [`user_id`] made this of.
fn name_of(user_id: UserId) -> String {
    user_id.0.as_bytes().iter().filter(|&&byte| byte != 0).map(|&byte| char::from(byte)).collect()
}

/// A moment of a script.
pub(crate) fn moment(seconds: &str) -> Timestamp {
    START + Duration::from_secs_f64(seconds.parse().expect("a time is a number of seconds"))
}

struct Stage {
    engine: Engine,
    sessions: BTreeMap<String, SessionKey>,
    names: BTreeMap<UserId, String>,
    windows: Vec<usize>,
    told: Vec<String>,
    logged: Vec<String>,
    decisions: Decisions,
    is_cold: bool,
    text: String,
}

impl Stage {
    fn play(&mut self, words: &Words<'_>, now: Timestamp) {
        let mut out = Vec::new();
        let mut tick = None;
        match words.at(0) {
            "timeout" => self.engine.handle_timeout(now, &mut out),
            "flush" => tick = self.engine.flush(now, &mut out),
            "tick" => {
                self.engine.handle_timeout(now, &mut out);
                tick = self.engine.flush(now, &mut out);
            }
            "windows" => self.windows.push(words.number(1)),
            "tell" => self.told.push(words.at(1).to_owned()),
            "log" => self.logged.push(words.at(1).to_owned()),
            "cold" => self.is_cold = true,
            "load" => self.load(user_id(words.at(1)), words.option("seen"), now, &mut out),
            "unreadable" => {
                let user_id = user_id(words.at(1));
                self.engine.handle(Event::PersonUnreadable { user_id }, now, &mut out);
            }
            command if Decisions::knows(command) => {
                for event in self.decisions.take(&words.0) {
                    self.engine.handle(event, now, &mut out);
                }
            }
            "who" => self.say(now, &self.who()),
            "see" => self.say(now, &self.see(words)),
            "since-tick" => self.say(now, &self.since_tick(words.number(1))),
            "pending" => self.say(now, &format!("has changes: {}", self.engine.has_changes())),
            "next" => {
                let next = self.engine.next_timeout().map_or("never".to_owned(), seconds);
                self.say(now, &format!("next timeout: {next}"));
            }
            _ => {
                let event = self.event(words, now);
                self.engine.handle(event, now, &mut out);
            }
        }
        while !self.is_cold
            && let Some(at) = out.iter().position(|effect| matches!(effect, Effect::Load { .. }))
        {
            let Effect::Load { user_id } = out.remove(at) else { unreachable!() };
            self.load(user_id, None, now, &mut out);
        }
        self.report(now, &out, tick.as_ref());
    }

    fn load(&mut self, user_id: UserId, last_seen: Option<&str>, now: Timestamp, out: &mut Vec<Effect>) {
        let name = name_of(user_id);
        self.names.insert(user_id, name.clone());
        let (person, epoch) = self.decisions.of(&name);
        let profile = Profile {
            user_id,
            username: name.as_str().into(),
            profile_image_url: None,
            slug: name.as_str().into(),
        };
        let last_seen = last_seen.map(|seen| START + Duration::from_secs(seen.parse().unwrap()));
        let event = Event::PersonLoaded { profile: profile.into(), person: person.into(), epoch, last_seen };
        self.engine.handle(event, now, out);
    }

    fn event(&mut self, words: &Words<'_>, now: Timestamp) -> Event {
        let n_sessions = self.sessions.len() as u64;
        let session = *self.sessions.entry(words.at(1).to_owned()).or_insert(SessionKey(n_sessions + 1));
        let last_frame_at =
            words.option("last").map_or(now, |last| START + Duration::from_secs(last.parse().unwrap()));
        let ended = |departure| Event::SessionEnded { session, departure, last_frame_at };
        match words.at(0) {
            "open" => {
                let name = words.at(2);
                let user_id = user_id(name);
                self.names.insert(user_id, name.to_owned());
                let profile = Profile {
                    user_id,
                    username: words.option("name").unwrap_or(name).into(),
                    profile_image_url: words.option("picture").map(Into::into),
                    slug: name.into(),
                };
                Event::SessionOpened { session, profile: profile.into() }
            }
            "bye" => ended(Departure::Bye),
            "close" => ended(Departure::Closed),
            "lose" => ended(Departure::Lost { dead: false }),
            "dead" => ended(Departure::Lost { dead: true }),
            "idle" => Event::SessionActivity { session, idle: true },
            "active" => Event::SessionActivity { session, idle: false },
            other => panic!("no such command: {other}"),
        }
    }

    fn report(&mut self, now: Timestamp, effects: &[Effect], tick: Option<&Tick>) {
        for effect in effects {
            let is_logged = |what: &str| self.logged.iter().any(|logged| logged == what);
            let line = match *effect {
                Effect::Load { user_id } if is_logged("loads") => format!("load {}", name_of(user_id)),
                Effect::Activity { user, from, to, reason, .. } if is_logged("activity") => {
                    let (from, to) = (from.as_str(), to.as_str());
                    format!("activity of {}: {from} -> {to}, {}", self.name(user), reason.as_str())
                }
                Effect::WatchFired { watcher, target, .. } => {
                    format!("tell {} that {} came", self.name(watcher), self.name(target))
                }
                Effect::Load { .. } | Effect::Activity { .. } | Effect::Forgotten { .. } => continue,
                Effect::Welcome { session, user } => {
                    let (session, _) = self.sessions.iter().find(|&(_, &key)| key == session).unwrap();
                    format!("welcome {session} of {}", self.name(user))
                }
                Effect::Record { user, is_online, last_seen } => {
                    let status = if is_online { "online" } else { "offline" };
                    format!("record {} {status}, last seen {}", self.name(user), seconds(last_seen))
                }
            };
            self.say(now, &line);
        }
        let Some(tick) = tick else { return };
        for viewer in self.told.clone() {
            let viewer_index = self.engine.user(user_id(&viewer)).expect("viewers are known");
            let told: Vec<_> = tick
                .moved()
                .chain(tick.related().filter(|&(id, _)| id == user_id(&viewer)).map(|(_, user)| user))
                .filter_map(|user| self.engine.told_one(tick, Viewer::User(viewer_index), user))
                .map(|told| {
                    let (from, to) = (told.from.as_str(), told.to.as_str());
                    format!("{} {from} -> {to}: {}", self.name(told.user), told.reason.as_str())
                })
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect();
            let total = self.engine.total_for(Viewer::User(viewer_index));
            self.say(now, &format!("{viewer} is told [{}], total {total}", told.join(", ")));
        }
        for change in &tick.changes {
            let (from, to) = (change.from.as_str(), change.to.as_str());
            let line = format!("{} {from} -> {to}: {}", self.name(change.user), change.reason.as_str());
            self.say(now, &line);
        }
        self.say(now, &format!("tick {}, total {}", tick.seq.0, tick.total));
        for limit in self.windows.clone() {
            let told = match tick.window_changes(limit) {
                None => "nothing to tell".to_owned(),
                Some(told) => {
                    let told: Vec<_> = told
                        .into_iter()
                        .map(|(user, reason)| format!("{} {}", self.name(user), reason.as_str()))
                        .collect();
                    format!("[{}]", told.join(", "))
                }
            };
            self.say(now, &format!("window {limit}: {told}"));
        }
    }

    fn who(&self) -> String {
        let names: Vec<_> = self.engine.everyone().map(|user| self.name(user)).collect();
        format!("{} here: {}", self.engine.total(), names.join(" "))
    }

    fn see(&self, words: &Words<'_>) -> String {
        let name = words.at(1);
        let Some(user) = self.engine.user(user_id(name)) else { return format!("{name}: not known") };
        let viewer = match words.get(3) {
            None => Viewer::Everyone,
            Some(viewer) => Viewer::User(self.engine.user(user_id(viewer)).expect("viewers are known")),
        };
        let Presence {
            username, status, since, last_seen, version, profile_image_url, custom_status, ..
        } = self.engine.presence(user, viewer);
        let mut line = format!("{username}: {}", status.as_str());
        if let Some(since) = since {
            write!(line, " since {}", seconds(since)).unwrap();
        }
        if let Some(last_seen) = last_seen {
            write!(line, ", last seen {}", seconds(last_seen)).unwrap();
        }
        if let Some(picture) = profile_image_url {
            write!(line, ", picture {picture}").unwrap();
        }
        if let Some(text) = custom_status.and_then(|custom| custom.text) {
            write!(line, ", says {text}").unwrap();
        }
        write!(line, ", version {version}").unwrap();
        line
    }

    fn since_tick(&self, seq: usize) -> String {
        let names: Vec<_> =
            self.engine.changed_since(TickSeq(seq as u64)).map(|user| self.name(user)).collect();
        format!("changed since tick {seq}: {}", names.join(" "))
    }

    fn name(&self, user: UserIndex) -> &str {
        &self.names[&self.engine.profile(user).user_id]
    }

    fn say(&mut self, now: Timestamp, line: &str) {
        writeln!(self.text, "{:<6}{}", seconds(now), line.trim_end()).unwrap();
    }
}

/// Seconds since the start of the script.
fn seconds(at: Timestamp) -> String {
    let micros = at.as_micros() as i64 - START.as_micros() as i64;
    format!("{}", micros as f64 / 1e6)
}

struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    fn new(line: &'a str) -> Self {
        Self(line.split_whitespace().collect())
    }

    fn at(&self, index: usize) -> &'a str {
        self.get(index).unwrap_or_else(|| panic!("word {index} of {:?} is missing", self.0))
    }

    fn get(&self, index: usize) -> Option<&'a str> {
        self.0.get(index).copied()
    }

    fn number(&self, index: usize) -> usize {
        self.at(index).parse().expect("a number")
    }

    fn option(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}
