//! What people of a script decide: commands to events.

use std::collections::BTreeMap;

use hereabouts_engine::{Event, Person, TimedMode, Watched};
use hereabouts_protocol::{Audience, AudienceRule, OwnCustomStatus, Precision};

use crate::script::{moment, user_id};

/// What everybody decided so far, and how often.
#[derive(Default)]
pub(crate) struct Decisions(BTreeMap<String, (Person, u64)>);

impl Decisions {
    /// Whether this is one of ours.
    pub(crate) fn knows(command: &str) -> bool {
        [
            "mode",
            "custom",
            "privacy",
            "befriend",
            "unfriend",
            "block",
            "unblock",
            "watch",
            "unwatch",
            "stale",
            "deactivate",
        ]
        .contains(&command)
    }

    /// What somebody decided, and its epoch.
    pub(crate) fn of(&self, name: &str) -> (Person, u64) {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Does a command, and says what the engine is told of it.
    pub(crate) fn take(&mut self, words: &[&str]) -> Vec<Event> {
        let (name, rest) = (words[1], &words[2..]);
        let option = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        match words[0] {
            "mode" => {
                let mode = rest[0].parse().expect("a mode");
                let until = option("until").map(moment);
                self.change(name, |person| match until {
                    Some(until) => person.timed = Some(TimedMode { mode, until }),
                    None => (person.mode, person.timed) = (mode, None),
                })
            }
            "custom" => {
                let custom = rest.first().map(|text| OwnCustomStatus {
                    emoji: None,
                    text: Some((*text).to_owned()),
                    until: option("until").map(moment),
                    show_offline: rest.contains(&"offline"),
                });
                self.change(name, |person| person.custom = custom)
            }
            "privacy" => self.change(name, |person| {
                let privacy = &mut person.privacy;
                let rules = [
                    ("online", &mut privacy.online),
                    ("last_seen", &mut privacy.last_seen),
                    ("alerts", &mut privacy.alerts),
                ];
                for (key, rule) in rules {
                    if let Some(text) = option(key) {
                        *rule = parse_rule(text);
                    }
                }
                match option("precision") {
                    Some("exact") => privacy.precision = Precision::Exact,
                    Some("bucket") => privacy.precision = Precision::Bucket,
                    _ => {}
                }
            }),
            "deactivate" => self.change(name, |person| person.is_deactivated = true),
            "befriend" | "unfriend" => {
                let is_on = words[0] == "befriend";
                let mut events = self.change(name, |person| with(&mut person.friends, rest[0], is_on));
                events.extend(self.change(rest[0], |person| with(&mut person.friends, name, is_on)));
                events
            }
            "block" | "unblock" => {
                let is_on = words[0] == "block";
                self.change(name, |person| with(&mut person.blocks, rest[0], is_on))
            }
            "watch" | "unwatch" => self.change(name, |person| {
                let mut watches = person.watches.to_vec();
                watches.retain(|watched| watched.user_id != user_id(rest[0]));
                if words[0] == "watch" {
                    watches.push(Watched { user_id: user_id(rest[0]), repeats: rest.contains(&"always") });
                }
                person.watches = watches.into();
            }),
            "stale" => {
                let person = Person { mode: rest[0].parse().expect("a mode"), ..Person::default() };
                vec![Event::PersonChanged { user_id: user_id(name), person: person.into(), epoch: 0 }]
            }
            other => panic!("no such decision: {other}"),
        }
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Person)) -> Vec<Event> {
        let (person, epoch) = self.0.entry(name.to_owned()).or_default();
        change(person);
        *epoch += 1;
        vec![Event::PersonChanged { user_id: user_id(name), person: person.clone().into(), epoch: *epoch }]
    }
}

fn with(list: &mut Box<[hereabouts_protocol::UserId]>, name: &str, is_on: bool) {
    let mut ids = list.to_vec();
    ids.retain(|&id| id != user_id(name));
    ids.extend(is_on.then(|| user_id(name)));
    ids.sort_unstable();
    *list = ids.into();
}

/// `friends+bob-cid`: friends and bob, but not cid.
fn parse_rule(text: &str) -> AudienceRule {
    let end = text.find(['+', '-']).unwrap_or(text.len());
    let audience = match &text[..end] {
        "everyone" => Audience::Everyone,
        "friends" => Audience::Friends,
        "nobody" => Audience::Nobody,
        other => panic!("no such audience: {other}"),
    };
    let mut rule = AudienceRule::plain(audience);
    let mut rest = &text[end..];
    while !rest.is_empty() {
        let end = rest[1..].find(['+', '-']).map_or(rest.len(), |at| at + 1);
        let list = if rest.starts_with('+') { &mut rule.allow } else { &mut rule.deny };
        list.push(user_id(&rest[1..end]));
        rest = &rest[end..];
    }
    rule
}
