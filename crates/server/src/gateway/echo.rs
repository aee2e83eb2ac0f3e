//! The echo: the gateway as a conformance suite needs it. It reads, decodes, writes and closes as it does for people,
//! with other limits, and sends every message back.
//!
//! Only the `echo` example and the tests start one.

use std::io;
use std::net::{IpAddr, TcpStream};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hereabouts_websocket::{Limits, Message, Opcode, write_frame};

use super::connection::{Connection, Phase};
use super::shard::Shard;
use super::{Admission, CursorSeal, Gateway, Newcomer, Permits, Settings, World, prepare};
use crate::clock::Clock;
use crate::hub;
use crate::shutdown::Shutdown;

/// A suite counts every frame it gets, so the server keeps still for longer than any case takes.
const PING_INTERVAL: Duration = Duration::from_hours(24);
/// Long enough for the largest messages in the smallest pieces.
const DEAD_AFTER: Duration = Duration::from_mins(10);

/// A gateway whose sockets are nobody's. Behind it is no hub and nobody who judges credentials.
#[derive(Debug)]
pub struct Echo {
    gateway: Gateway,
    /// Without limits: the gateway only takes sockets that are counted.
    permits: Arc<Permits>,
}

impl Echo {
    /// Starts the threads. Fails when threads or descriptors are used up.
    pub fn start(limits: Limits, n_shards: usize) -> io::Result<Self> {
        Ok(Self { gateway: gateway(limits, n_shards)?, permits: Arc::default() })
    }

    /// Echoes on a socket fresh from its upgrade. `leftover` is what came right behind the handshake.
    pub fn adopt(&self, stream: TcpStream, leftover: Bytes, peer: IpAddr) {
        let permit = self.permits.admit(peer).expect("these permits have no limit");
        self.gateway.adopt(Newcomer {
            stream,
            leftover,
            is_v1: false,
            admission: Admission::Echo,
            permit,
            waiting: None,
        });
    }

    /// Closes every socket with 1012 and returns when all are gone.
    pub async fn drained(&self) {
        self.gateway.drained().await;
    }
}

fn gateway(limits: Limits, n_shards: usize) -> io::Result<Gateway> {
    let settings = Settings {
        n_shards,
        limits,
        ping_interval: PING_INTERVAL,
        dead_after: DEAD_AFTER,
        client_ping_interval: PING_INTERVAL,
        grace: Duration::ZERO,
        auth_timeout: DEAD_AFTER,
        messages_per_second: 0,
    };
    prepare(settings)?.spawn(&World {
        clock: Clock::start(),
        seen: Arc::default(),
        hub: hub::Sender::to_nobody(),
        auth: tokio::sync::mpsc::unbounded_channel().0,
        status: tokio::sync::mpsc::unbounded_channel().0,
        metrics: Arc::default(),
        shutdown: Shutdown::new(),
        seal: Arc::new(CursorSeal::new()),
    })
}

impl Connection {
    /// An echo is not read before the peer has taken the answers to what was read before: a peer that only sends costs
    /// the answers to one read, and waits.
    pub(super) fn may_read(&self) -> bool {
        self.phase != Phase::Echo || self.outgoing.is_none()
    }
}

impl Shard {
    /// Answers one message of an echo. The answers to one read leave together, in their order.
    pub(super) fn echo(&mut self, slot: u32, message: Message<'_>) -> ControlFlow<()> {
        match message {
            Message::Text(text) => write_frame(&mut self.echoes, Opcode::Text, text.as_bytes()),
            Message::Binary(payload) => write_frame(&mut self.echoes, Opcode::Binary, payload),
            Message::Ping(payload) => write_frame(&mut self.echoes, Opcode::Pong, payload),
            Message::Pong(_) => {}
            Message::Close(received) => {
                self.send_echoes(slot);
                self.on_close(slot, received);
            }
        }
        ControlFlow::Continue(())
    }

    /// Writes the answers to one read; of what the peer does not take, nothing is copied.
    pub(super) fn send_echoes(&mut self, slot: u32) {
        if self.echoes.is_empty() {
            return;
        }
        let echoes = Bytes::from(std::mem::take(&mut self.echoes));
        let (end, now) = (self.position(slot), self.now);
        let Some(connection) = self.connections.get(slot) else { return };
        if connection.send_shared(echoes, end, now).is_err() {
            self.lose(slot);
        }
    }

    /// Reads a connection again whose answers are written; what came meanwhile makes no new event.
    pub(super) fn resume_reading(&mut self, slot: u32) {
        if let Some(connection) = self.connections.get(slot) {
            self.unfinished.push((slot, connection.generation));
        }
    }
}
