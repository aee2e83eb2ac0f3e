//! Activity in memory.

use async_trait::async_trait;
use hereabouts_protocol::{Timestamp, UserId};

use super::{MemoryStore, State};
use crate::store::{
    ActivityEntry, ActivityQuery, ActivityScope, ActivitySlice, ActivityStore, StoreError,
    activity::Candidate,
};

#[async_trait]
impl ActivityStore for MemoryStore {
    async fn record_activity(&self, entries: &[ActivityEntry]) -> Result<u64, StoreError> {
        let mut state = self.state();
        let mut n_new = 0;
        for entry in entries {
            let is_there = state
                .activity
                .iter()
                .any(|old| old.id == entry.id || (old.user_id, old.at) == (entry.user_id, entry.at));
            if !is_there && state.users.contains_key(&entry.user_id) {
                state.activity.push(entry.clone());
                n_new += 1;
            }
        }
        Ok(n_new)
    }

    async fn activity(&self, query: &ActivityQuery) -> Result<ActivitySlice, StoreError> {
        let state = self.state();
        let mut entries: Vec<_> = state.activity.iter().collect();
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
        let n_skipped = match query.before {
            None => 0,
            Some(id) => match entries.iter().position(|entry| entry.id == id) {
                Some(place) => place + 1,
                None => return Ok(ActivitySlice::default()),
            },
        };
        let mut rows: Vec<_> = entries
            .into_iter()
            .skip(n_skipped)
            .filter_map(|entry| state.candidate(query, entry))
            .filter(|candidate| candidate.is_readable_by(query.viewer))
            .take(query.limit as usize + 1)
            .collect();
        let has_more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        let next = rows.last().filter(|_| has_more).map(|last| last.entry.id);
        Ok(ActivitySlice { rows: rows.into_iter().map(Candidate::into_seen).collect(), next })
    }

    async fn forget_activity(&self, at: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let n_before = state.activity.len();
        state.activity.retain(|entry| entry.at >= at);
        state.relations.blocks.retain(|block| block.ended_at.is_none_or(|ended_at| ended_at >= at));
        Ok((n_before - state.activity.len()) as u64)
    }
}

impl State {
    fn candidate(&self, query: &ActivityQuery, entry: &ActivityEntry) -> Option<Candidate> {
        let friends_since = self.relations.friendships.get(&(query.viewer, entry.user_id)).copied();
        let is_meant = match query.scope {
            ActivityScope::Of(user_id) => user_id == entry.user_id,
            ActivityScope::Friends => friends_since.is_some(),
        };
        (is_meant && !self.was_apart(query.viewer, entry.user_id, entry.at)).then(|| Candidate {
            entry: entry.clone(),
            username: self.users[&entry.user_id].profile.username.to_string(),
            privacy_now: self.choices.get(&entry.user_id).cloned().unwrap_or_default().privacy,
            friends_since,
        })
    }

    /// Whether a block is in force between the two, or was then.
    fn was_apart(&self, one: UserId, other: UserId, at: Timestamp) -> bool {
        self.relations.blocks.iter().any(|block| {
            let is_between = [(one, other), (other, one)].contains(&(block.blocker, block.blocked));
            is_between && block.ended_at.is_none_or(|ended_at| (block.since..=ended_at).contains(&at))
        })
    }
}
