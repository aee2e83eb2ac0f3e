//! What people decided, as told and as published. Kept only of those who decided anything.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use hereabouts_protocol::{Mode, OwnCustomStatus, Status, Timestamp};

use crate::person::{Person, holds};
use crate::{TickSeq, UserIndex};

/// Whoever never decided anything.
pub(crate) static PLAIN: LazyLock<Arc<Person>> = LazyLock::new(Arc::default);

/// What one person decided, and what of it is published.
#[derive(Debug)]
pub(crate) struct Own {
    pub(crate) epoch: u64,
    /// As told last. Their mode, and what they will be shown as.
    pub(crate) next: Arc<Person>,
    /// As published: the rules that decide who sees what.
    pub(crate) shown: Arc<Person>,
    /// As published. While they are offline, what it was when they left: what they write in hiding stays theirs.
    pub(crate) custom: Option<Arc<OwnCustomStatus>>,
    /// As published: away is what they chose, not what they do.
    pub(crate) is_away_by_mode: bool,
    /// The version as everybody last saw it, before the person was hidden from everybody.
    pub(crate) hidden_version: u64,
    /// The last tick with a change that not everybody saw.
    pub(crate) changed_in: TickSeq,
    /// They opened themselves lately, where hiding counts both ways: until then they still count as closed.
    pub(crate) closed: Option<Closed>,
    /// When to look again, as it stands in the engine's deadlines.
    pub(crate) look_at: Option<Timestamp>,
}

/// The rules of somebody before they opened themselves.
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) before: Arc<Person>,
    pub(crate) until: Timestamp,
}

impl Own {
    fn new() -> Self {
        Self {
            epoch: 0,
            next: Arc::clone(&PLAIN),
            shown: Arc::clone(&PLAIN),
            custom: None,
            is_away_by_mode: false,
            hidden_version: 0,
            changed_in: TickSeq(0),
            closed: None,
            look_at: None,
        }
    }

    /// The custom status that `status` shall be published with: theirs while they are here, else the one they left with,
    /// until it ends.
    pub(crate) fn custom_for(&self, status: Status, now: Timestamp) -> Option<&OwnCustomStatus> {
        if status.is_online() {
            self.next.custom_at(now)
        } else {
            self.custom.as_deref().filter(|custom| holds(custom, now))
        }
    }

    /// Whether the custom status shown would be another one with `status`.
    pub(crate) fn has_new_custom(&self, status: Status, now: Timestamp) -> bool {
        self.custom_for(status, now) != self.custom.as_deref()
    }

    /// Whether a status of `status` is away by choice.
    pub(crate) fn is_away_by_mode(&self, status: Status, now: Timestamp) -> bool {
        status == Status::Away && self.next.mode_at(now) == Mode::Away
    }

    /// The next moment at which something ends by itself.
    pub(crate) fn next_end(&self, now: Timestamp) -> Option<Timestamp> {
        let shown_until = self.custom.as_ref().and_then(|custom| custom.until);
        let closed_until = self.closed.as_ref().map(|closed| closed.until);
        [self.next.next_end(now), shown_until, closed_until]
            .into_iter()
            .flatten()
            .filter(|&at| at > now)
            .min()
    }
}

/// What all people decided.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<UserIndex, Box<Own>>);

impl People {
    pub(crate) fn get(&self, user: UserIndex) -> Option<&Own> {
        self.0.get(&user).map(|own| &**own)
    }

    pub(crate) fn get_mut(&mut self, user: UserIndex) -> Option<&mut Own> {
        self.0.get_mut(&user).map(|own| &mut **own)
    }

    pub(crate) fn get_or_new(&mut self, user: UserIndex) -> &mut Own {
        self.0.entry(user).or_insert_with(|| Box::new(Own::new()))
    }

    pub(crate) fn remove(&mut self, user: UserIndex) -> Option<Box<Own>> {
        self.0.remove(&user)
    }
}
