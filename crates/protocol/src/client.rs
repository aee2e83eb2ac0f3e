//! What a client says on the socket.

use serde::{Deserialize, Serialize};

use crate::{SetStatus, UserId};

/// The audience a subscription watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Every change of everybody.
    Everyone,
    /// The first `limit` people and the total: its cost does not grow with the number of people online.
    Window,
    /// The viewer's friends, here or not.
    Friends,
    /// The people named, here or not.
    Users,
}

impl Scope {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Window => "window",
            Self::Friends => "friends",
            Self::Users => "users",
        }
    }
}

/// A frame from a client of `hereabouts.v1`. Original clients only ever send `ping`.
///
/// Unknown fields are ignored; so are unknown types, as the original did ([`ClientMessage::Unknown`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type")]
pub enum ClientMessage {
    /// Credentials: as the first message, where the address carried none, or later to refresh them.
    #[serde(rename = "auth")]
    Auth {
        /// An access token.
        token: String,
    },
    /// Start watching, or replace the subscription of that scope.
    #[serde(rename = "subscribe")]
    Subscribe {
        /// Whom.
        scope: Scope,
        /// How many people, for `window`: 1 to 200, default 9.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        limit: Option<u32>,
        /// Whom, for `users`: at most 1,000. Subscribing again replaces them; those who do not exist are left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        ids: Option<Vec<UserId>>,
        /// The cursor of the last `pong`, to get only what was missed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        cursor: Option<String>,
    },
    /// Stop watching.
    #[serde(rename = "unsubscribe")]
    Unsubscribe {
        /// Whom.
        scope: Scope,
    },
    /// The person stopped or started using the device.
    #[serde(rename = "activity")]
    Activity {
        /// No input for the idle time.
        idle: bool,
    },
    /// Sets mode or custom status, as `PUT /api/me/status/` does; it is at rest when others see it.
    #[serde(rename = "status.set")]
    StatusSet(SetStatus),
    /// Still here. Moves `last_activity` and `last_seen`.
    #[serde(rename = "ping")]
    Ping,
    /// Leaving for good: no grace.
    #[serde(rename = "bye")]
    Bye,
    /// A type this server does not know: ignored.
    #[serde(other)]
    #[cfg_attr(test, ts(skip))]
    Unknown,
}
