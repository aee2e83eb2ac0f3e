//! The socket gateway: one thread per shard, each a poll loop over a slab of connections.
//!
//! A socket comes here after its upgrade, taken out of HTTP with the bytes already read ([`Gateway::adopt`]), and
//! never touches the async runtime again. Shards tell the hub what happens ([`crate::hub::Message`]) and carry out
//! what it says ([`Command`]); they decide nothing about presence.

mod arrival;
mod backlog;
mod connection;
mod cursor;
mod cuts;
mod departure;
pub mod echo;
mod incoming;
mod notices;
mod outgoing;
mod permits;
mod sessions;
mod shard;
mod survival;
mod sweep;
mod ticks;

use std::io;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use hereabouts_engine::{Profile, TickSeq, UserIndex};
use hereabouts_protocol::{CloseCode, ServerMessage, SetStatus, Timestamp, UserId};
use hereabouts_websocket::{Limits, Opcode, write_frame_with};
use mio::Waker;

pub use backlog::{Backlog, HANDSHAKE_WAIT_MAX, Waiting};
pub(crate) use connection::{ConnectionId, Subscriptions};
pub(crate) use cursor::CursorSeal;
pub use cuts::{Cut, SignInTag};
pub use permits::{LimitReached, Permit, PermitLimits, Permits};
pub use sessions::Session;
pub(crate) use sessions::SessionsReply;
pub(crate) use ticks::{ClassFrames, TickFrames, ViewerFrames};

use crate::clock::Clock;
use crate::hub;
use crate::metrics::Metrics;
use crate::online::SeenTable;
use crate::shutdown::Shutdown;

/// Times and limits of the sockets; each is a setting of the same name.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Number of shard threads.
    pub n_shards: usize,
    /// How often the server pings, ± 20 %.
    pub ping_interval: Duration,
    /// A connection without a frame for this long is dead; so is one that takes nothing for this long.
    pub dead_after: Duration,
    /// What a v1 client is told to ping at.
    pub client_ping_interval: Duration,
    /// How long a lost person is still shown; told to v1 clients.
    pub grace: Duration,
    /// How long a client may take to send its credentials.
    pub auth_timeout: Duration,
    /// Sustained messages per second of one connection; 0 = no limit.
    pub messages_per_second: u32,
    /// What one message may be.
    pub limits: Limits,
}

/// Who stands behind a socket, as far as its handshake told.
#[derive(Debug)]
pub enum Admission {
    /// A good token.
    Identified {
        /// The person.
        profile: Arc<Profile>,
        /// When the token ends.
        expires_at: Timestamp,
        /// The sign-in it belongs to.
        sign_in: SignInTag,
    },
    /// Nothing yet: the first message must be `auth` (v1 only).
    AwaitingAuth,
    /// Accepted only to be told why not: a failed handshake would hide its code from a page.
    Refused(CloseCode),
    /// A service of the operator's: it observes, and is nobody.
    Observer,
    /// Nobody: every message is sent back ([`echo`]).
    Echo,
}

/// Who stands behind credentials that came in a message.
#[derive(Debug)]
pub enum Bearer {
    /// Somebody.
    Person {
        /// Who.
        profile: Arc<Profile>,
        /// When the credentials end.
        expires_at: Timestamp,
    },
    /// A service of the operator's.
    Service,
}

/// A socket fresh from its upgrade.
#[derive(Debug)]
pub struct Newcomer {
    /// Non-blocking.
    pub stream: std::net::TcpStream,
    /// What the client sent right behind its handshake.
    pub leftover: Bytes,
    /// Speaks `hereabouts.v1`; otherwise it is an original client.
    pub is_v1: bool,
    /// Who it is.
    pub admission: Admission,
    /// Its place in the connection counts.
    pub permit: Permit,
    /// Its place among the handshakes under way; none where nobody limits them.
    pub waiting: Option<Waiting>,
}

/// Credentials that came in a message, on their way to whoever can judge them.
#[derive(Debug)]
pub struct AuthRequest {
    pub(crate) connection: ConnectionId,
    /// The token.
    pub token: String,
}

/// A wish that came in a message and takes a database to fulfil.
#[derive(Debug)]
pub struct StatusRequest {
    pub(crate) connection: ConnectionId,
    /// Whose.
    pub user_id: UserId,
    /// What.
    pub status: SetStatus,
}

/// What a shard is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// Take this socket.
    Adopt(Box<Newcomer>),
    /// The outcome of an [`AuthRequest`].
    Identified { connection: ConnectionId, sign_in: SignInTag, outcome: Result<Bearer, CloseCode> },
    /// Close the sockets of somebody who was revoked.
    Cut(Cut),
    /// Close a silent socket of somebody who needs its place.
    MakeRoom(UserId),
    /// The session is published, or there is none because the client only observes: acknowledge it.
    Welcome { connection: ConnectionId, user: Option<UserIndex> },
    /// Send this to everyone whom it concerns.
    Tick(Arc<TickFrames>),
    /// The state a connection asked for, as of the last tick.
    Deliver { connection: ConnectionId, frames: Bytes, cause: Cause },
    /// Tell this connection that something it asked for cannot be.
    Complain { connection: ConnectionId, code: &'static str, message: String },
    /// Tell which connections this person has.
    ListSessions(UserId, SessionsReply),
    /// Close this connection, as its person wants.
    EndSession(ConnectionId),
    /// Send this to every v1 connection of somebody.
    Notify { user_id: UserId, frame: Bytes },
    /// Close everything; the process goes down.
    Drain,
}

/// Why a state is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// `subscribe everyone`.
    Everyone,
    /// `subscribe window`.
    Window(NonZeroU16),
    /// `subscribe friends`.
    Friends,
    /// `subscribe users`, with the number of the set.
    Users(NonZeroU16),
    /// The connection was too far behind.
    Refresh,
}

impl Cause {
    /// The subscription that the answer begins.
    pub(crate) fn subscription(self) -> Subscriptions {
        let (mut everyone, mut window, mut friends, mut users) = (false, None, false, None);
        match self {
            Self::Everyone => everyone = true,
            Self::Window(limit) => window = Some(limit),
            Self::Friends => friends = true,
            Self::Users(set) => users = Some(set),
            Self::Refresh => {}
        }
        Subscriptions::V1 { everyone, window, friends, users }
    }
}

/// Hands commands to one shard and knows how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct ShardHandle {
    commands: mpsc::Sender<Command>,
    waker: Arc<Waker>,
    shared: Arc<Shared>,
}

/// What a shard lets others read.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Set by the first command after the shard went to sleep: one wake-up for many commands.
    is_notified: AtomicBool,
    /// The last tick that has been offered to every connection, and when that was done (µs).
    delivered: AtomicU64,
    delivered_at: AtomicU64,
    n_connections: AtomicUsize,
}

impl Command {
    /// Whose command it is, where it is about one connection that the shard has already.
    pub(crate) fn connection(&self) -> Option<ConnectionId> {
        match self {
            Self::Identified { connection, .. }
            | Self::Welcome { connection, .. }
            | Self::Deliver { connection, .. }
            | Self::Complain { connection, .. } => Some(*connection),
            _ => None,
        }
    }
}

impl ShardHandle {
    /// Never blocks; a shard that is gone ignores it.
    pub(crate) fn send(&self, command: Command) {
        if self.commands.send(command).is_ok() && !self.shared.is_notified.swap(true, Ordering::AcqRel) {
            let _ = self.waker.wake();
        }
    }

    /// The last tick this shard has finished, and when.
    pub(crate) fn delivered(&self) -> (TickSeq, Timestamp) {
        let seq = TickSeq(self.shared.delivered.load(Ordering::Acquire));
        (seq, Timestamp::from_micros(self.shared.delivered_at.load(Ordering::Relaxed)))
    }
}

/// The running shards.
#[derive(Debug)]
pub struct Gateway {
    shards: Arc<[ShardHandle]>,
    next: AtomicUsize,
    /// Says that a thread ended by having its sender dropped.
    ended: tokio::sync::Mutex<tokio::sync::mpsc::Receiver<()>>,
}

/// Shards that exist but do not run yet: the hub needs their handles before they can have the hub's.
#[derive(Debug)]
pub struct Prepared {
    shards: Vec<shard::Seed>,
    handles: Arc<[ShardHandle]>,
    settings: Settings,
}

/// What all shards share with the rest of the process.
#[derive(Clone, Debug)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Where heartbeats leave their trace.
    pub seen: Arc<SeenTable>,
    /// Who is told of comings and goings.
    pub hub: hub::Sender,
    /// Who judges credentials that come in messages.
    pub auth: tokio::sync::mpsc::UnboundedSender<AuthRequest>,
    /// Who sets the status of people who ask for it in messages.
    pub status: tokio::sync::mpsc::UnboundedSender<StatusRequest>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Triggered when a thread of sockets ends by a bug.
    pub shutdown: Shutdown,
    pub(crate) seal: Arc<CursorSeal>,
}

/// Makes the shards' polls and channels. Fails when the system has no more descriptors.
pub fn prepare(settings: Settings) -> io::Result<Prepared> {
    let shards =
        (0..settings.n_shards.clamp(1, 255)).map(|_| shard::Seed::new()).collect::<io::Result<Vec<_>>>()?;
    let handles = shards.iter().map(shard::Seed::handle).collect();
    Ok(Prepared { shards, handles, settings })
}

impl Prepared {
    pub(crate) fn handles(&self) -> Arc<[ShardHandle]> {
        Arc::clone(&self.handles)
    }

    /// Starts the threads.
    pub fn spawn(self, world: &World) -> io::Result<Gateway> {
        let (running, ended) = tokio::sync::mpsc::channel(1);
        for (index, seed) in self.shards.into_iter().enumerate() {
            let shard = seed.grow(index as u8, self.settings, world.clone());
            let running = running.clone();
            let shutdown = world.shutdown.clone();
            std::thread::Builder::new().name(format!("shard-{index}")).spawn(move || {
                shutdown.unless_panics("a thread of sockets", || shard.run());
                drop(running);
            })?;
        }
        Ok(Gateway { shards: self.handles, next: AtomicUsize::new(0), ended: ended.into() })
    }
}

impl Gateway {
    /// Gives a socket to the next shard.
    pub fn adopt(&self, newcomer: Newcomer) {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.shards.len();
        self.shards[index].send(Command::Adopt(Box::new(newcomer)));
    }

    /// Answers an [`AuthRequest`].
    pub fn identified(&self, request: &AuthRequest, sign_in: SignInTag, outcome: Result<Bearer, CloseCode>) {
        let connection = request.connection;
        self.shards[connection.shard()].send(Command::Identified { connection, sign_in, outcome });
    }

    /// Says that a [`StatusRequest`] cannot be fulfilled, and why.
    pub fn complain(&self, request: &StatusRequest, code: &'static str, message: String) {
        let connection = request.connection;
        self.shards[connection.shard()].send(Command::Complain { connection, code, message });
    }

    /// Sends a frame of v1 to every connection of somebody.
    pub fn notify(&self, user_id: UserId, message: &ServerMessage) {
        let mut frame = Vec::new();
        write_frame_with(&mut frame, Opcode::Text, |out| {
            serde_json::to_writer(out, message).expect("writing into memory cannot fail");
        });
        let frame = Bytes::from(frame);
        for shard in self.shards.iter() {
            shard.send(Command::Notify { user_id, frame: frame.clone() });
        }
    }

    /// Sockets held at this moment.
    pub fn n_connections(&self) -> usize {
        self.shards.iter().map(|shard| shard.shared.n_connections.load(Ordering::Relaxed)).sum()
    }

    /// Closes every socket with 1012 and returns when all are gone.
    pub async fn drained(&self) {
        self.shards.iter().for_each(|shard| shard.send(Command::Drain));
        // Nothing is ever sent: this is `None` once the last thread has dropped its end.
        let _ = self.ended.lock().await.recv().await;
    }
}
