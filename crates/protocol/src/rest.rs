//! Bodies of the HTTP API.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId};

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
