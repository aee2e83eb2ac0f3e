//! Very many clients in one thread: one poll loop over sockets that watch ([`Fleet`]) and a small pool of HTTP
//! connections ([`HttpPool`]). What arrives goes to a [`Handler`].

mod fleet;
mod http_pool;
mod response;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use mio::{Events, Poll};

pub(crate) use fleet::{Fleet, Happening};
pub(crate) use http_pool::HttpPool;
pub(crate) use response::Response;

/// Tokens from here on belong to the HTTP pool.
const FIRST_HTTP_TOKEN: usize = 1 << 32;

/// What a workload does with what arrives. It only takes notes; the workload acts between two turns.
pub(crate) trait Handler {
    /// Something happened on socket `connection`.
    fn socket(&mut self, _connection: usize, _happening: Happening<'_>) {}
    /// The answer to HTTP request `request`.
    fn response(&mut self, _request: usize, _response: &Response) {}
}

/// The poll loop with everything registered in it.
#[derive(Debug)]
pub(crate) struct Client {
    poll: Poll,
    events: Events,
    /// The WebSocket connections.
    pub(crate) fleet: Fleet,
    /// The HTTP connections.
    pub(crate) http: HttpPool,
}

impl Client {
    /// A client without connections for the server at this address.
    pub(crate) fn new(server: SocketAddr) -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            fleet: Fleet::new(server),
            http: HttpPool::new(server),
        })
    }

    /// Opens what is due, waits for at most `max_wait`, and gives what arrived to the handler.
    pub(crate) fn turn(&mut self, max_wait: Duration, handler: &mut impl Handler) -> Result<()> {
        let registry = self.poll.registry();
        let now = Instant::now();
        self.fleet.dial_due(registry, now)?;
        self.http.dispatch(registry)?;
        let wait = match self.fleet.next_due() {
            Some(due) => max_wait.min(due.saturating_duration_since(now)),
            None => max_wait,
        };
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(fault) if fault.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            match event.token().0.checked_sub(FIRST_HTTP_TOKEN) {
                Some(lane) => self.http.ready(lane, handler)?,
                None => self.fleet.ready(event.token().0, event.is_read_closed(), handler)?,
            }
        }
        Ok(())
    }

    /// Turns until `done` says so; an error naming `goal` when it takes longer than `limit`.
    pub(crate) fn turn_until<H: Handler>(
        &mut self,
        limit: Duration,
        goal: &str,
        handler: &mut H,
        mut done: impl FnMut(&Self, &H) -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + limit;
        while !done(self, handler) {
            if Instant::now() >= deadline {
                bail!("gave up after {limit:?}: {goal} ({})", self.fleet.state());
            }
            self.turn(Duration::from_millis(5), handler)?;
        }
        Ok(())
    }

    /// Goes on answering the server for this long.
    pub(crate) fn turn_for(&mut self, length: Duration, handler: &mut impl Handler) -> Result<()> {
        let deadline = Instant::now() + length;
        while Instant::now() < deadline {
            self.turn(Duration::from_millis(20), handler)?;
        }
        Ok(())
    }
}
