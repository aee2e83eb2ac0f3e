//! What the server says on the socket.
//!
//! The types here are the reference form, for decoding and for generating TypeScript; the server itself writes the
//! frequent ones with [`crate::encode`], and tests hold the two equal.

use serde::{Deserialize, Serialize};

use crate::{Change, Presence, Scope, SessionId, Timestamp, UserId};

/// A frame to a client of `hereabouts.v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type")]
pub enum ServerMessage {
    /// The first frame: who you are here, and the times this server goes by.
    #[serde(rename = "connection.ack")]
    ConnectionAck {
        /// Who the token said you are.
        user_id: UserId,
        /// This connection's session.
        session_id: SessionId,
        /// How often to send `ping`, in milliseconds.
        ping_interval_ms: u64,
        /// How long a lost connection is still shown as present, in milliseconds.
        grace_ms: u64,
        /// The server's clock, to show relative times by.
        server_now: Timestamp,
        /// What this server can do beyond the basics.
        features: Vec<String>,
    },
    /// The whole state of a scope; replaces what was known of it.
    #[serde(rename = "presence.snapshot")]
    Snapshot {
        /// Which subscription.
        scope: Scope,
        /// The people, ordered by `since`, then id.
        users: Vec<Presence>,
        /// How many are online in all.
        total: u64,
    },
    /// What changed since the last snapshot or diff of that scope.
    #[serde(rename = "presence.diff")]
    Diff {
        /// Which subscription.
        scope: Scope,
        /// The changed people, each with the newest state.
        changes: Vec<Change>,
        /// How many are online in all.
        total: u64,
    },
    /// The answer to `ping`.
    #[serde(rename = "pong")]
    Pong {
        /// Where this client stands: give it to `subscribe` after a reconnect. Opaque.
        cursor: String,
    },
    /// The credentials run out soon: send `auth` with a fresh token.
    #[serde(rename = "auth.expiring")]
    AuthExpiring {
        /// How long they are still good, in milliseconds.
        expires_in_ms: u64,
    },
    /// Somebody whom this person watches came online.
    #[serde(rename = "watch.online")]
    WatchOnline {
        /// Who, as the watcher sees them.
        user: Presence,
    },
    /// The server itself knows that it may be behind.
    #[serde(rename = "presence.degraded")]
    Degraded {
        /// How much of the view can be trusted.
        level: String,
    },
    /// Something the client sent was refused; the connection goes on.
    #[serde(rename = "error")]
    Error {
        /// Stable, for programs.
        code: String,
        /// For the person who reads the console.
        message: String,
    },
}

/// A frame to an original client: these three, and nothing else, ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type")]
pub enum OriginalMessage {
    /// Once, when the connection counts.
    #[serde(rename = "connection.ack")]
    ConnectionAck {
        /// Who the token said you are.
        user_id: UserId,
    },
    /// Somebody came or went.
    #[serde(rename = "user.status.changed")]
    StatusChanged {
        /// Who.
        user_id: UserId,
        /// Whether they are here now.
        is_online: bool,
    },
    /// The answer to `ping`.
    #[serde(rename = "pong")]
    Pong,
}
