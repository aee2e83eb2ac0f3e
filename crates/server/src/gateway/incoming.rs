//! What clients say: bytes to messages, messages to what they mean here.

use std::io::Read;
use std::num::NonZeroU16;
use std::ops::ControlFlow;

use hereabouts_engine::{Departure, WINDOW_LIMIT_MAX};
use hereabouts_protocol::{ClientMessage, CloseCode, Scope, ServerMessage, SetStatus, UserId, encode};
use hereabouts_websocket::{Message, Opcode, write_close_reply, write_frame, write_frame_with};

use super::Cause;
use super::connection::{Early, Phase};
use super::shard::{HalfRead, Shard};
use crate::failpoint::failpoint;
use crate::hub;
use crate::limits::{LOOKUP_IDS_MAX, MALFORMED_MESSAGES_MAX};

/// Reads of one socket before the others have their turn.
const READS_PER_TURN: usize = 4;
/// What `<OnlineUsers/>` needs without being told: eight cards, and the viewer who is left out.
const WINDOW_LIMIT_DEFAULT: u32 = 9;
/// An original client's `pong`, framed.
const ORIGINAL_PONG_FRAME: &[u8] = b"\x81\x0f{\"type\":\"pong\"}";

impl Shard {
    /// Reads what is there. `to_end`: the peer has closed its side, so read until the end shows.
    pub(super) fn on_readable(&mut self, slot: u32, generation: u32, to_end: bool) {
        let mut scratch = std::mem::take(&mut self.scratch);
        for turn in 0.. {
            let Some(connection) = self.connections.get_exact(slot, generation) else { break };
            if !connection.may_read() {
                break;
            }
            if turn == READS_PER_TURN {
                self.unfinished.push((slot, generation));
                break;
            }
            match connection.stream.read(&mut scratch) {
                // The peer says no more, but still reads.
                Ok(0) if connection.phase == Phase::Parting && connection.outgoing.is_some() => break,
                Ok(0) => {
                    self.lose(slot);
                    break;
                }
                Ok(n) => {
                    failpoint("shard.read");
                    self.feed(slot, &mut scratch[..n]);
                    if n < scratch.len() && !to_end {
                        break;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => {
                    self.lose(slot);
                    break;
                }
            }
        }
        self.scratch = scratch;
    }

    fn feed(&mut self, slot: u32, bytes: &mut [u8]) {
        let Some(connection) = self.connections.get(slot) else { return };
        let generation = connection.generation;
        let mut decoder = std::mem::take(&mut connection.decoder);
        let limits = self.limits;
        let mut is_new = !decoder.is_mid_message();
        let outcome = decoder.feed(bytes, &limits, &mut |message| {
            is_new |= matches!(message, Message::Text(_) | Message::Binary(_));
            self.on_message(slot, message)
        });
        if decoder.is_mid_message() {
            self.note_half_read(slot, generation, is_new);
        } else if !self.half_read.is_empty() {
            self.half_read.remove(&slot);
        }
        self.send_echoes(slot);
        let Some(connection) = self.connections.get_exact(slot, generation) else { return };
        connection.decoder = decoder;
        match outcome {
            Ok(()) => {}
            Err(_) if connection.phase.is_over() => self.remove(slot),
            Err(error) => {
                self.close(slot, CloseCode(error.close_code()), "", Departure::Lost { dead: false });
                // The decoder has given up, so the peer's own close frame would not be found.
                self.part(slot);
            }
        }
    }

    /// Notes when the message began of which a part was read. `is_new`: it began with what was just read.
    fn note_half_read(&mut self, slot: u32, generation: u32, is_new: bool) {
        let half = self.half_read.entry(slot).or_insert(HalfRead { generation, since: self.now });
        if is_new || half.generation != generation {
            *half = HalfRead { generation, since: self.now };
        }
    }

    /// Handles one message. Break when nothing more of this connection is to be handled.
    fn on_message(&mut self, slot: u32, message: Message<'_>) -> ControlFlow<()> {
        let (now, rate) = (self.now, self.settings.messages_per_second);
        let Some(connection) = self.connections.get(slot) else { return ControlFlow::Break(()) };
        if connection.phase.is_over() {
            if matches!(message, Message::Close(_)) {
                self.remove(slot);
                return ControlFlow::Break(());
            }
            return ControlFlow::Continue(());
        }
        connection.last_frame_at = now;
        failpoint("shard.message");
        if connection.phase == Phase::Echo {
            return self.echo(slot, message);
        }
        if let Some(user) = connection.user {
            self.world.seen.store(user, now);
        }
        if !connection.budget.spend(now, rate) {
            self.close(
                slot,
                CloseCode::TOO_MANY_MESSAGES,
                r#"{"retry_ms":5000}"#,
                Departure::Lost { dead: false },
            );
            return ControlFlow::Break(());
        }
        match message {
            Message::Text(text) => self.on_text(slot, text),
            Message::Binary(_) => {
                self.close(slot, CloseCode::UNSUPPORTED, "", Departure::Lost { dead: false });
            }
            Message::Ping(payload) => self.answer_ping(slot, payload),
            Message::Pong(_) => {}
            Message::Close(received) => self.on_close(slot, received),
        }
        // While closing, the rest is read on only to find the peer's own close frame.
        if self.connections.get(slot).is_some() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn answer_ping(&mut self, slot: u32, payload: &[u8]) {
        let (end, now) = (self.position(slot), self.now);
        self.frame.clear();
        write_frame(&mut self.frame, Opcode::Pong, payload);
        let Some(connection) = self.connections.get(slot) else { return };
        if connection.send_pong(&self.frame, end, now).is_err() {
            self.lose(slot);
        }
    }

    /// The client closes: its code tells whether it means to leave or was only cut off (a reload, a closed tab).
    pub(super) fn on_close(&mut self, slot: u32, received: Option<(u16, &str)>) {
        let is_departure = CloseCode::is_departure(received.map(|(code, _)| code));
        let departure = if is_departure { Departure::Closed } else { Departure::Lost { dead: false } };
        self.end_session(slot, departure);
        self.frame.clear();
        write_close_reply(&mut self.frame, received);
        self.send_frame(slot);
        self.part(slot);
    }

    fn on_text(&mut self, slot: u32, text: &str) {
        let Some(connection) = self.connections.get(slot) else { return };
        match connection.phase {
            Phase::Open if text.as_bytes() == encode::PING => self.pong(slot),
            Phase::Open => self.on_words(slot, text),
            Phase::Opening { .. } => {
                let early = connection.early.get_or_insert_default();
                if early.messages.len() < Early::MESSAGES_MAX {
                    early.messages.push(text.to_owned());
                } else {
                    self.close(slot, CloseCode::TOO_MANY_MESSAGES, r#"{"retry_ms":1000}"#, Departure::Closed);
                }
            }
            Phase::AwaitingAuth => match serde_json::from_str(text) {
                Ok(ClientMessage::Auth { token }) => {
                    connection.phase = Phase::Opening { is_announced: false };
                    self.identify(slot, token);
                }
                _ => self.close(
                    slot,
                    CloseCode::UNAUTHORIZED,
                    "the first message must be auth",
                    Departure::Closed,
                ),
            },
            Phase::Echo | Phase::Closing | Phase::Parting => {}
        }
    }

    /// A message that is not the plain ping.
    fn on_words(&mut self, slot: u32, text: &str) {
        let Some(connection) = self.connections.get(slot) else { return };
        let is_v1 = connection.subscriptions.is_v1();
        match serde_json::from_str::<ClientMessage>(text) {
            Ok(ClientMessage::Ping) => self.pong(slot),
            // An original client says nothing but ping; whatever else it sends is ignored, as it always was.
            Ok(message) if is_v1 => self.on_v1(slot, message),
            Ok(_) => {}
            Err(error) => self.on_malformed(slot, &error),
        }
    }

    fn on_v1(&mut self, slot: u32, message: ClientMessage) {
        let connection = self.id_of(slot);
        let is_observer = self.connections.get(slot).is_some_and(|connection| connection.is_observer());
        match message {
            // These are about a person, and an observer is none.
            ClientMessage::Activity { .. } | ClientMessage::StatusSet(_) if is_observer => {}
            ClientMessage::Subscribe { scope: Scope::Friends, .. } if is_observer => {
                let message = "a service has no friends: subscribe everyone, window or users";
                self.error(slot, "bad_scope", message);
            }
            ClientMessage::Auth { token } => self.identify(slot, token),
            ClientMessage::Subscribe { scope, limit, ids, cursor } => {
                self.subscribe(slot, scope, limit, ids, cursor);
            }
            ClientMessage::Unsubscribe { scope } => self.unsubscribe(slot, scope),
            ClientMessage::Activity { idle } => {
                self.world.hub.send(hub::Message::Activity { connection, idle });
            }
            ClientMessage::StatusSet(status) => self.set_status(slot, status),
            ClientMessage::Bye => self.close(slot, CloseCode::NORMAL, "", Departure::Bye),
            ClientMessage::Ping | ClientMessage::Unknown => {}
        }
    }

    fn subscribe(
        &mut self,
        slot: u32,
        scope: Scope,
        limit: Option<u32>,
        ids: Option<Vec<UserId>>,
        cursor: Option<String>,
    ) {
        let limit = limit.unwrap_or(WINDOW_LIMIT_DEFAULT);
        let limit = u16::try_from(limit).ok().and_then(NonZeroU16::new);
        let Some(limit) = limit.filter(|limit| usize::from(limit.get()) <= WINDOW_LIMIT_MAX) else {
            return self.error(slot, "bad_limit", &format!("limit must be between 1 and {WINDOW_LIMIT_MAX}"));
        };
        let ids = ids.unwrap_or_default();
        if ids.len() > LOOKUP_IDS_MAX {
            return self.error(
                slot,
                "too_many_ids",
                &format!("ids may name {LOOKUP_IDS_MAX} people at most"),
            );
        }
        let cause = match scope {
            Scope::Everyone => Cause::Everyone,
            Scope::Window => Cause::Window(limit),
            Scope::Friends => Cause::Friends,
            Scope::Users => Cause::Users(self.next_set()),
        };
        let id = self.id_of(slot);
        let since = cursor.and_then(|cursor| self.world.seal.open(&cursor));
        let Some(connection) = self.connections.get(slot) else { return };
        let replaced = connection.drop_subscription(scope);
        connection.want(cause);
        self.world.hub.send(hub::Message::Subscribe { connection: id, cause, since, replaced, ids });
    }

    /// A number that no answer still on its way has.
    fn next_set(&mut self) -> NonZeroU16 {
        self.n_sets = self.n_sets.checked_add(1).unwrap_or(1);
        NonZeroU16::new(self.n_sets).unwrap_or(NonZeroU16::MIN)
    }

    fn unsubscribe(&mut self, slot: u32, scope: Scope) {
        let id = self.id_of(slot);
        let Some(connection) = self.connections.get(slot) else { return };
        let subscriptions = connection.drop_subscription(scope);
        self.world.hub.send(hub::Message::Unsubscribed { connection: id, subscriptions });
    }

    /// Hands a wish for a mode or custom status to who can keep it; errors come back as [`super::Command::Complain`].
    fn set_status(&mut self, slot: u32, status: SetStatus) {
        let connection = self.id_of(slot);
        let Some(user_id) = self.connections.get(slot).and_then(|connection| connection.permit.user()) else {
            return;
        };
        // The receiver lives as long as the process serves.
        let _ = self.world.status.send(super::StatusRequest { connection, user_id, status });
    }

    fn on_malformed(&mut self, slot: u32, error: &serde_json::Error) {
        let Some(connection) = self.connections.get(slot) else { return };
        connection.n_malformed += 1;
        if connection.n_malformed >= MALFORMED_MESSAGES_MAX {
            return self.close(
                slot,
                CloseCode::POLICY,
                "malformed messages",
                Departure::Lost { dead: false },
            );
        }
        if connection.subscriptions.is_v1() {
            self.error(slot, "bad_message", &error.to_string());
        }
    }

    pub(super) fn error(&mut self, slot: u32, code: &str, message: &str) {
        let error = ServerMessage::Error { code: code.to_owned(), message: message.to_owned() };
        self.send_json(slot, &error);
    }

    /// Writes an infrequent frame of v1.
    pub(super) fn send_json(&mut self, slot: u32, message: &ServerMessage) {
        self.frame.clear();
        write_frame_with(&mut self.frame, Opcode::Text, |out| {
            serde_json::to_writer(out, message).expect("writing into memory cannot fail");
        });
        self.send_frame(slot);
    }

    /// Answers a ping, at once or as soon as the client has read what it was sent before: one answer is owed at most.
    pub(super) fn pong(&mut self, slot: u32) {
        let (position, salt) = (self.position(slot), self.random());
        let Some(connection) = self.connections.get(slot) else { return };
        if let Some(outgoing) = &mut connection.outgoing {
            outgoing.owes_pong = true;
            return;
        }
        self.frame.clear();
        if connection.subscriptions.is_v1() {
            let cursor = self.world.seal.seal(position, salt);
            let cursor = std::str::from_utf8(&cursor).expect("hexadecimal digits are ASCII");
            write_frame_with(&mut self.frame, Opcode::Text, |out| encode::pong(out, cursor));
        } else {
            self.frame.extend_from_slice(ORIGINAL_PONG_FRAME);
        }
        self.send_frame(slot);
    }

    /// Handles the bytes that came behind the handshake.
    pub(super) fn feed_early_bytes(&mut self, slot: u32) {
        let early = self.connections.get(slot).and_then(|connection| connection.early.as_mut());
        if let Some(mut bytes) = early.map(|early| std::mem::take(&mut early.bytes)) {
            self.feed(slot, &mut bytes);
        }
    }

    /// Handles the messages that came before the ack.
    pub(super) fn replay_early_messages(&mut self, slot: u32) {
        let early = self.connections.get(slot).and_then(|connection| connection.early.take());
        for message in early.into_iter().flat_map(|early| early.messages) {
            self.on_text(slot, &message);
        }
    }
}
