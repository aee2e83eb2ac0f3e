//! Friends, requests, blocks and watches, as the HTTP API has them.

use serde::{Deserialize, Serialize};

use crate::{RequestId, Timestamp, UserId};

/// One page of a list, as the original's pages are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Page<T> {
    /// How many there are in all.
    pub count: u64,
    /// Address of the page after this one.
    pub next: Option<String>,
    /// Address of the page before this one.
    pub previous: Option<String>,
    /// The rows of this page.
    pub results: Vec<T>,
}

/// Somebody, without a word about their presence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub username: String,
    /// An `https:` address or a path on this server; `null` without a picture.
    pub profile_image_url: Option<String>,
}

/// A friend, with what the viewer may see: the original's form, field for field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Friend {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub username: String,
    /// An `https:` address or a path on this server; `null` without a picture.
    pub profile_image_url: Option<String>,
    /// Whether the viewer sees them here.
    pub is_online: bool,
    /// When they were last here; `null` while online, or hidden.
    pub last_seen: Option<Timestamp>,
}

/// One row of `GET /api/auth/friends/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FriendRow {
    /// The friend.
    pub friend: Friend,
}

/// One row of `GET /api/auth/friend-requests/`: nobody has answered it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FriendRequest {
    /// Which.
    pub id: RequestId,
    /// Who asks.
    pub from_user: Person,
    /// Who is asked.
    pub to_user: Person,
    /// When.
    pub created_at: Timestamp,
}

/// One row of `GET /api/auth/blocks/`: somebody I blocked. Who blocked me, nobody tells me.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Block {
    /// Whom.
    pub user: Person,
    /// Since when.
    pub created_at: Timestamp,
}

/// The body of `POST /api/me/watches/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NewWatch {
    /// Tell me when this person comes online.
    pub user_id: UserId,
    /// Every time; otherwise once.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional))]
    pub repeat: bool,
}

/// One row of `GET /api/me/watches/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Watch {
    /// Whose coming I want to be told of.
    pub user: Person,
    /// Every time; otherwise once.
    pub repeat: bool,
    /// Since when.
    pub created_at: Timestamp,
}
