//! The closed words of presence: what others can see, and why it changed.

use serde::{Deserialize, Serialize};

/// What one person can see of another. There is no `invisible` here: who hides is `offline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Here, and lately active.
    Online,
    /// Here, but idle, or away by choice.
    Away,
    /// Here, and not to be disturbed.
    Dnd,
    /// Not here, as far as this viewer may know.
    Offline,
}

impl Status {
    /// Whether the original's `is_online` is true: here in any way.
    pub const fn is_online(self) -> bool {
        !matches!(self, Self::Offline)
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Dnd => "dnd",
            Self::Offline => "offline",
        }
    }
}

/// Why a public state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Came online.
    Joined,
    /// Left by their own word: `bye`, sign-out, a page's own close (and, to others, going invisible).
    Closed,
    /// The connection went away and nothing came back within the grace.
    Lost,
    /// No input for a while.
    Idle,
    /// Input again.
    Active,
    /// A mode or custom status was set, cleared or ran out.
    Changed,
    /// The server process that held the connection died.
    NodeLost,
}

impl Reason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Closed => "closed",
            Self::Lost => "lost",
            Self::Idle => "idle",
            Self::Active => "active",
            Self::Changed => "changed",
            Self::NodeLost => "node_lost",
        }
    }
}
