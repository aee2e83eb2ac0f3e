//! What the hub is told, and the way to tell it.

use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::time::Duration;

use hereabouts_engine::{Departure, Engine, Profile, TickSeq};
use hereabouts_protocol::{Timestamp, UserId};
use tokio::sync::oneshot;

use super::loader::Loaded;
use crate::gateway::{Cause, ConnectionId, Subscriptions};

/// How long a task waits before it looks again whether a full inbox has room.
const FULL_INBOX_PAUSE: Duration = Duration::from_millis(2);

/// A question to the engine, with where the answer goes.
pub(crate) type Question = Box<dyn FnOnce(&Engine) + Send>;

/// What shards and handlers tell the hub.
pub(crate) enum Message {
    /// A person is on this connection.
    Opened { connection: ConnectionId, profile: Arc<Profile>, subscriptions: Subscriptions },
    /// A service of the operator's is on this connection. It watches, and is nobody.
    Observing { connection: ConnectionId, subscriptions: Subscriptions },
    /// The connection's session is over.
    Ended {
        connection: ConnectionId,
        departure: Departure,
        last_frame_at: Timestamp,
        subscriptions: Subscriptions,
    },
    /// The person stopped or started using the device.
    Activity { connection: ConnectionId, idle: bool },
    /// Send the state of a scope (what changed after `since`, where that is given and can be told), and count the
    /// subscription. `replaced` is the subscription that this one takes the place of; `ids` are for `users`.
    Subscribe {
        connection: ConnectionId,
        cause: Cause,
        since: Option<TickSeq>,
        replaced: Subscriptions,
        ids: Vec<UserId>,
    },
    /// These subscriptions are over.
    Unsubscribed { connection: ConnectionId, subscriptions: Subscriptions },
    /// Send the newest state: the connection is too far behind for the log of ticks.
    Refresh { connection: ConnectionId, since: TickSeq, subscriptions: Subscriptions },
    /// What these people decided, as it is at rest: all of it comes into force together, and then `done` is told.
    Loaded {
        people: Vec<Loaded>,
        epoch: u64,
        done: Vec<oneshot::Sender<()>>,
        waiting: Vec<(ConnectionId, Cause)>,
    },
    /// It cannot be read now. Those who wait are answered with what is known.
    Unreadable { ids: Vec<UserId>, waiting: Vec<(ConnectionId, Cause)> },
    /// Answer this.
    Ask(Question),
    /// Publish what is pending and stop.
    Stop,
}

/// The way to the hub.
#[derive(Clone, Debug)]
pub struct Sender(pub(super) SyncSender<Message>);

impl Sender {
    /// Where there is no hub: every message is dropped.
    pub(crate) fn to_nobody() -> Self {
        Self(mpsc::sync_channel(0).0)
    }

    /// Waits while the hub has too much to do. A hub that is gone hears nothing.
    pub(crate) fn send(&self, message: Message) {
        let _ = self.0.send(message);
    }

    /// The same for tasks, whose thread must not wait.
    pub(crate) async fn send_async(&self, message: Message) {
        let mut message = message;
        while let Err(mpsc::TrySendError::Full(unsent)) = self.0.try_send(message) {
            tokio::time::sleep(FULL_INBOX_PAUSE).await;
            message = unsent;
        }
    }
}
