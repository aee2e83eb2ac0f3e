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

use super::connection::{Connection, ConnectionId};
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
    /// The answer to the newest ping, framed: a peer that pings and does not read gets one pong for all (RFC 6455,
    /// 5.5.3), and costs one.
    pong: Option<Bytes>,
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
    /// The hub is making it, but something was subscribed since: that answer will lack it.
    Outdated,
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

    /// Answers a ping; a pong that was not written yet is replaced by this one.
    pub(super) fn send_pong(&mut self, frame: &[u8], end: TickSeq, now: Timestamp) -> Result<(), Broken> {
        match &mut self.outgoing {
            Some(outgoing) => {
                outgoing.pong = Some(Bytes::copy_from_slice(frame));
                Ok(())
            }
            None => self.send(frame, end, now),
        }
    }

    /// The same as [`Self::send`] for a large buffer that others hold too.
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
    pub(super) fn send_tick(
        &mut self,
        tick: &TickFrames,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<(), Broken> {
        if self.outgoing.is_some() {
            return Ok(());
        }
        let parts = tick.parts(self.subscriptions, self.user, id).map(Bytes::clone);
        let n_bytes: usize = parts.iter().map(Bytes::len).sum();
        if n_bytes == 0 {
            return Ok(());
        }
        let slices = parts.each_ref().map(|part| IoSlice::new(part));
        let n_parts = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |last| last + 1);
        let first = parts.iter().position(|part| !part.is_empty()).unwrap_or(0);
        let mut n_written = write_some(&mut self.stream, &slices[first..n_parts])?;
        if n_written < n_bytes {
            let rest = parts.map(|mut part| {
                let n_gone = n_written.min(part.len());
                part.advance(n_gone);
                n_written -= n_gone;
                part
            });
            self.block_on(rest, tick.seq, now);
        }
        Ok(())
    }

    /// Goes on writing after the socket became writable.
    pub(super) fn drain(
        &mut self,
        log: &TickLog,
        id: ConnectionId,
        now: Timestamp,
    ) -> Result<Drained, Broken> {
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
            if let Some(pong) = outgoing.pong.take() {
                outgoing.queue.push_back(pong);
                continue;
            }
            match outgoing.refresh {
                Refresh::Asked | Refresh::Outdated => return Ok(Drained::Waiting),
                Refresh::NotNeeded if outgoing.resume_at > log.end() => {
                    self.outgoing = None;
                    return Ok(Drained::Current);
                }
                Refresh::NotNeeded if log.reaches(outgoing.resume_at) => {
                    outgoing.catch_up(log, |tick| tick.parts(self.subscriptions, self.user, id));
                }
                Refresh::NotNeeded | Refresh::Needed => {
                    outgoing.refresh = Refresh::Asked;
                    return Ok(Drained::Stale(TickSeq(outgoing.resume_at.0.saturating_sub(1))));
                }
            }
        }
    }

    /// Takes the newest state from the hub, as of the end of the log: a refresh, or the answer to a subscription.
    pub(super) fn deliver(
        &mut self,
        frames: Bytes,
        is_refresh: bool,
        end: TickSeq,
        now: Timestamp,
    ) -> Result<(), Broken> {
        let Some(outgoing) = &mut self.outgoing else { return self.send_shared(frames, end, now) };
        match (is_refresh, outgoing.refresh) {
            (true, Refresh::Outdated) => outgoing.refresh = Refresh::Needed,
            (true, _) => {
                outgoing.refresh = Refresh::NotNeeded;
                outgoing.resume_at = TickSeq(end.0 + 1);
                return outgoing.push(frames);
            }
            (false, Refresh::NotNeeded) if outgoing.resume_at > end => return outgoing.push(frames),
            // Behind in what it watched before: the ticks in between would come after this newer state. Both are
            // dropped for one newest state of everything.
            (false, Refresh::NotNeeded | Refresh::Needed) => outgoing.refresh = Refresh::Needed,
            (false, Refresh::Asked | Refresh::Outdated) => outgoing.refresh = Refresh::Outdated,
        }
        Ok(())
    }

    fn block_on<const N: usize>(&mut self, rest: [Bytes; N], end: TickSeq, now: Timestamp) {
        self.outgoing = Some(Box::new(Outgoing {
            queue: rest.into_iter().filter(|bytes| !bytes.is_empty()).collect(),
            resume_at: TickSeq(end.0 + 1),
            refresh: Refresh::NotNeeded,
            owes_pong: false,
            pong: None,
            progress_at: now,
        }));
    }
}

impl Outgoing {
    /// What is queued is the last: no tick and no refresh follows it.
    pub(super) fn end(&mut self) {
        self.resume_at = TickSeq(u64::MAX);
        self.refresh = Refresh::NotNeeded;
        self.owes_pong = false;
        self.pong = None;
    }

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
    fn catch_up<'a>(&mut self, log: &'a TickLog, parts: impl Fn(&'a TickFrames) -> [&'a Bytes; 4]) {
        for tick in log.since(self.resume_at).into_iter().flatten() {
            self.queue.extend(parts(tick).into_iter().filter(|part| !part.is_empty()).cloned());
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

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::num::NonZeroU16;
    use std::sync::Arc;

    use hereabouts_websocket::Decoder;

    use super::super::Cause;
    use super::super::connection::{Expiry, MessageBudget, Phase, Subscriptions};
    use super::super::permits::{PermitLimits, Permits};
    use super::super::ticks::ClassFrames;
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);
    const ID: ConnectionId = ConnectionId::new(0, 0, 1);

    /// A connection that watches `everyone`, and the client's end of it, which reads only when told to.
    fn pair() -> (Connection, std::net::TcpStream) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, address) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        let subscriptions = Cause::Everyone.subscription();
        let connection = Connection {
            stream: mio::net::TcpStream::from_std(server),
            generation: 1,
            phase: Phase::Open,
            subscriptions,
            wanted: subscriptions,
            user: None,
            sign_in: crate::gateway::SignInTag::NONE,
            permit: Arc::new(Permits::new(PermitLimits::default())).admit(address.ip()).unwrap(),
            is_warned: false,
            expires_at: Expiry::NEVER,
            last_frame_at: NOW,
            due_at: NOW,
            decoder: Decoder::new(),
            outgoing: None,
            early: None,
            budget: MessageBudget::new(NOW),
            n_malformed: 0,
            asked_at_ms: 0,
        };
        (connection, client)
    }

    fn tick(seq: u64, everyone: &'static [u8]) -> Arc<TickFrames> {
        let common = ClassFrames { everyone: everyone.into(), ..ClassFrames::default() };
        Arc::new(TickFrames { seq: TickSeq(seq), common, ..TickFrames::default() })
    }

    /// Fills the socket: what comes after is kept. Returns how many bytes the client will read of it.
    fn fill(connection: &mut Connection) -> usize {
        let n_bytes = 32 << 20;
        connection.send_shared(vec![b'x'; n_bytes].into(), TickSeq(0), NOW).unwrap();
        assert!(connection.outgoing.is_some(), "the socket takes no 32 MiB");
        n_bytes
    }

    /// Lets the client read while the connection drains, until it stands still.
    fn drain_into(
        connection: &mut Connection,
        client: &mut std::net::TcpStream,
        log: &TickLog,
        read: &mut Vec<u8>,
    ) -> Drained {
        client.set_nonblocking(true).unwrap();
        let mut buffer = vec![0; 1 << 20];
        for _ in 0..1_000_000 {
            while let Ok(n @ 1..) = client.read(&mut buffer) {
                read.extend_from_slice(&buffer[..n]);
            }
            match connection.drain(log, ID, NOW).unwrap() {
                Drained::Waiting if connection.outgoing.as_ref().is_some_and(|o| o.queue.is_empty()) => {
                    return Drained::Waiting;
                }
                Drained::Waiting => {}
                Drained::Current => {
                    client.set_nonblocking(false).unwrap();
                    client.set_read_timeout(Some(std::time::Duration::from_millis(200))).unwrap();
                    while let Ok(n @ 1..) = client.read(&mut buffer) {
                        read.extend_from_slice(&buffer[..n]);
                    }
                    return Drained::Current;
                }
                stale @ Drained::Stale(_) => return stale,
            }
        }
        panic!("the client reads and the connection does not drain");
    }

    #[test]
    fn a_reader_that_was_briefly_behind_gets_each_tick_once_and_in_order() {
        let (mut connection, mut client) = pair();
        let n_filler = fill(&mut connection);
        let mut log = TickLog::default();
        for (seq, frames) in [(1, b"one" as &[u8]), (2, b"two")] {
            log.append(tick(seq, frames));
            connection.send_tick(&tick(seq, frames), ID, NOW).unwrap();
        }
        let mut read = Vec::new();
        assert_eq!(drain_into(&mut connection, &mut client, &log, &mut read), Drained::Current);
        assert_eq!(&read[n_filler..], b"onetwo");
    }

    #[test]
    fn a_reader_too_far_behind_gets_the_newest_state_and_not_the_backlog() {
        let (mut connection, mut client) = pair();
        let n_filler = fill(&mut connection);
        let mut log = TickLog::default();
        (1..=100).for_each(|seq| log.append(tick(seq, b"old")));
        let mut read = Vec::new();
        assert_eq!(drain_into(&mut connection, &mut client, &log, &mut read), Drained::Stale(TickSeq(0)));
        connection.deliver(Bytes::from_static(b"newest"), true, log.end(), NOW).unwrap();
        assert_eq!(drain_into(&mut connection, &mut client, &log, &mut read), Drained::Current);
        assert_eq!(&read[n_filler..], b"newest");
    }

    #[test]
    fn a_subscription_answered_while_a_refresh_is_made_is_not_forgotten() {
        let (mut connection, mut client) = pair();
        let n_filler = fill(&mut connection);
        let mut log = TickLog::default();
        (1..=100).for_each(|seq| log.append(tick(seq, b"old")));
        let mut read = Vec::new();
        assert_eq!(drain_into(&mut connection, &mut client, &log, &mut read), Drained::Stale(TickSeq(0)));

        // The hub is making a refresh of `everyone`; now the answer to `subscribe window` comes before it.
        connection.subscriptions =
            Subscriptions::V1 { everyone: true, window: NonZeroU16::new(9), friends: false, users: None };
        connection.deliver(Bytes::from_static(b"window"), false, log.end(), NOW).unwrap();
        connection.deliver(Bytes::from_static(b"everyone only"), true, log.end(), NOW).unwrap();
        let stale = drain_into(&mut connection, &mut client, &log, &mut read);
        assert!(matches!(stale, Drained::Stale(_)), "asked again, for both: {stale:?}");
        connection.deliver(Bytes::from_static(b"both"), true, log.end(), NOW).unwrap();
        assert_eq!(drain_into(&mut connection, &mut client, &log, &mut read), Drained::Current);
        assert_eq!(&read[n_filler..], b"both");
    }

    #[test]
    fn a24_of_a_flood_of_pings_one_pong_is_kept_for_a_client_that_does_not_read() {
        let (mut connection, mut client) = pair();
        let n_filler = fill(&mut connection);
        for n in 0..100_000u32 {
            connection.send_pong(&n.to_be_bytes(), TickSeq(0), NOW).unwrap();
        }
        let queued = connection.outgoing.as_ref().unwrap();
        assert_eq!((queued.queue.len(), queued.pong.is_some()), (1, true));
        let mut read = Vec::new();
        assert_eq!(
            drain_into(&mut connection, &mut client, &TickLog::default(), &mut read),
            Drained::Current
        );
        assert_eq!(read[n_filler..], 99_999u32.to_be_bytes(), "the answer to the newest ping");
    }

    #[test]
    fn a_client_that_asks_and_never_reads_is_cut() {
        let (mut connection, _client) = pair();
        fill(&mut connection);
        let n_accepted =
            (0..1_000).take_while(|_| connection.send(b"answer", TickSeq(0), NOW).is_ok()).count();
        assert!(n_accepted < DIRECT_MAX);
    }
}
