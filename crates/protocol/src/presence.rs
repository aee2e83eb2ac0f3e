//! What one person may know of another, as it travels.

use serde::{Deserialize, Serialize};

use crate::{Reason, Status, Timestamp, UserId};

/// A line somebody wrote about themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CustomStatus {
    /// One emoji.
    pub emoji: Option<String>,
    /// Up to 100 graphemes.
    pub text: Option<String>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
}

/// One person as one viewer may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Presence {
    /// Who.
    pub user_id: UserId,
    /// Their name, for showing. Need not be unique.
    pub username: String,
    /// An `https:` address or a path on this server; `null` without a picture.
    pub profile_image_url: Option<String>,
    /// What the viewer may see.
    pub status: Status,
    /// `status` is anything but offline.
    pub is_online: bool,
    /// Since when they are here; `null` while offline.
    pub since: Option<Timestamp>,
    /// When they were last here; `null` while online, or hidden.
    pub last_seen: Option<Timestamp>,
    /// What they wrote about themselves; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub custom_status: Option<CustomStatus>,
    /// Counts this person's public changes. What is hidden never moves it.
    pub version: u64,
}

/// One entry of a `presence.diff`: the new state, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Change {
    /// The state after the change.
    #[serde(flatten)]
    pub presence: Presence,
    /// Why it changed.
    pub reason: Reason,
}
