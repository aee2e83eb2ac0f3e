//! Watches: telling somebody once that a person they wait for has come online.
//!
//! A watch is *armed* when the watcher has seen the person offline for a while, and *fires* when the person has then been
//! here for some seconds. Only what the person does counts: a person who becomes visible by a rule has not come.

use std::collections::BTreeMap;
use std::time::Duration;

use hereabouts_protocol::{Timestamp, UserId};

/// How long somebody must have been offline before their coming is news.
pub(crate) const ARM_AFTER: Duration = Duration::from_mins(5);
/// How long they must then stay, so that a blink is not.
pub(crate) const DWELL: Duration = Duration::from_secs(10);

/// Sorts before everybody.
const NOBODY: UserId = UserId::NIL;

/// What the watcher sees of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Nothing, by a rule (rows 2 to 5).
    Hidden,
    /// That they are not here (row 6).
    Offline,
    /// That they are here.
    Present,
}

/// How far a watch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Cannot fire before the person has been seen offline.
    Resting,
    Offline {
        since: Timestamp,
    },
    /// They came.
    Dwelling {
        until: Timestamp,
    },
    /// They stayed, and the watcher must not be disturbed or is not here.
    Held,
}

#[derive(Clone, Copy, Debug)]
struct Alert {
    repeats: bool,
    stage: Stage,
}

/// All watches, by the person watched, then the watcher. Bounded by the watches the shell lets people keep.
#[derive(Debug, Default)]
pub(crate) struct Alerts(BTreeMap<(UserId, UserId), Alert>);

impl Alerts {
    /// Begins to watch, or keeps how far it has come. `since`: since when the person is seen offline, if they are.
    pub(crate) fn set(&mut self, target: UserId, watcher: UserId, repeats: bool, since: Option<Timestamp>) {
        let stage = since.map_or(Stage::Resting, |since| Stage::Offline { since });
        self.0.entry((target, watcher)).or_insert(Alert { repeats, stage }).repeats = repeats;
    }

    /// It turns out that the person has been offline all the time.
    pub(crate) fn see_offline(&mut self, target: UserId, watcher: UserId, since: Timestamp) {
        self.set_stage(target, watcher, Stage::Offline { since });
    }

    pub(crate) fn remove(&mut self, target: UserId, watcher: UserId) {
        self.0.remove(&(target, watcher));
    }

    /// Who waits for this person.
    pub(crate) fn watchers(&self, target: UserId) -> Vec<UserId> {
        let first = (target, NOBODY);
        let theirs = self.0.range(first..).take_while(|((other, _), _)| *other == target);
        theirs.map(|((_, watcher), _)| *watcher).collect()
    }

    /// Takes in what the watcher sees from now on. Returns when to call [`Alerts::is_due`].
    pub(crate) fn see(
        &mut self,
        (target, watcher): (UserId, UserId),
        before: Sight,
        after: Sight,
        is_their_doing: bool,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let alert = self.0.get_mut(&(target, watcher))?;
        let comes = before == Sight::Offline && is_their_doing;
        let stage = match (alert.stage, after) {
            (stage @ Stage::Offline { .. }, Sight::Offline)
            | (stage @ (Stage::Dwelling { .. } | Stage::Held), Sight::Present) => stage,
            (_, Sight::Offline) => Stage::Offline { since: now },
            (Stage::Offline { since }, Sight::Present)
                if comes && now.saturating_since(since) >= ARM_AFTER =>
            {
                alert.stage = Stage::Dwelling { until: now + DWELL };
                return Some(now + DWELL);
            }
            (_, Sight::Hidden | Sight::Present) => Stage::Resting,
        };
        alert.stage = stage;
        None
    }

    /// Whether the person came, stayed, and the watcher has not been told.
    pub(crate) fn is_due(&self, target: UserId, watcher: UserId, now: Timestamp) -> bool {
        self.0.get(&(target, watcher)).is_some_and(|alert| match alert.stage {
            Stage::Dwelling { until } => until <= now,
            Stage::Held => true,
            Stage::Resting | Stage::Offline { .. } => false,
        })
    }

    /// Waits until the watcher can be told.
    pub(crate) fn hold(&mut self, target: UserId, watcher: UserId) {
        self.set_stage(target, watcher, Stage::Held);
    }

    /// The watcher shall not be told of this coming.
    pub(crate) fn rest(&mut self, target: UserId, watcher: UserId) {
        self.set_stage(target, watcher, Stage::Resting);
    }

    /// The watcher is told: once is over, always goes on. Returns which it is.
    pub(crate) fn fired(&mut self, target: UserId, watcher: UserId) -> bool {
        let repeats = self.0.get(&(target, watcher)).is_some_and(|alert| alert.repeats);
        if repeats {
            self.rest(target, watcher);
        } else {
            self.remove(target, watcher);
        }
        repeats
    }

    fn set_stage(&mut self, target: UserId, watcher: UserId, stage: Stage) {
        if let Some(alert) = self.0.get_mut(&(target, watcher)) {
            alert.stage = stage;
        }
    }
}
