//! One connection as the shard keeps it: no task, no channel and, while it is idle, no buffer.

use std::num::NonZeroU16;
use std::time::Duration;

use hereabouts_engine::{SessionKey, UserIndex};
use hereabouts_protocol::{Scope, Timestamp};
use hereabouts_websocket::Decoder;
use mio::net::TcpStream;

use super::Cause;
use super::cuts::SignInTag;
use super::outgoing::Outgoing;
use super::permits::Permit;

/// Names a connection from outside its shard: shard, slot, and a generation so that a late message for a connection
/// that is gone never reaches the next one in its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ConnectionId(u64);

impl ConnectionId {
    const SHARD_SHIFT: u32 = 56;
    const GENERATION_SHIFT: u32 = 32;
    const GENERATION_MASK: u32 = 0x00ff_ffff;

    /// Puts the three parts together; the generation wraps at 24 bits.
    pub(super) const fn new(shard: u8, slot: u32, generation: u32) -> Self {
        let generation = (generation & Self::GENERATION_MASK) as u64;
        Self((shard as u64) << Self::SHARD_SHIFT | generation << Self::GENERATION_SHIFT | slot as u64)
    }

    /// Which shard holds it.
    pub(crate) fn shard(self) -> usize {
        (self.0 >> Self::SHARD_SHIFT) as usize
    }

    pub(super) fn slot(self) -> u32 {
        self.0 as u32
    }

    pub(super) fn generation(self) -> u32 {
        (self.0 >> Self::GENERATION_SHIFT) as u32 & Self::GENERATION_MASK
    }

    /// The session that this connection carries.
    pub(crate) fn session(self) -> SessionKey {
        SessionKey(self.0)
    }
}

impl From<SessionKey> for ConnectionId {
    fn from(session: SessionKey) -> Self {
        Self(session.0)
    }
}

/// What a connection watches: its class in the fan-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subscriptions {
    /// An original client: every change, in the original's frames.
    Original,
    /// What a v1 client asked for.
    V1 {
        /// Every change of everybody.
        everyone: bool,
        /// The first so many people, and the total.
        window: Option<NonZeroU16>,
        /// The viewer's friends.
        friends: bool,
        /// A set of people, by the number that tells it from the connection's other sets.
        users: Option<NonZeroU16>,
    },
}

impl Subscriptions {
    /// A v1 client that has not subscribed yet.
    pub(crate) const NONE: Self = Self::V1 { everyone: false, window: None, friends: false, users: None };

    pub(super) fn is_v1(self) -> bool {
        matches!(self, Self::V1 { .. })
    }
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waiting for the `auth` message (v1 without credentials in its address).
    AwaitingAuth,
    /// The credentials are being looked at, or the hub has yet to publish the person.
    Opening {
        /// The hub knows of the session.
        is_announced: bool,
    },
    /// Acknowledged.
    Open,
    /// Nobody's: its messages are sent back.
    Echo,
    /// A close frame is written; waiting for the peer's.
    Closing,
    /// Nothing more is said by either side: what is left is written, then the peer's end is awaited.
    Parting,
}

impl Phase {
    /// Whether the last word is said, at least by us.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Closing | Self::Parting)
    }
}

/// The end of credentials in seconds, which is how tokens count: four bytes fewer for each connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiry(u32);

impl Expiry {
    /// There are no credentials, or they end after the year 2106.
    pub(super) const NEVER: Self = Self(u32::MAX);

    pub(super) fn at(self) -> Timestamp {
        Timestamp::from_secs(self.0.into())
    }
}

impl From<Timestamp> for Expiry {
    fn from(at: Timestamp) -> Self {
        Self(u32::try_from(at.as_secs()).unwrap_or(u32::MAX))
    }
}

/// The state of one socket.
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) generation: u32,
    pub(super) phase: Phase,
    /// What it is sent: its class in the fan-out.
    pub(super) subscriptions: Subscriptions,
    /// What it asked for. Differs from `subscriptions` while the hub's answer is on the way.
    pub(super) wanted: Subscriptions,
    /// `None` until the hub has interned the person, and for an observer.
    pub(super) user: Option<UserIndex>,
    /// Which of this person's sign-ins it stands on.
    pub(super) sign_in: SignInTag,
    /// Holds its place in the counts, and says who it is.
    pub(super) permit: Permit,
    pub(super) is_warned: bool,
    /// When the credentials end; the far future while there are none.
    pub(super) expires_at: Expiry,
    pub(super) last_frame_at: Timestamp,
    /// `Open`: when to ping. `AwaitingAuth`, `Closing`, `Parting`: when that has lasted too long.
    pub(super) due_at: Timestamp,
    pub(super) decoder: Decoder,
    /// `None` while everything is written: the connection stands at the end of the log.
    pub(super) outgoing: Option<Box<Outgoing>>,
    /// Messages that came before the ack, to be handled after it.
    pub(super) early: Option<Box<Early>>,
    pub(super) budget: MessageBudget,
    pub(super) n_malformed: u8,
    /// When the first ping was written that no frame has followed, as [`low_ms`]; older than the last frame if there
    /// is none. A peer is not dead before it was asked.
    pub(super) asked_at_ms: u32,
}

impl Connection {
    /// How long ago the peer was asked for a sign of life; `None` when it has given one since, or was not asked.
    pub(super) fn asked_for(&self, now: Timestamp) -> Option<Duration> {
        asked_for(self.asked_at_ms, self.last_frame_at, now)
    }

    /// Notes that a ping left.
    pub(super) fn ask(&mut self, now: Timestamp) {
        if self.asked_for(now).is_none() {
            self.asked_at_ms = low_ms(now);
        }
    }

    /// Notes that a ping which waited behind other frames has left only now.
    pub(super) fn ask_late(&mut self, now: Timestamp) {
        if self.asked_for(now).is_some() {
            self.asked_at_ms = low_ms(now);
        }
    }

    /// Whether it is acknowledged and yet nobody's: a service that looks on.
    pub(super) fn is_observer(&self) -> bool {
        self.phase == Phase::Open && self.user.is_none()
    }

    /// Notes what was asked for; the answer turns it on.
    pub(super) fn want(&mut self, cause: Cause) {
        self.wanted.turn_on(cause);
    }

    /// Turns a subscription on as its answer arrives; `false` when the client wants something else by now.
    pub(super) fn accept(&mut self, cause: Cause) -> bool {
        let Subscriptions::V1 { everyone, window, friends, users } = self.wanted else { return true };
        let is_wanted = match cause {
            Cause::Everyone => everyone,
            Cause::Window(limit) => window == Some(limit),
            Cause::Friends => friends,
            Cause::Users(set) => users == Some(set),
            Cause::Refresh => true,
        };
        if is_wanted {
            self.subscriptions.turn_on(cause);
        }
        is_wanted
    }

    /// Turns one scope off at once and returns what was on: until a new answer is there, ticks would be older than it.
    pub(super) fn drop_subscription(&mut self, scope: Scope) -> Subscriptions {
        take_scope(&mut self.wanted, scope);
        take_scope(&mut self.subscriptions, scope)
    }
}

impl Subscriptions {
    fn turn_on(&mut self, cause: Cause) {
        let Self::V1 { everyone, window, friends, users } = self else { return };
        match cause {
            Cause::Everyone => *everyone = true,
            Cause::Window(limit) => *window = Some(limit),
            Cause::Friends => *friends = true,
            Cause::Users(set) => *users = Some(set),
            Cause::Refresh => {}
        }
    }
}

fn asked_for(asked_at_ms: u32, last_frame_at: Timestamp, now: Timestamp) -> Option<Duration> {
    // Whole milliseconds on both sides: on a fast network ping and answer fall into one.
    let asked_ms = low_ms(now).wrapping_sub(asked_at_ms);
    let silent_ms = low_ms(now).wrapping_sub(low_ms(last_frame_at));
    (asked_ms < silent_ms).then_some(Duration::from_millis(asked_ms.into()))
}

fn take_scope(subscriptions: &mut Subscriptions, scope: Scope) -> Subscriptions {
    let mut taken = Subscriptions::NONE;
    let (
        Subscriptions::V1 { everyone, window, friends, users },
        Subscriptions::V1 {
            everyone: taken_everyone,
            window: taken_window,
            friends: taken_friends,
            users: taken_users,
        },
    ) = (subscriptions, &mut taken)
    else {
        return Subscriptions::NONE;
    };
    match scope {
        Scope::Everyone => *taken_everyone = std::mem::take(everyone),
        Scope::Window => *taken_window = window.take(),
        Scope::Friends => *taken_friends = std::mem::take(friends),
        Scope::Users => *taken_users = users.take(),
    }
    taken
}

/// What arrived before the connection counts: bytes that came with the handshake, and whole messages.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub(super) bytes: Vec<u8>,
    pub(super) messages: Vec<String>,
}

impl Early {
    /// A client that says more than this before it is acknowledged is not one of ours.
    pub(super) const MESSAGES_MAX: usize = 16;
}

/// A token bucket: `rate` messages per second with a burst of twice that; sustained excess for ten seconds runs it
/// into the debt at which the connection is closed.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageBudget {
    spent: f32,
    /// The low half of the time in milliseconds: eight bytes fewer for each connection. After a silence of 49 days a
    /// client may regain too little at first.
    at_ms: u32,
}

impl MessageBudget {
    /// Seconds of excess that are forgiven.
    const PATIENCE_S: f32 = 10.0;

    pub(super) fn new(now: Timestamp) -> Self {
        Self { spent: 0.0, at_ms: low_ms(now) }
    }

    /// Counts one message; `false` when the client has had too many for too long. A rate of 0 is no limit.
    pub(super) fn spend(&mut self, now: Timestamp, rate_per_s: u32) -> bool {
        if rate_per_s == 0 {
            return true;
        }
        let rate = rate_per_s as f32;
        let now_ms = low_ms(now);
        let regained = now_ms.wrapping_sub(self.at_ms) as f32 / 1000.0 * rate;
        self.at_ms = now_ms;
        self.spent = (self.spent - regained).max(0.0) + 1.0;
        self.spent <= rate * (2.0 + Self::PATIENCE_S)
    }
}

pub(super) fn low_ms(at: Timestamp) -> u32 {
    (at.as_micros() / 1000) as u32
}

/// The connections of one shard: a vector with its holes remembered.
#[derive(Default)]
pub(super) struct Slab {
    slots: Vec<Option<Connection>>,
    free: Vec<u32>,
    n_generations: u32,
}

impl Slab {
    /// Number of slots, used or not: the bound of a walk over all connections.
    pub(super) fn n_slots(&self) -> u32 {
        self.slots.len() as u32
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// A generation no living connection has.
    pub(super) fn next_generation(&mut self) -> u32 {
        self.n_generations = self.n_generations.wrapping_add(1) & ConnectionId::GENERATION_MASK;
        self.n_generations
    }

    pub(super) fn insert(&mut self, connection: Connection) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(connection);
                slot
            }
            None => {
                self.slots.push(Some(connection));
                self.slots.len() as u32 - 1
            }
        }
    }

    pub(super) fn get(&mut self, slot: u32) -> Option<&mut Connection> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    /// The connection of this slot, if it still is the one that was meant.
    pub(super) fn get_exact(&mut self, slot: u32, generation: u32) -> Option<&mut Connection> {
        self.get(slot).filter(|connection| connection.generation == generation)
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Connection> {
        let connection = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some(connection)
    }
}

/// `interval` ± 20 %, so that clients that connected together are not pinged together. `random` is any number.
pub(super) fn jittered(interval: Duration, random: u32) -> Duration {
    let share = f64::from(random) / f64::from(u32::MAX);
    interval.mul_f64(0.8 + 0.4 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_id_keeps_its_parts() {
        let id = ConnectionId::new(255, u32::MAX, 0xff12_3456);
        assert_eq!((id.shard(), id.slot(), id.generation()), (255, u32::MAX, 0x0012_3456));
        assert_eq!(ConnectionId::from(id.session()), id);
    }

    #[test]
    fn an_idle_connection_is_small() {
        // Without its socket, which has 4 bytes, and in debug builds 12 more for mio's own checks.
        let n_bytes = size_of::<Option<Connection>>() - size_of::<TcpStream>();
        assert!(n_bytes <= 128, "{n_bytes} bytes");
    }

    #[test]
    fn f31_a_peer_is_asked_until_it_answers() {
        let at = |micros: u64| Timestamp::from_micros(1_795_478_400_000_000 + micros);
        let asked_for = |last_frame_us: u64, asked_us: u64, now_us: u64| {
            asked_for(low_ms(at(asked_us)), at(last_frame_us), at(now_us)).map(|asked| asked.as_millis())
        };
        assert_eq!(asked_for(0, 5_000, 9_000), Some(4));
        assert_eq!(asked_for(6_000, 5_000, 9_000), None, "it answered");
        for now_us in [1_500_200, 1_500_950] {
            assert_eq!(asked_for(1_000_900, 1_000_100, now_us), None, "it answered within the millisecond");
        }
        assert_eq!(asked_for(0, 0, 9_000), None, "nobody asked");
    }

    #[test]
    fn twenty_a_second_is_fine_for_ever_and_twice_that_is_cut_after_ten_seconds() {
        let start = Timestamp::from_secs(1000);
        let survives_s = |per_second: u32| {
            let mut budget = MessageBudget::new(start);
            let gap = Duration::from_secs(1) / per_second;
            (0..per_second * 60).find(|n| !budget.spend(start + gap * *n, 20)).map(|n| n / per_second)
        };
        assert_eq!(survives_s(20), None);
        assert!(matches!(survives_s(40), Some(10..=13)), "{:?}", survives_s(40));
        assert!(matches!(survives_s(1000), Some(0)));
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        let second = Duration::from_secs(1);
        assert_eq!(jittered(second, 0), Duration::from_millis(800));
        assert_eq!(jittered(second, u32::MAX), Duration::from_millis(1200));
    }
}
