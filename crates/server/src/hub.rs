//! The hub: the one thread that owns the engine.
//!
//! Shards tell it what happened to sessions; it asks the engine, publishes at the pace the shards can deliver, and
//! tells each shard what its connections shall get. It never waits for a socket or a database.

mod answers;
mod asking;
mod circles;
mod classes;
mod frames;
mod horizon;
mod loader;
mod message;
mod notices;
mod pacing;
mod viewers;

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use hereabouts_engine::{Effect, Engine, Event, Person, Tick, UserIndex};
use hereabouts_protocol::{Timestamp, UserId};
use tokio::sync::{mpsc as async_mpsc, oneshot};

pub use self::asking::{SeenBy, SelfReport, Unknowable};
use self::circles::Circles;
use self::classes::Classes;
use self::frames::Snapshots;
use self::horizon::Horizon;
use self::loader::{LoadRequest, Loaded};
pub(crate) use self::message::Message;
pub use self::message::Sender;
pub use self::notices::WatchNotice;
use self::pacing::{Delivery, Pacing};
use crate::clock::Clock;
use crate::failpoint::failpoint;
use crate::gateway::{Cause, Command, ConnectionId, ShardHandle};
use crate::metrics::Metrics;
use crate::online::{Exceptions, OnlineView, Row, RowChange};
use crate::shutdown::Shutdown;
use crate::store::{PeopleStore, PresenceRecord, PresenceWriter, Strangers};

/// Messages that may wait for the hub, some 5 ms of its work; when they do, shards wait, and with them their sockets.
const INBOX_LEN: usize = 8_192;
/// Messages handled before the clock is looked at again: some 5 ms of work.
const MESSAGES_PER_TURN: usize = 8_192;
/// The walk over everybody's last-seen time has this many steps, one a second: each is written once a minute.
const SEEN_SLICES: usize = 60;

/// What the rest of the process sees of the hub.
#[derive(Clone, Debug)]
pub struct Hub {
    online: Arc<OnlineView>,
    sender: Sender,
    loads: async_mpsc::UnboundedSender<LoadRequest>,
}

/// What the hub needs of the rest of the process.
pub struct World {
    /// The engine's times.
    pub engine: hereabouts_engine::Settings,
    /// Changes are collected for up to this long under load.
    pub coalesce_max: Duration,
    /// The time.
    pub clock: Clock,
    /// Where presence is written behind.
    pub writer: PresenceWriter,
    /// What becomes of people who are not in the users table.
    pub strangers: Strangers,
    /// Where what people decided is read.
    pub people: Arc<dyn PeopleStore>,
    /// Who is to be told that somebody they wait for has come. Bounded by the watches there are.
    pub notices: async_mpsc::UnboundedSender<WatchNotice>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// Triggered when the hub ends by a bug.
    pub shutdown: Shutdown,
    pub(crate) shards: Arc<[ShardHandle]>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

impl Hub {
    /// Starts the thread, and the task that reads for it. Must be called inside the async runtime.
    pub fn spawn(world: World) -> io::Result<(Self, JoinHandle<()>)> {
        let (sender, inbox) = mpsc::sync_channel(INBOX_LEN);
        let (loads, requests) = async_mpsc::unbounded_channel();
        let online = Arc::new(OnlineView::default());
        let hub = Self { online: Arc::clone(&online), sender: Sender(sender), loads: loads.clone() };
        tokio::spawn(loader::serve(Arc::clone(&world.people), hub.sender(), requests));
        let hub_loop = HubLoop {
            engine: Engine::new(world.engine),
            inbox,
            online,
            classes: Classes::default(),
            circles: Circles::default(),
            observers: HashSet::new(),
            snapshots: Snapshots::default(),
            horizon: Horizon::default(),
            pacing: Pacing::new(world.coalesce_max),
            effects: Vec::new(),
            loads,
            in_force_next: Vec::new(),
            seen_slice: 0,
            seen_due_at: world.clock.now(),
            world,
        };
        let shutdown = hub_loop.world.shutdown.clone();
        let thread = std::thread::Builder::new()
            .name("hub".into())
            .spawn(move || shutdown.unless_panics("the hub", || hub_loop.run()))?;
        Ok((hub, thread))
    }

    /// Who is online, as of the last tick.
    pub fn online(&self) -> &Arc<OnlineView> {
        &self.online
    }

    /// The way to the hub, for the shards.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Publishes what is pending and ends the thread.
    pub fn stop(&self) {
        self.sender.send(Message::Stop);
    }
}

/// The state of the hub thread.
struct HubLoop {
    engine: Engine,
    inbox: Receiver<Message>,
    online: Arc<OnlineView>,
    classes: Classes,
    circles: Circles,
    /// Connections of the operator's services.
    observers: HashSet<ConnectionId>,
    snapshots: Snapshots,
    horizon: Horizon,
    pacing: Pacing,
    effects: Vec<Effect>,
    loads: async_mpsc::UnboundedSender<LoadRequest>,
    /// Told after the next flush.
    in_force_next: Vec<oneshot::Sender<()>>,
    seen_slice: usize,
    seen_due_at: Timestamp,
    world: World,
}

impl HubLoop {
    fn run(mut self) {
        let mut is_running = true;
        while is_running {
            let timeout = self.timeout();
            match self.inbox.recv_timeout(timeout) {
                Ok(message) => is_running = self.take_messages(message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => is_running = false,
            }
            let now = self.world.clock.now();
            if self.engine.next_timeout().is_some_and(|due_at| due_at <= now) {
                self.engine.handle_timeout(now, &mut self.effects);
                self.carry_out_effects();
            }
            if self.engine.has_changes() && (!is_running || self.flush_due_at() <= now) {
                self.flush(now);
            }
            if !self.engine.has_changes() {
                for done in self.in_force_next.drain(..) {
                    let _ = done.send(());
                }
            }
            self.write_seen(now);
        }
    }

    /// How long the hub may sleep.
    fn timeout(&self) -> Duration {
        let flush_at = self.engine.has_changes().then(|| self.flush_due_at());
        let due_at = [self.engine.next_timeout(), flush_at].into_iter().flatten().min();
        due_at
            .map_or(self.seen_due_at, |due_at| due_at.min(self.seen_due_at))
            .saturating_since(self.world.clock.now())
    }

    fn flush_due_at(&self) -> Timestamp {
        self.pacing.due_at(Delivery::of(&self.world.shards, self.engine.seq()), self.world.clock.now())
    }

    /// Handles this message and those behind it. False after `Stop`.
    fn take_messages(&mut self, first: Message) -> bool {
        let now = self.world.clock.now();
        let mut next = Some(first);
        for _ in 0..MESSAGES_PER_TURN {
            match next {
                None => break,
                Some(Message::Stop) => return false,
                Some(message) => self.handle(message, now),
            }
            next = self.inbox.try_recv().ok();
        }
        if let Some(message) = next {
            return !matches!(message, Message::Stop) && {
                self.handle(message, now);
                true
            };
        }
        true
    }

    fn handle(&mut self, message: Message, now: Timestamp) {
        failpoint("hub.message");
        match message {
            Message::Opened { connection, profile, subscriptions } => {
                self.classes.add(subscriptions);
                let event = Event::SessionOpened { session: connection.session(), profile };
                self.engine.handle(event, now, &mut self.effects);
            }
            Message::Observing { connection, subscriptions } => {
                self.classes.add(subscriptions);
                self.observers.insert(connection);
                self.tell(connection, Command::Welcome { connection, user: None });
            }
            Message::Ended { connection, departure, last_frame_at, subscriptions } => {
                self.classes.remove(subscriptions);
                self.circles.forget(connection);
                if self.observers.remove(&connection) {
                    return;
                }
                let event = Event::SessionEnded { session: connection.session(), departure, last_frame_at };
                self.engine.handle(event, now, &mut self.effects);
            }
            Message::Activity { connection, idle } => {
                let event = Event::SessionActivity { session: connection.session(), idle };
                self.engine.handle(event, now, &mut self.effects);
            }
            Message::Subscribe { connection, cause, since, replaced, ids } => {
                self.subscribe(connection, cause, since, replaced, ids);
            }
            Message::Unsubscribed { connection, subscriptions } => {
                self.unsubscribe(connection, subscriptions);
            }
            Message::Refresh { connection, since, subscriptions } => {
                let frames = self.newest(connection, subscriptions, since);
                self.tell(connection, Command::Deliver { connection, frames, cause: Cause::Refresh });
            }
            Message::Loaded { people, epoch, done, waiting } => {
                for loaded in people {
                    self.take_loaded(loaded, epoch, now);
                }
                self.in_force_next.extend(done);
                self.answer_waiting(waiting);
            }
            Message::Unreadable { ids, waiting } => {
                for user_id in ids {
                    let event = Event::PersonUnreadable { user_id };
                    self.engine.handle(event, now, &mut self.effects);
                }
                self.answer_waiting(waiting);
            }
            Message::Ask(question) => question(&self.engine),
            Message::Stop => {}
        }
        self.carry_out_effects();
    }

    /// Somebody who is here and not in the users table is whoever the token says, and never decided anything; where the
    /// table decides who there is, they are nobody.
    fn take_loaded(&mut self, Loaded { user_id, found }: Loaded, epoch: u64, now: Timestamp) {
        let is_deactivated = self.world.strangers == Strangers::Skip;
        let stranger = || {
            let profile = Arc::clone(self.engine.profile(self.engine.user(user_id)?));
            Some((profile, Arc::new(Person { is_deactivated, ..Person::default() }), None))
        };
        // A token's name is newer than the table's, where tokens name people.
        let renamed = found.as_ref().filter(|_| is_deactivated).map(|(profile, ..)| Arc::clone(profile));
        let event = match found.or_else(stranger) {
            Some((profile, person, last_seen)) => Event::PersonLoaded { profile, person, epoch, last_seen },
            None => Event::PersonUnreadable { user_id },
        };
        self.engine.handle(event, now, &mut self.effects);
        if let Some(profile) = renamed {
            self.engine.handle(Event::ProfileChanged { profile }, now, &mut self.effects);
        }
    }

    /// Publishes: first what anybody can read, then the acks, then the tick, so that whoever is acknowledged finds
    /// themselves in the list and hears of all who came with them.
    fn flush(&mut self, now: Timestamp) {
        failpoint("hub.flush");
        let tick = self.engine.flush(now, &mut self.effects);
        if let Some(tick) = &tick {
            let rows = tick.moved().map(|user| row_change(&self.engine, user));
            let mut viewers: Vec<_> = tick.related().map(|(viewer, _)| viewer).collect();
            viewers.dedup();
            let exceptions = viewers.into_iter().map(|viewer| (viewer, exceptions(&self.engine, viewer)));
            self.online.publish(rows, exceptions);
            self.horizon.note(now, tick.seq);
        }
        self.carry_out_effects();
        if let Some(tick) = tick {
            self.pacing.flushed(now);
            self.send_tick(&tick);
        }
    }

    fn send_tick(&self, tick: &Tick) {
        let metrics = &self.world.metrics;
        metrics.ticks_total.inc();
        metrics.changes_total.add(tick.changes.len() as u64);
        metrics.users_online.set(tick.total);
        let frames = Arc::new(frames::tick_frames(&self.engine, tick, &self.classes, &self.circles));
        for shard in self.world.shards.iter() {
            shard.send(Command::Tick(Arc::clone(&frames)));
        }
    }

    fn carry_out_effects(&mut self) {
        let mut unknown = Vec::new();
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Welcome { session, user } => {
                    let connection = ConnectionId::from(session);
                    self.tell(connection, Command::Welcome { connection, user: Some(user) });
                }
                Effect::Record { user, is_online, last_seen } => {
                    let profile = Arc::clone(self.engine.profile(user));
                    let last_seen = self.world.clock.at_rest(last_seen);
                    self.world.writer.record(PresenceRecord { profile, is_online, last_seen });
                }
                Effect::Load { user_id } => unknown.push(user_id),
                Effect::Forgotten { user_id } => self.online.forget(user_id),
                Effect::Activity { user, from, to, at, version, .. } => {
                    self.note_activity(user, (from, to), at, version);
                }
                Effect::WatchFired { watcher, target, .. } => self.note_arrival(watcher, target),
            }
        }
        if !unknown.is_empty() {
            // The task that serves it lives as long as the process serves.
            let _ = self.loads.send(LoadRequest { ids: unknown, done: None, answer: None });
        }
    }

    fn tell(&self, connection: ConnectionId, command: Command) {
        if let Some(shard) = self.world.shards.get(connection.shard()) {
            shard.send(command);
        }
    }

    /// One step of the walk that writes everybody's last-seen time once a minute.
    fn write_seen(&mut self, now: Timestamp) {
        if now < self.seen_due_at {
            return;
        }
        self.seen_due_at = now + Duration::from_secs(1);
        let (seen, writer, clock) = (Arc::clone(self.online.seen()), &self.world.writer, self.world.clock);
        self.online.visit_slice(self.seen_slice, SEEN_SLICES, |row: &Row| {
            writer.seen(row.profile.user_id, clock.at_rest(seen.load(row.user)));
        });
        self.seen_slice = (self.seen_slice + 1) % SEEN_SLICES;
    }
}

fn row_change(engine: &Engine, user: UserIndex) -> RowChange {
    let profile = Arc::clone(engine.profile(user));
    match (engine.since(user), engine.limited_since(user)) {
        (Some(since), _) => RowChange::Present(Row { since, user, profile }),
        (None, Some(since)) => RowChange::Limited(Row { since, user, profile }),
        (None, None) => RowChange::Gone(profile.user_id),
    }
}

fn exceptions(engine: &Engine, viewer: UserId) -> Option<Exceptions> {
    let sees = engine.exceptions(viewer)?.collect();
    Some(Exceptions { is_withdrawn: engine.is_withdrawn(viewer), sees })
}
