//! How long an HTTP connection is waited for: for a head once it has begun, for the next request, and for the client to
//! take an answer.
//!
//! hyper's own limit for heads also runs while nothing is asked. With it, a connection would be kept for the next
//! request no longer than a head may take.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For request line and headers, from the first byte (of the first request: from the start) to the last.
    pub header: Duration,
    /// Until the next request begins, and while it takes nothing of an answer.
    pub keep_alive: Duration,
}

/// What a connection is at. The three come round in this order, so one counter says which it is, and which time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head,
    Answer,
    Idle,
}

/// The stage of one connection, told by whoever knows: the socket sees a head begin, the service that it is complete,
/// and the answer's body when it has been handed over.
#[derive(Debug, Default)]
pub struct Turns(AtomicU32);

impl Turns {
    fn stage(turn: u32) -> Stage {
        match turn % 3 {
            0 => Stage::Head,
            1 => Stage::Answer,
            _ => Stage::Idle,
        }
    }

    fn turn(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Goes on to the next turn of this stage; stays where it is if this is one. One task holds all of a connection, so
    /// nothing else moves it meanwhile.
    fn reach(&self, stage: Stage) {
        let mut turn = self.turn();
        while Self::stage(turn) != stage {
            turn = turn.wrapping_add(1) % (u32::MAX / 3 * 3);
        }
        self.0.store(turn, Ordering::Relaxed);
    }

    /// The head is complete; until what is returned is dropped, the answer is our affair.
    pub fn answer(self: &Arc<Self>) -> Answering {
        self.reach(Stage::Answer);
        Answering(Arc::clone(self))
    }
}

/// A request under way.
#[derive(Debug)]
pub struct Answering(Arc<Turns>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.reach(Stage::Idle);
    }
}

/// The body of an answer; when it has been handed over, the connection is idle.
#[derive(Debug)]
pub struct AnswerBody {
    body: Body,
    _answering: Answering,
}

impl AnswerBody {
    pub(super) fn new(body: Body, answering: Answering) -> Self {
        Self { body, _answering: answering }
    }
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A TCP stream whose peer is not waited for for ever.
pub struct PatientStream {
    stream: TcpStream,
    limits: Limits,
    turns: Arc<Turns>,
    n_bytes_written: u64,
    deadline: Pin<Box<Sleep>>,
    /// What the deadline is for: it is set anew when the turn is another, or the client has taken something.
    waits_for: Option<(u32, u64)>,
}

impl PatientStream {
    /// The stream, and the turns of its connection.
    pub fn new(stream: TcpStream, limits: Limits) -> (Self, Arc<Turns>) {
        let turns = Arc::new(Turns::default());
        let io = Self {
            stream,
            limits,
            turns: Arc::clone(&turns),
            n_bytes_written: 0,
            deadline: Box::pin(sleep(limits.header)),
            waits_for: Some((turns.turn(), 0)),
        };
        (io, turns)
    }

    /// The socket itself.
    pub fn into_inner(self) -> TcpStream {
        self.stream
    }

    /// Ready when this wait has lasted too long.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let turn = self.turns.turn();
        let (limit, n_bytes) = match Turns::stage(turn) {
            Stage::Head => (self.limits.header, 0),
            Stage::Answer | Stage::Idle => (self.limits.keep_alive, self.n_bytes_written),
        };
        if self.waits_for != Some((turn, n_bytes)) {
            self.waits_for = Some((turn, n_bytes));
            self.deadline.as_mut().reset(Instant::now() + limit);
        }
        self.deadline.as_mut().poll(cx)
    }

    fn wrote(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(n)) = &outcome {
            self.n_bytes_written += *n as u64;
        }
        let is_answering = Turns::stage(self.turns.turn()) == Stage::Answer;
        if outcome.is_pending() && is_answering && self.poll_overdue(cx).is_ready() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing")));
        }
        outcome
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n_before = buf.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        let stage = Turns::stage(self.turns.turn());
        if outcome.is_pending() && stage != Stage::Answer && self.poll_overdue(cx).is_ready() {
            // Whoever is idle is taken to have left; a head that is not complete is an error.
            let late = io::Error::new(io::ErrorKind::TimedOut, "the request did not arrive in time");
            return Poll::Ready(if stage == Stage::Idle { Ok(()) } else { Err(late) });
        }
        if stage == Stage::Idle && buf.filled().len() > n_before {
            self.turns.reach(Stage::Head);
        }
        outcome
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(cx, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The answer is complete. hyper may have found before that there is nothing to read, and would not look again:
        // the deadline has to wake it.
        if Turns::stage(self.turns.turn()) == Stage::Idle {
            let _ = self.poll_overdue(cx);
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
