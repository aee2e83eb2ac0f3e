//! A shard: the thread, its poll loop, and the ticks and states it writes on command.
//!
//! Who comes stands in `arrival`, what is read in `incoming`, what is written in `outgoing`, how it ends in `departure`,
//! and what time brings in `sweep`.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use hereabouts_engine::TickSeq;
use hereabouts_protocol::Timestamp;
use hereabouts_websocket::Limits;
use mio::{Events, Interest, Poll, Token, Waker};

use super::connection::{ConnectionId, Phase, Slab, jittered};
use super::cuts::Cuts;
use super::notices::Notices;
use super::outgoing::{Broken, Drained};
use super::ticks::{TickFrames, TickLog};
use super::{Cause, Command, Settings, ShardHandle, Shared, World};
use crate::failpoint::failpoint;
use crate::hub;

const WAKER: Token = Token(usize::MAX);
/// A broadcast looks at the sockets again after so many writes (about 1.6 ms), so that pongs stay fast.
const WRITES_PER_TURN: usize = 256;
/// Commands taken before the sockets are looked at again.
const COMMANDS_PER_TURN: usize = 1024;
const EVENTS_PER_POLL: usize = 1024;
/// One read buffer for all connections of the shard: the largest message and its header fit.
pub(super) const SCRATCH_BYTES: usize = 64 * 1024 + 16;
/// Credentials are honoured this long after their end.
pub(super) const EXPIRY_LEEWAY: Duration = Duration::from_secs(5);

/// A shard before its thread runs.
#[derive(Debug)]
pub(super) struct Seed {
    poll: Poll,
    handle: ShardHandle,
    commands: Receiver<Command>,
}

impl Seed {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let (sender, commands) = mpsc::channel();
        let handle = ShardHandle { commands: sender, waker, shared: Arc::default() };
        Ok(Self { poll, handle, commands })
    }

    pub(super) fn handle(&self) -> ShardHandle {
        self.handle.clone()
    }

    pub(super) fn grow(self, index: u8, settings: Settings, world: World) -> Shard {
        let now = world.clock.now();
        Shard {
            index,
            settings,
            poll: self.poll,
            commands: self.commands,
            shared: self.handle.shared,
            connections: Slab::default(),
            log: TickLog::default(),
            broadcast: None,
            half_read: BTreeMap::new(),
            now,
            sweep_due_at: now,
            cuts: Cuts::default(),
            notices: Notices::default(),
            n_sets: 0,
            limits: settings.limits,
            scratch: vec![0; SCRATCH_BYTES],
            frame: Vec::new(),
            echoes: Vec::new(),
            unfinished: Vec::new(),
            working_on: None,
            random: 0x9e37_79b9 ^ u32::from(index),
            is_draining: false,
            world,
        }
    }
}

/// A message of which a part was read.
pub(super) struct HalfRead {
    pub(super) generation: u32,
    pub(super) since: Timestamp,
}

/// A tick on its way to the connections of this shard.
pub(super) struct Broadcast {
    tick: Arc<TickFrames>,
    next_slot: u32,
}

/// The state of one shard thread.
pub(super) struct Shard {
    index: u8,
    pub(super) settings: Settings,
    poll: Poll,
    commands: Receiver<Command>,
    shared: Arc<Shared>,
    pub(super) connections: Slab,
    pub(super) log: TickLog,
    pub(super) broadcast: Option<Broadcast>,
    /// By slot. Entries of connections that are gone are dropped within [`MESSAGE_TIMEOUT`].
    ///
    /// [`MESSAGE_TIMEOUT`]: crate::limits::MESSAGE_TIMEOUT
    pub(super) half_read: BTreeMap<u32, HalfRead>,
    /// Read once per turn of the loop.
    pub(super) now: Timestamp,
    pub(super) sweep_due_at: Timestamp,
    pub(super) cuts: Cuts,
    pub(super) notices: Notices,
    /// Numbers the sets of people that connections watch.
    pub(super) n_sets: u16,
    pub(super) limits: Limits,
    pub(super) scratch: Vec<u8>,
    /// Where small frames are put together.
    pub(super) frame: Vec<u8>,
    /// The answers of an echo to what was just read.
    pub(super) echoes: Vec<u8>,
    /// Sockets that had more to read than one turn allows.
    pub(super) unfinished: Vec<(u32, u32)>,
    /// The connection that the present piece of work is about: see `survive`.
    pub(super) working_on: Option<u32>,
    random: u32,
    pub(super) is_draining: bool,
    pub(super) world: World,
}

impl Shard {
    /// Runs until told to drain and every connection is gone.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS_PER_POLL);
        let mut has_commands = true;
        while !(self.is_draining && self.connections.len() == 0) {
            let is_busy = has_commands || self.broadcast.is_some() || !self.unfinished.is_empty();
            let timeout = if is_busy {
                Duration::ZERO
            } else {
                self.sweep_due_at.saturating_since(self.world.clock.now())
            };
            if let Err(error) = self.poll.poll(&mut events, Some(timeout)) {
                if error.kind() != io::ErrorKind::Interrupted {
                    tracing::error!(%error, shard = self.index, "a shard cannot poll its sockets");
                }
                continue;
            }
            self.now = self.world.clock.now();
            for (slot, generation) in std::mem::take(&mut self.unfinished) {
                // To the end: the event that told of it may be long past.
                self.survive(|shard| shard.on_readable(slot, generation, true));
            }
            for event in &events {
                if event.token() != WAKER {
                    self.survive(|shard| shard.on_ready(event));
                }
            }
            self.survive(Self::continue_broadcast);
            has_commands = self.broadcast.is_some() || self.take_commands();
            self.survive(Self::carry_out_cuts);
            self.survive(Self::send_notices);
            self.survive(Self::sweep);
            self.shared.n_connections.store(self.connections.len(), Ordering::Relaxed);
        }
    }

    fn on_ready(&mut self, event: &mio::event::Event) {
        let (slot, generation) = (event.token().0 as u32, (event.token().0 >> 32) as u32);
        if self.connections.get_exact(slot, generation).is_none() {
            return;
        }
        self.working_on = Some(slot);
        if event.is_readable() || event.is_read_closed() {
            self.on_readable(slot, generation, event.is_read_closed());
        }
        if event.is_writable() && self.connections.get_exact(slot, generation).is_some() {
            self.on_writable(slot);
        }
    }

    /// Commands up to the next tick, or as many as one turn allows. Returns whether there may be more.
    fn take_commands(&mut self) -> bool {
        self.shared.is_notified.store(false, Ordering::Release);
        for _ in 0..COMMANDS_PER_TURN {
            let Ok(command) = self.commands.try_recv() else { return false };
            self.survive(|shard| shard.carry_out(command));
            if self.broadcast.is_some() {
                break;
            }
        }
        true
    }

    fn carry_out(&mut self, command: Command) {
        if let Some(id) = command.connection()
            && self.connections.get_exact(id.slot(), id.generation()).is_some()
        {
            self.working_on = Some(id.slot());
        }
        match command {
            Command::Adopt(newcomer) => self.adopt(*newcomer),
            Command::Identified { connection, sign_in, outcome } => {
                self.note_sign_in(connection, sign_in);
                self.on_identified(connection, outcome);
            }
            Command::Cut(cut) => self.note_cut(cut),
            Command::MakeRoom(user_id) => self.note_crowded(user_id),
            Command::Welcome { connection, user } => self.welcome(connection, user),
            Command::Tick(tick) => {
                self.log.append(Arc::clone(&tick));
                self.broadcast = Some(Broadcast { tick, next_slot: 0 });
                self.continue_broadcast();
            }
            Command::Deliver { connection, frames, cause } => self.deliver(connection, frames, cause),
            Command::Complain { connection, code, message } => {
                if self.connections.get_exact(connection.slot(), connection.generation()).is_some() {
                    self.error(connection.slot(), code, &message);
                }
            }
            Command::ListSessions(user_id, reply) => self.note_curious(user_id, reply),
            Command::EndSession(connection) => self.end_by_word(connection),
            Command::Notify { user_id, frame } => self.note_notice(user_id, frame),
            Command::Drain => self.drain(),
        }
    }

    /// Writes the tick to the next connections. Commands wait meanwhile, so that whatever comes after the tick is
    /// written after it.
    fn continue_broadcast(&mut self) {
        let Some(broadcast) = &self.broadcast else { return };
        let (tick, first) = (Arc::clone(&broadcast.tick), broadcast.next_slot);
        let n_slots = self.connections.n_slots();
        let mut n_writes = 0;
        for slot in first..n_slots {
            if n_writes == WRITES_PER_TURN {
                return;
            }
            // Noted before it is written: whatever becomes of this connection, the next turn goes on behind it.
            if let Some(broadcast) = &mut self.broadcast {
                broadcast.next_slot = slot + 1;
            }
            self.working_on = Some(slot);
            let Some(connection) = self.connections.get(slot) else { continue };
            if connection.phase != Phase::Open {
                continue;
            }
            n_writes += 1;
            let id = ConnectionId::new(self.index, slot, connection.generation);
            failpoint("shard.broadcast");
            if connection.send_tick(&tick, id, self.now).is_err() {
                self.lose(slot);
            }
        }
        self.broadcast = None;
        self.shared.delivered_at.store(self.world.clock.now().as_micros(), Ordering::Relaxed);
        self.shared.delivered.store(tick.seq.0, Ordering::Release);
    }

    /// The last tick that was written to the connection in this slot, if it keeps up.
    pub(super) fn position(&self, slot: u32) -> TickSeq {
        match &self.broadcast {
            Some(broadcast) if slot >= broadcast.next_slot => TickSeq(broadcast.tick.seq.0 - 1),
            _ => self.log.end(),
        }
    }

    fn deliver(&mut self, id: ConnectionId, frames: bytes::Bytes, cause: Cause) {
        let (slot, end, now) = (id.slot(), self.log.end(), self.now);
        failpoint("shard.deliver");
        let connection = self.connections.get_exact(slot, id.generation());
        let accepted =
            connection.filter(|c| c.phase == Phase::Open).and_then(|c| c.accept(cause).then_some(c));
        let Some(connection) = accepted else {
            // Gone, or it has changed its mind since: the hub counted it in, and counts it out again.
            let subscriptions = cause.subscription();
            return self.world.hub.send(hub::Message::Unsubscribed { connection: id, subscriptions });
        };
        match connection.deliver(frames, cause == Cause::Refresh, end, now) {
            Ok(()) => self.on_writable(slot),
            Err(Broken) => self.lose(slot),
        }
    }

    /// Goes on writing; asks the hub for the newest state where the log has forgotten what was missed.
    pub(super) fn on_writable(&mut self, slot: u32) {
        let id = self.id_of(slot);
        let Some(connection) = self.connections.get(slot) else { return };
        let Some(outgoing) = &connection.outgoing else { return };
        failpoint("shard.write");
        let owes_pong = outgoing.owes_pong;
        match connection.drain(&self.log, id, self.now) {
            Ok(Drained::Current) => {
                connection.ask_late(self.now);
                if owes_pong { self.pong(slot) } else { self.on_drained(slot) }
            }
            Ok(Drained::Waiting) => {}
            Ok(Drained::Stale(since)) => {
                let subscriptions = connection.subscriptions;
                self.world.metrics.stale_readers_total.inc();
                self.world.hub.send(hub::Message::Refresh { connection: id, since, subscriptions });
            }
            Err(Broken) => self.lose(slot),
        }
    }

    fn on_drained(&mut self, slot: u32) {
        let Some(connection) = self.connections.get(slot) else { return };
        match connection.phase {
            Phase::Parting => {
                self.part(slot);
                // The peer's end may have been seen while there was something to write.
                self.resume_reading(slot);
            }
            Phase::Echo => self.resume_reading(slot),
            _ => {}
        }
    }

    /// Writes what stands in `self.frame`.
    pub(super) fn send_frame(&mut self, slot: u32) {
        let (end, now) = (self.position(slot), self.now);
        let Some(connection) = self.connections.get(slot) else { return };
        if connection.send(&self.frame, end, now).is_err() {
            self.lose(slot);
        }
    }

    /// Starts watching the socket. Data that is there already makes an event at once.
    pub(super) fn register(&mut self, slot: u32) {
        let Some(connection) = self.connections.get(slot) else { return };
        let token = Token((connection.generation as usize) << 32 | slot as usize);
        let interest = Interest::READABLE | Interest::WRITABLE;
        match self.poll.registry().register(&mut connection.stream, token, interest) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                tracing::warn!(%error, shard = self.index, "a socket cannot be watched and is dropped");
                self.lose(slot);
            }
            _ => {}
        }
    }

    pub(super) fn id_of(&mut self, slot: u32) -> ConnectionId {
        let generation = self.connections.get(slot).map_or(0, |connection| connection.generation);
        ConnectionId::new(self.index, slot, generation)
    }

    /// The next due time of a ping: jittered anew each time.
    pub(super) fn next_ping_at(&mut self) -> Timestamp {
        let random = self.random();
        self.now + jittered(self.settings.ping_interval, random)
    }

    /// xorshift: for spreading load, never for secrets.
    pub(super) fn random(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.random
    }
}
