//! Bodies of the HTTP API.

use serde::{Deserialize, Serialize};

use crate::{Presence, SessionId, Timestamp, UserId};

/// One row of `GET /api/users/online/` and `/api/users/recent/`: the original's form, field for field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OnlineUser {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub username: String,
    /// An `https:` address or a path on this server; `null` without a picture.
    pub profile_image_url: Option<String>,
    /// True in the online list, false in the recent one.
    pub is_online: bool,
    /// Time of the last frame of somebody online; of somebody who is not, what the viewer may know.
    pub last_seen: Option<Timestamp>,
    /// The same as `last_seen`: the original moves both on each ping.
    pub last_activity: Option<Timestamp>,
    /// Name for addresses.
    pub slug: String,
}

/// The body of every error: what went wrong, in words a person can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Detail {
    /// The sentence.
    pub detail: String,
}

/// The body of `POST /api/users/status/`: up to 1,000 ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UserIds {
    /// Whom.
    pub ids: Vec<UserId>,
}

/// The answer to it: whom this server knows of those, in the order they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Users {
    /// As the viewer may see them.
    pub users: Vec<Presence>,
}

/// `GET /api/me/as/{viewer_id}/`: what that person gets of me, as far as it is my doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AsViewer {
    /// Who looks.
    pub viewer_id: UserId,
    /// The row of the decision table that won (docs/ALGORITHM.md).
    pub row: u8,
    /// The same in words.
    pub because: String,
    /// What they get.
    pub presence: Presence,
}

/// One of my connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MySession {
    /// Which: what its ack said.
    pub id: SessionId,
    /// It stands on the same sign-in as this request.
    pub is_current: bool,
    /// When its last frame came.
    pub last_frame_at: Timestamp,
}

/// `GET /api/me/sessions/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct MySessions {
    /// Those that are open, the one heard of last first.
    pub sessions: Vec<MySession>,
}
