//! What is kept of people's coming and going: the port, in domain words, and who may read it.

use async_trait::async_trait;
use hereabouts_protocol::{
    ActivityId, ActivityKind, AudienceRule, Privacy, SessionId, Status, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// One change of a person's public state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// New, random.
    pub id: ActivityId,
    /// Who.
    pub user_id: UserId,
    /// What happened.
    pub kind: ActivityKind,
    /// The public status after it.
    pub status: Status,
    /// When.
    pub at: Timestamp,
    /// The person's public version after it.
    pub version: u64,
    /// The session that brought it about.
    pub session_id: Option<SessionId>,
    /// Who could see it when it happened; `None`: nobody else.
    pub audience: Option<AudienceThen>,
}

/// The rules that held when something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudienceThen {
    /// Who read activity.
    pub activity: AudienceRule,
    /// Who saw the person online.
    pub online: AudienceRule,
}

impl AudienceThen {
    /// The audience under these rules; `None` when it is nobody.
    pub fn of(privacy: &Privacy) -> Option<Self> {
        let rule = &privacy.activity;
        let is_nobody = rule.audience == hereabouts_protocol::Audience::Nobody && rule.allow.is_empty();
        (!is_nobody).then(|| Self { activity: rule.clone(), online: privacy.online.clone() })
    }

    fn allows(&self, viewer: UserId, is_friend: bool) -> bool {
        self.activity.allows(viewer, is_friend) && self.online.allows(viewer, is_friend)
    }
}

/// An entry with what decides whether somebody may read it. Whom a block kept apart, then or now, is left out before.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) entry: ActivityEntry,
    pub(super) username: String,
    pub(super) privacy_now: Privacy,
    /// Since when viewer and person are friends.
    pub(super) friends_since: Option<Timestamp>,
}

impl Candidate {
    /// Allowed then and now.
    pub(super) fn is_readable_by(&self, viewer: UserId) -> bool {
        if viewer == self.entry.user_id {
            return true;
        }
        let was_friend = self.friends_since.is_some_and(|since| since <= self.entry.at);
        self.entry.audience.as_ref().is_some_and(|then| then.allows(viewer, was_friend))
            && AudienceThen::of(&self.privacy_now)
                .is_some_and(|now| now.allows(viewer, self.friends_since.is_some()))
    }

    pub(super) fn into_seen(self) -> SeenActivity {
        SeenActivity { entry: self.entry, username: self.username, privacy: self.privacy_now }
    }
}

/// An entry that somebody may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenActivity {
    /// What happened.
    pub entry: ActivityEntry,
    /// What the person is called now.
    pub username: String,
    /// How exact they want their times to be.
    pub privacy: Privacy,
}

/// Whose activity is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityScope {
    /// One person's; one's own too.
    Of(UserId),
    /// That of all friends.
    Friends,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityQuery {
    /// Who reads.
    pub viewer: UserId,
    /// Whose.
    pub scope: ActivityScope,
    /// Only what comes after this one, newest first.
    pub before: Option<ActivityId>,
    /// At most so many.
    pub limit: u32,
}

/// A part of the timeline, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivitySlice {
    /// What may be read.
    pub rows: Vec<SeenActivity>,
    /// Where to go on, if there may be more.
    pub next: Option<ActivityId>,
}

/// Activity at rest.
#[async_trait]
pub trait ActivityStore: Send + Sync {
    /// Writes what happened, all or, on an error, none. What is there already, and what is about people who are not in
    /// the users table, is passed over. Returns how many are new.
    async fn record_activity(&self, entries: &[ActivityEntry]) -> Result<u64, StoreError>;

    /// A part of the timeline, newest first.
    async fn activity(&self, query: &ActivityQuery) -> Result<ActivitySlice, StoreError>;

    /// Forgets what happened before `at`, and blocks that ended before; returns how many entries.
    async fn forget_activity(&self, at: Timestamp) -> Result<u64, StoreError>;
}
