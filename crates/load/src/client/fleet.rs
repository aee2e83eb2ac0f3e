//! WebSocket connections by the thousand: no task and no buffer per connection, one scratch buffer for all reads.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::Handler;
use crate::dial::dial;
use crate::frame::{self, Frame};

/// As many handshakes as may be under way at once: below every sensible accept queue, since a connection that
/// finds it full waits a second for TCP to try again.
const DEFAULT_MAX_IN_FLIGHT: usize = 256;

/// A handshake is tried again this often when the server refuses it (503) or the network does.
const MAX_ATTEMPTS: u8 = 8;

const SCRATCH_BYTES: usize = 128 * 1024;

/// News of one connection.
#[derive(Debug)]
pub(crate) enum Happening<'a> {
    /// The upgrade is accepted.
    Opened,
    /// A text message.
    Text(&'a [u8]),
    /// Closed by the server, with this code if there was a close frame.
    Closed(Option<u16>),
}

/// All sockets of one workload, by number.
#[derive(Debug)]
pub(crate) struct Fleet {
    server: SocketAddr,
    connections: Vec<Connection>,
    /// Connections to be opened, each not before its time.
    waiting: VecDeque<(Instant, usize)>,
    in_flight: usize,
    max_in_flight: usize,
    n_open: usize,
    n_refused: usize,
    scratch: Vec<u8>,
}

#[derive(Debug, Default)]
struct Connection {
    phase: Phase,
    stream: Option<TcpStream>,
    /// The beginning of a frame whose rest has not arrived; empty (and without memory) almost always.
    partial: Vec<u8>,
    /// The upgrade request, kept for another try.
    request: Vec<u8>,
    attempts: u8,
    close_code: Option<u16>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    Connecting,
    Upgrading,
    Open,
}

/// What one read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// As much as fits: there may be more.
    Filled,
    /// Less: the socket is empty.
    Short,
    /// Nothing now, or nothing ever again.
    Nothing,
}

impl Fleet {
    /// No connections yet.
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self {
            server,
            connections: Vec::new(),
            waiting: VecDeque::new(),
            in_flight: 0,
            max_in_flight: DEFAULT_MAX_IN_FLIGHT,
            n_open: 0,
            n_refused: 0,
            scratch: vec![0; SCRATCH_BYTES],
        }
    }

    /// Adds a connection with this upgrade request and returns its number; [`Fleet::open`] opens it.
    pub(crate) fn add(&mut self, request: Vec<u8>) -> usize {
        self.connections.push(Connection { request, ..Connection::default() });
        self.connections.len() - 1
    }

    /// Opens the connection as soon as fewer than the limit are under way.
    pub(crate) fn open(&mut self, connection: usize) {
        self.waiting.push_back((Instant::now(), connection));
    }

    /// How many were added, open or not.
    pub(crate) fn n_added(&self) -> usize {
        self.connections.len()
    }

    /// How many are open now.
    pub(crate) fn n_open(&self) -> usize {
        self.n_open
    }

    /// How many handshakes were refused and tried again.
    pub(crate) fn n_refused(&self) -> usize {
        self.n_refused
    }

    /// One line about where the connections stand, for error messages.
    pub(crate) fn state(&self) -> String {
        format!(
            "{} connections: {} open, {} under way, {} waiting, {} refusals",
            self.connections.len(),
            self.n_open,
            self.in_flight,
            self.waiting.len(),
            self.n_refused
        )
    }

    /// Sends bytes on an open connection. Only for small frames: a full send buffer is an error.
    pub(crate) fn send(&mut self, connection: usize, bytes: &[u8]) -> Result<()> {
        let stream =
            self.connections[connection].stream.as_mut().context("sending on a closed connection")?;
        let n_bytes = stream.write(bytes).context("sending a frame")?;
        anyhow::ensure!(n_bytes == bytes.len(), "the send buffer is full: the server does not read");
        Ok(())
    }

    /// Says good-bye with code 1000; the server closes.
    pub(crate) fn close(&mut self, connection: usize) -> Result<()> {
        self.send(connection, &frame::client_frame(frame::OPCODE_CLOSE, &1000_u16.to_be_bytes()))
    }

    /// Drops the TCP connection without a word, as a dead network does.
    pub(crate) fn cut(&mut self, connection: usize) {
        self.forget(connection);
    }

    /// When the next waiting connection may be opened, if one waits for time and not for others.
    pub(super) fn next_due(&self) -> Option<Instant> {
        if self.in_flight >= self.max_in_flight { None } else { self.waiting.front().map(|(due, _)| *due) }
    }

    pub(super) fn dial_due(&mut self, registry: &Registry, now: Instant) -> Result<()> {
        while self.in_flight < self.max_in_flight {
            match self.waiting.front() {
                Some((due, _)) if *due <= now => {}
                _ => break,
            }
            let Some((_, connection)) = self.waiting.pop_front() else { break };
            self.dial(registry, connection)?;
        }
        Ok(())
    }

    /// Reads what is there. A read that does not fill the buffer has emptied the socket, unless the server has closed:
    /// its end comes with the same event as its last bytes and must be read too.
    pub(super) fn ready(
        &mut self,
        connection: usize,
        is_closed: bool,
        handler: &mut impl Handler,
    ) -> Result<()> {
        if self.connections[connection].phase == Phase::Connecting {
            self.request_upgrade(connection)?;
        }
        while self.connections[connection].stream.is_some() {
            let mut scratch = std::mem::take(&mut self.scratch);
            let read = self.read_once(connection, &mut scratch, handler);
            self.scratch = scratch;
            match read? {
                Outcome::Filled => {}
                Outcome::Short if is_closed => {}
                Outcome::Short | Outcome::Nothing => break,
            }
        }
        Ok(())
    }

    fn dial(&mut self, registry: &Registry, connection: usize) -> Result<()> {
        let mut stream = dial(self.server).context("opening a connection")?;
        registry.register(&mut stream, Token(connection), Interest::READABLE | Interest::WRITABLE)?;
        let slot = &mut self.connections[connection];
        slot.stream = Some(stream);
        slot.phase = Phase::Connecting;
        self.in_flight += 1;
        // On loopback the connection usually stands already: one turn of the loop saved.
        self.request_upgrade(connection)
    }

    /// Sends the upgrade request if TCP has connected by now.
    fn request_upgrade(&mut self, connection: usize) -> Result<()> {
        let slot = &mut self.connections[connection];
        let Some(stream) = slot.stream.as_mut() else { return Ok(()) };
        match stream.write(&slot.request) {
            Ok(n_bytes) if n_bytes == slot.request.len() => slot.phase = Phase::Upgrading,
            Ok(_) => bail!("an upgrade request did not fit into the send buffer"),
            Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {}
            Err(_) => self.try_again(connection, Duration::from_millis(200))?,
        }
        Ok(())
    }

    fn opened(&mut self, connection: usize, handler: &mut impl Handler) {
        self.in_flight -= 1;
        self.n_open += 1;
        let slot = &mut self.connections[connection];
        slot.phase = Phase::Open;
        slot.attempts = 0;
        handler.socket(connection, Happening::Opened);
    }

    /// Reads once and handles what came.
    fn read_once(
        &mut self,
        connection: usize,
        scratch: &mut [u8],
        handler: &mut impl Handler,
    ) -> Result<Outcome> {
        let slot = &mut self.connections[connection];
        let Some(stream) = slot.stream.as_mut() else { return Ok(Outcome::Nothing) };
        let n_bytes = match stream.read(scratch) {
            Ok(n_bytes) => n_bytes,
            Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                return Ok(Outcome::Nothing);
            }
            Err(fault) if fault.kind() == ErrorKind::Interrupted => return Ok(Outcome::Filled),
            Err(_) => 0,
        };
        if n_bytes == 0 {
            self.ended(connection, handler)?;
            return Ok(Outcome::Nothing);
        }
        if slot.partial.is_empty() {
            let used = self.take_in(connection, &scratch[..n_bytes], handler)?;
            self.connections[connection].partial.extend_from_slice(&scratch[used..n_bytes]);
        } else {
            let mut bytes = std::mem::take(&mut slot.partial);
            bytes.extend_from_slice(&scratch[..n_bytes]);
            let used = self.take_in(connection, &bytes, handler)?;
            bytes.drain(..used);
            self.connections[connection].partial = if bytes.is_empty() { Vec::new() } else { bytes };
        }
        Ok(if n_bytes == scratch.len() { Outcome::Filled } else { Outcome::Short })
    }

    /// Handles all that is complete in `bytes`; returns how many bytes that was.
    fn take_in(&mut self, connection: usize, bytes: &[u8], handler: &mut impl Handler) -> Result<usize> {
        let mut used = 0;
        if self.connections[connection].phase == Phase::Upgrading {
            let Some(end) = head_end(bytes) else { return Ok(0) };
            if !self.upgraded(connection, &bytes[..end], handler)? {
                return Ok(bytes.len());
            }
            used = end;
        }
        while self.connections[connection].phase == Phase::Open {
            let Some(frame) = frame::parse_server_frame(&bytes[used..])? else { break };
            used += frame.n_bytes;
            self.frame(connection, &frame, handler)?;
        }
        Ok(used)
    }

    /// Judges the answer to the upgrade request; false when it was a refusal.
    fn upgraded(&mut self, connection: usize, head: &[u8], handler: &mut impl Handler) -> Result<bool> {
        if head.starts_with(b"HTTP/1.1 101") {
            self.opened(connection, handler);
            return Ok(true);
        }
        let text = String::from_utf8_lossy(head);
        if !text.starts_with("HTTP/1.1 503") && !text.starts_with("HTTP/1.1 429") {
            bail!("the server refused an upgrade: {}", text.lines().next().unwrap_or_default());
        }
        let wait_s: u64 =
            super::response::header(&text, "retry-after").and_then(|s| s.parse().ok()).unwrap_or(1);
        self.try_again(connection, Duration::from_secs(wait_s.min(10)))?;
        Ok(false)
    }

    fn frame(&mut self, connection: usize, frame: &Frame<'_>, handler: &mut impl Handler) -> Result<()> {
        match frame.opcode {
            frame::OPCODE_TEXT => handler.socket(connection, Happening::Text(frame.payload)),
            frame::OPCODE_PING => {
                self.send(connection, &frame::client_frame(frame::OPCODE_PONG, frame.payload))?;
            }
            frame::OPCODE_CLOSE => self.connections[connection].close_code = frame::close_code(frame.payload),
            frame::OPCODE_PONG => {}
            other => bail!("a frame with opcode {other:#x}"),
        }
        Ok(())
    }

    /// The server ended the TCP connection.
    fn ended(&mut self, connection: usize, handler: &mut impl Handler) -> Result<()> {
        if self.connections[connection].phase != Phase::Open {
            return self.try_again(connection, Duration::from_millis(200));
        }
        let code = self.connections[connection].close_code;
        self.forget(connection);
        handler.socket(connection, Happening::Closed(code));
        Ok(())
    }

    fn try_again(&mut self, connection: usize, wait: Duration) -> Result<()> {
        self.n_refused += 1;
        self.forget(connection);
        let slot = &mut self.connections[connection];
        slot.attempts += 1;
        anyhow::ensure!(slot.attempts < MAX_ATTEMPTS, "a handshake failed {MAX_ATTEMPTS} times");
        self.waiting.push_back((Instant::now() + wait, connection));
        Ok(())
    }

    fn forget(&mut self, connection: usize) {
        let slot = &mut self.connections[connection];
        match slot.phase {
            Phase::Open => self.n_open -= 1,
            Phase::Connecting | Phase::Upgrading => self.in_flight -= 1,
            Phase::Idle => {}
        }
        slot.phase = Phase::Idle;
        slot.stream = None;
        slot.partial = Vec::new();
        slot.close_code = None;
    }
}

/// Where an HTTP head ends, the empty line included.
fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|position| position + 4)
}
