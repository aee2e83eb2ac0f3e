//! Writing without queues: a connection that keeps up has no outgoing state at all.
//!
//! A short write leaves the rest of that buffer (shared, not copied) and the position in the log of ticks from where
//! to go on. When the log no longer reaches back to there, the connection is stale: what it missed is never sent;
//! it gets the newest state once it can take it. So a slow reader costs a position, and what it pins is shared with
//! all others that are slow at the same tick.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use bytes::{Buf, Bytes};
use hereabouts_engine::TickSeq;
use hereabouts_protocol::Timestamp;

use super::connection::{Connection, Subscriptions};
use super::ticks::{TickFrames, TickLog};

/// Answers to a client's own messages wait here while it does not read; a client that asks for more than this many
/// without reading any is cut.
const DIRECT_MAX: usize = 64;
/// Buffers given to one `writev`.
const SLICES_MAX: usize = 16;

/// What is left to write.
#[derive(Debug)]
pub(super) struct Outgoing {
    queue: VecDeque<Bytes>,
    /// The first tick that is not yet written or in `queue`.
    resume_at: TickSeq,
    refresh: Refresh,
    pub(super) owes_pong: bool,
    /// When the socket last took something: a slow reader lives by this.
    pub(super) progress_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresh {
    /// The log still reaches back to `resume_at`, as far as is known.
    NotNeeded,
    /// The newest state is to be asked for once the queue is empty.
    Needed,
    /// The hub is making it.
    Asked,
}

/// The socket is broken: nothing can be written any more.
#[derive(Debug)]
pub(super) struct Broken;

/// How far a drain came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Drained {
    /// Everything is written; the connection stands at the end of the log.
    Current,
    /// The socket is full again (or the hub is still making the newest state).
    Waiting,
    /// The log does not reach back to what was missed: ask the hub for the newest state since this tick.
    Stale(TickSeq),
}

impl Connection {
    /// Writes an answer, or keeps it while the client does not read. `end` is the end of the log.
    pub(super) fn send(&mut self, bytes: &[u8], end: TickSeq, now: Timestamp) -> Result<(), Broken> {
        match &mut self.outgoing {
            Some(outgoing) => outgoing.push(Bytes::copy_from_slice(bytes)),
            None => {
                let n_written = write_some(&mut self.stream, &[IoSlice::new(bytes)])?;
                if n_written < bytes.len() {
                    self.block_on([Bytes::copy_from_slice(&bytes[n_written..])], end, now);
                }
                Ok(())
            }
        }
    }

    /// The same for a large buffer that others hold too.
    pub(super) fn send_shared(
        &mut self,
        mut bytes: Bytes,
        end: TickSeq,
        now: Timestamp,
    ) -> Result<(), Broken> {
        match &mut self.outgoing {
            Some(outgoing) => outgoing.push(bytes),
            None => {
                bytes.advance(write_some(&mut self.stream, &[IoSlice::new(&bytes)])?);
                if !bytes.is_empty() {
                    self.block_on([bytes], end, now);
                }
                Ok(())
            }
        }
    }

    /// Writes one tick to a connection that stood right before it. One that is behind catches up by itself.
    pub(super) fn send_tick(&mut self, tick: &TickFrames, now: Timestamp) -> Result<(), Broken> {
        if self.outgoing.is_some() {
            return Ok(());
        }
        let [first, second] = tick.parts(self.subscriptions);
        let n_bytes = first.len() + second.len();
        if n_bytes == 0 {
            return Ok(());
        }
        let n_written = if second.is_empty() {
            write_some(&mut self.stream, &[IoSlice::new(first)])?
        } else {
            write_some(&mut self.stream, &[IoSlice::new(first), IoSlice::new(second)])?
        };
        if n_written < n_bytes {
            let (from_first, from_second) =
                (n_written.min(first.len()), n_written.saturating_sub(first.len()));
            self.block_on([first.slice(from_first..), second.slice(from_second..)], tick.seq, now);
        }
        Ok(())
    }

    /// Goes on writing after the socket became writable.
    pub(super) fn drain(&mut self, log: &TickLog, now: Timestamp) -> Result<Drained, Broken> {
        let Some(outgoing) = &mut self.outgoing else { return Ok(Drained::Current) };
        loop {
            while !outgoing.queue.is_empty() {
                let slices: Vec<_> =
                    outgoing.queue.iter().take(SLICES_MAX).map(|bytes| IoSlice::new(bytes)).collect();
                let n_wanted: usize = slices.iter().map(|slice| slice.len()).sum();
                let n_written = write_some(&mut self.stream, &slices)?;
                outgoing.advance(n_written, now);
                if n_written < n_wanted {
                    return Ok(Drained::Waiting);
                }
            }
            match outgoing.refresh {
                Refresh::Asked => return Ok(Drained::Waiting),
                Refresh::NotNeeded if outgoing.resume_at > log.end() => {
                    self.outgoing = None;
                    return Ok(Drained::Current);
                }
                Refresh::NotNeeded if log.reaches(outgoing.resume_at) => {
                    outgoing.catch_up(log, self.subscriptions);
                }
                Refresh::NotNeeded | Refresh::Needed => {
                    outgoing.refresh = Refresh::Asked;
                    return Ok(Drained::Stale(TickSeq(outgoing.resume_at.0.saturating_sub(1))));
                }
            }
        }
    }

    /// Takes the newest state from the hub, as of the end of the log: a refresh, or the answer to a subscription.
    /// `None` when the connection had to be told to ask again, because it was behind in another subscription.
    pub(super) fn deliver(
        &mut self,
        frames: Bytes,
        is_refresh: bool,
        end: TickSeq,
        now: Timestamp,
    ) -> Result<(), Broken> {
        let Some(outgoing) = &mut self.outgoing else { return self.send_shared(frames, end, now) };
        if is_refresh {
            outgoing.refresh = Refresh::NotNeeded;
            outgoing.resume_at = TickSeq(end.0 + 1);
            return outgoing.push(frames);
        }
        if outgoing.resume_at > end && outgoing.refresh == Refresh::NotNeeded {
            return outgoing.push(frames);
        }
        // Behind in what it watched before: the ticks in between would come after this newer state. Both are dropped
        // for one newest state of everything.
        outgoing.refresh = Refresh::Needed;
        Ok(())
    }

    fn block_on<const N: usize>(&mut self, rest: [Bytes; N], end: TickSeq, now: Timestamp) {
        self.outgoing = Some(Box::new(Outgoing {
            queue: rest.into_iter().filter(|bytes| !bytes.is_empty()).collect(),
            resume_at: TickSeq(end.0 + 1),
            refresh: Refresh::NotNeeded,
            owes_pong: false,
            progress_at: now,
        }));
    }
}

impl Outgoing {
    fn push(&mut self, bytes: Bytes) -> Result<(), Broken> {
        if self.queue.len() >= DIRECT_MAX {
            return Err(Broken);
        }
        self.queue.push_back(bytes);
        Ok(())
    }

    fn advance(&mut self, mut n_written: usize, now: Timestamp) {
        if n_written > 0 {
            self.progress_at = now;
        }
        while let Some(front) = self.queue.front_mut() {
            if n_written < front.len() {
                front.advance(n_written);
                return;
            }
            n_written -= front.len();
            self.queue.pop_front();
        }
    }

    /// Queues the missed ticks.
    fn catch_up(&mut self, log: &TickLog, subscriptions: Subscriptions) {
        for tick in log.since(self.resume_at).into_iter().flatten() {
            self.queue.extend(tick.parts(subscriptions).into_iter().filter(|part| !part.is_empty()).cloned());
        }
        self.resume_at = TickSeq(log.end().0 + 1);
    }
}

/// One write; a full socket is zero bytes, not an error.
fn write_some(stream: &mut mio::net::TcpStream, slices: &[IoSlice<'_>]) -> Result<usize, Broken> {
    loop {
        let written = match slices {
            [one] => stream.write(one),
            many => stream.write_vectored(many),
        };
        match written {
            Ok(n) => return Ok(n),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Broken),
        }
    }
}
