//! A few HTTP connections that carry the requests of many people, one request at a time each.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::response::ResponseReader;
use super::{FIRST_HTTP_TOKEN, Handler};
use crate::dial::dial;

/// Connections unless the workload sets another number.
const DEFAULT_LANES: usize = 8;
const SCRATCH_BYTES: usize = 256 * 1024;

/// The pool: requests queue here until a lane is free.
#[derive(Debug)]
pub(crate) struct HttpPool {
    server: SocketAddr,
    queue: VecDeque<(usize, Vec<u8>)>,
    lanes: Vec<Lane>,
    keep_alive: bool,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Lane {
    stream: Option<TcpStream>,
    /// The request under way: its number and its bytes, of which `n_written` are sent.
    request: Option<(usize, Vec<u8>)>,
    n_written: usize,
    reader: ResponseReader,
    /// Whether an answer came over this TCP connection: only then may its end mean "used up, open another".
    answered_before: bool,
}

impl HttpPool {
    /// No connection is opened before there is a request.
    pub(crate) fn new(server: SocketAddr) -> Self {
        let mut pool = Self {
            server,
            queue: VecDeque::new(),
            lanes: Vec::new(),
            keep_alive: true,
            scratch: vec![0; SCRATCH_BYTES],
        };
        pool.configure(DEFAULT_LANES, true, true);
        pool
    }

    /// Sets how many connections there are, whether they are kept, and whether bodies are kept or only counted.
    pub(crate) fn configure(&mut self, n_lanes: usize, keep_alive: bool, keep_body: bool) {
        self.keep_alive = keep_alive;
        self.lanes = std::iter::repeat_with(|| Lane {
            stream: None,
            request: None,
            n_written: 0,
            reader: ResponseReader::new(keep_body),
            answered_before: false,
        })
        .take(n_lanes)
        .collect();
    }

    /// Asks for a path with a token; the answer carries `number`. `extra` are whole header lines.
    pub(crate) fn get(&mut self, number: usize, path: &str, token: &str, extra: &str) {
        let connection = if self.keep_alive { "" } else { "Connection: close\r\n" };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n{connection}{extra}\r\n",
            self.server
        );
        self.queue.push_back((number, request.into_bytes()));
    }

    /// Gives waiting requests to free lanes.
    pub(super) fn dispatch(&mut self, registry: &Registry) -> Result<()> {
        for (number, lane) in self.lanes.iter_mut().enumerate() {
            if lane.request.is_none() {
                let Some(request) = self.queue.pop_front() else { return Ok(()) };
                lane.request = Some(request);
                lane.n_written = 0;
            }
            if lane.stream.is_none() {
                let mut stream = dial(self.server).context("opening an HTTP connection")?;
                let token = Token(FIRST_HTTP_TOKEN + number);
                registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
                lane.stream = Some(stream);
                lane.answered_before = false;
            }
            lane.write()?;
        }
        Ok(())
    }

    pub(super) fn ready(&mut self, number: usize, handler: &mut impl Handler) -> Result<()> {
        let Some(lane) = self.lanes.get_mut(number) else { return Ok(()) };
        lane.write()?;
        while let Some(stream) = lane.stream.as_mut() {
            let n_bytes = match stream.read(&mut self.scratch) {
                Ok(n_bytes) => n_bytes,
                Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    break;
                }
                Err(fault) if fault.kind() == ErrorKind::Interrupted => continue,
                Err(fault) => bail!("an HTTP connection failed: {fault}"),
            };
            if n_bytes == 0 {
                lane.ended(handler)?;
                break;
            }
            lane.reader.feed(&self.scratch[..n_bytes])?;
            lane.answer(handler)?;
            if lane.request.is_none() && !self.keep_alive {
                lane.stream = None;
            }
        }
        Ok(())
    }
}

impl Lane {
    fn write(&mut self) -> Result<()> {
        let (Some(stream), Some((_, bytes))) = (self.stream.as_mut(), self.request.as_ref()) else {
            return Ok(());
        };
        while self.n_written < bytes.len() {
            match stream.write(&bytes[self.n_written..]) {
                Ok(n_bytes) => self.n_written += n_bytes,
                Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    break;
                }
                // The server had closed a kept connection: the read side finds out and opens another.
                Err(fault) if matches!(fault.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                    break;
                }
                Err(fault) => bail!("an HTTP request could not be sent: {fault}"),
            }
        }
        Ok(())
    }

    fn answer(&mut self, handler: &mut impl Handler) -> Result<()> {
        if let Some(response) = self.reader.take() {
            let (number, _) = self.request.take().context("an HTTP response that nobody asked for")?;
            self.answered_before = true;
            handler.response(number, &response);
        }
        Ok(())
    }

    /// The server closed: the end of a body, or of a kept connection whose request must be sent again.
    fn ended(&mut self, handler: &mut impl Handler) -> Result<()> {
        self.stream = None;
        self.n_written = 0;
        self.reader.end_of_stream();
        self.answer(handler)?;
        if self.reader.is_in_response() {
            bail!("the server closed an HTTP connection in the middle of an answer");
        }
        if self.request.is_some() && !self.answered_before {
            bail!("the server closed an HTTP connection without an answer");
        }
        Ok(())
    }
}
