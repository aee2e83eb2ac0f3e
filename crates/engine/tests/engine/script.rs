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

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use hereabouts_engine::{
    Departure, Effect, Engine, Event, Profile, SessionKey, Settings, Tick, TickSeq, UserIndex, Viewer,
};
use hereabouts_protocol::{Presence, Timestamp, UserId};

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

struct Stage {
    engine: Engine,
    sessions: BTreeMap<String, SessionKey>,
    names: BTreeMap<UserId, String>,
    windows: Vec<usize>,
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
        self.report(now, &out, tick.as_ref());
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
            let line = match *effect {
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
        let Presence { username, status, since, last_seen, version, profile_image_url, .. } =
            self.engine.presence(user, viewer);
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
