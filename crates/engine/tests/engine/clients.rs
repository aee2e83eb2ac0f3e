//! Clients as they are written by others: they know a snapshot and the changes after it, and nothing of the engine.

use std::collections::HashMap;

use hereabouts_engine::{Engine, Tick, UserIndex, Viewer};
use hereabouts_protocol::{Presence, Reason, UserId};

/// What one subscriber believes.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// `None` for the scope `everyone`.
    limit: Option<usize>,
    people: HashMap<UserId, Presence>,
    total: u64,
}

impl Client {
    /// Subscribes: gets a snapshot.
    pub(crate) fn subscribe(engine: &Engine, limit: Option<usize>) -> Self {
        let people = snapshot(engine, limit).into_iter().map(|presence| (presence.user_id, presence));
        Self { limit, people: people.collect(), total: engine.total() }
    }

    /// Gets the diff of `tick`, if there is one for this subscription.
    pub(crate) fn receive(&mut self, engine: &Engine, tick: &Tick) {
        let told: Vec<(UserIndex, Reason)> = match self.limit {
            None => tick.changes.iter().map(|change| (change.user, change.reason)).collect(),
            Some(limit) => match tick.window_changes(limit) {
                None => return,
                Some(told) => told,
            },
        };
        for (user, _) in told {
            let presence = engine.presence(user, Viewer::Everyone);
            if presence.is_online {
                self.people.insert(presence.user_id, presence);
            } else {
                self.people.remove(&presence.user_id);
            }
        }
        self.total = tick.total;
        if let Some(limit) = self.limit {
            let kept: Vec<_> = self.list().into_iter().take(limit).collect();
            self.people = kept.into_iter().map(|presence| (presence.user_id, presence)).collect();
        }
    }

    /// What the page shows: by `since`, then id.
    pub(crate) fn list(&self) -> Vec<Presence> {
        let mut list: Vec<_> = self.people.values().cloned().collect();
        list.sort_by_key(|presence| (presence.since, presence.user_id));
        list
    }

    /// Whether a subscription made now would show the same.
    #[track_caller]
    pub(crate) fn assert_current(&self, engine: &Engine) {
        assert_eq!(
            self.list(),
            snapshot(engine, self.limit),
            "what a client with limit {:?} shows",
            self.limit
        );
        assert_eq!(self.total, engine.total(), "the total a client with limit {:?} shows", self.limit);
    }
}

fn snapshot(engine: &Engine, limit: Option<usize>) -> Vec<Presence> {
    let limit = limit.unwrap_or(usize::MAX);
    engine.window(limit).map(|user| engine.presence(user, Viewer::Everyone)).collect()
}
