//! Who came, left and changed, as the HTTP API tells it.

use serde::{Deserialize, Serialize};

use crate::{ActivityId, SessionId, Status, Timestamp, UserId};

/// What happened to a person's public state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum ActivityKind {
    /// They came online.
    Joined,
    /// They went offline.
    Left,
    /// Another status while they are here.
    Changed,
}

impl ActivityKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Joined, Self::Left, Self::Changed];

    /// The word, as it is sent and kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Left => "left",
            Self::Changed => "changed",
        }
    }

    /// What a change of the public status is, if it is one.
    pub fn of(from: Status, to: Status) -> Option<Self> {
        match (from.is_online(), to.is_online()) {
            (false, true) => Some(Self::Joined),
            (true, false) => Some(Self::Left),
            (true, true) if from != to => Some(Self::Changed),
            _ => None,
        }
    }
}

/// One row of `GET /api/activity/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActivityRow {
    /// Which.
    pub id: ActivityId,
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub username: String,
    /// What happened.
    pub kind: ActivityKind,
    /// The public status after it.
    pub status: Status,
    /// When; of others, as exact as they allow.
    pub at: Timestamp,
    /// The session that brought it about; only in rows about oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub session_id: Option<SessionId>,
}

/// `GET /api/activity/`: newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ActivityPage {
    /// The rows of this page.
    pub results: Vec<ActivityRow>,
    /// Address of the page after this one.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_what_is_public_is_an_activity() {
        use Status::{Away, Dnd, Offline, Online};
        for (from, to, kind) in [
            (Offline, Online, Some(ActivityKind::Joined)),
            (Offline, Dnd, Some(ActivityKind::Joined)),
            (Away, Offline, Some(ActivityKind::Left)),
            (Online, Away, Some(ActivityKind::Changed)),
            (Online, Online, None),
            (Offline, Offline, None),
        ] {
            assert_eq!(ActivityKind::of(from, to), kind);
        }
        for kind in ActivityKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
