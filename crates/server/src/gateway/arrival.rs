//! How a socket becomes somebody: adopted from HTTP, identified, announced to the hub, and welcomed.

use std::sync::Arc;

use hereabouts_engine::{Departure, Profile, UserIndex};
use hereabouts_protocol::{CloseCode, ServerMessage, SessionId, Timestamp, UserId, encode};
use hereabouts_websocket::{Decoder, Opcode, write_frame, write_frame_with};
use uuid::Uuid;

use super::connection::{
    Connection, ConnectionId, Early, Expiry, MessageBudget, Phase, Subscriptions, low_ms,
};
use super::cuts::SignInTag;
use super::shard::Shard;
use super::{Admission, AuthRequest, Bearer, Newcomer};
use crate::failpoint::failpoint;
use crate::hub;

/// What this server has beyond the basics of the subprotocol: scopes of `subscribe`.
const FEATURES: [&str; 2] = ["friends", "users"];

impl Shard {
    pub(super) fn adopt(&mut self, newcomer: Newcomer) {
        let subscriptions = if newcomer.is_v1 { Subscriptions::NONE } else { Subscriptions::Original };
        let generation = self.connections.next_generation();
        let early = (!newcomer.leftover.is_empty())
            .then(|| Box::new(Early { bytes: newcomer.leftover.to_vec(), messages: Vec::new() }));
        let slot = self.connections.insert(Connection {
            stream: mio::net::TcpStream::from_std(newcomer.stream),
            generation,
            phase: Phase::Opening { is_announced: false },
            subscriptions,
            wanted: subscriptions,
            user: None,
            sign_in: SignInTag::NONE,
            permit: newcomer.permit,
            is_warned: false,
            expires_at: Expiry::NEVER,
            last_frame_at: self.now,
            due_at: self.now + self.settings.auth_timeout,
            decoder: Decoder::new(),
            outgoing: None,
            early,
            budget: MessageBudget::new(self.now),
            n_malformed: 0,
            asked_at_ms: low_ms(self.now),
        });
        self.working_on = Some(slot);
        self.world.metrics.connections_total.inc();
        self.world.metrics.connections_open.inc();
        // A hub that falls behind lets this thread wait once its inbox is full, and the next newcomers with it.
        drop(newcomer.waiting);
        if self.is_draining {
            self.register(slot);
            return self.close_for_restart(slot);
        }
        failpoint("shard.adopt");
        match newcomer.admission {
            Admission::Identified { profile, expires_at, sign_in } => {
                let id = self.id_of(slot);
                self.note_sign_in(id, sign_in);
                self.announce(slot, profile, expires_at);
            }
            Admission::Observer => self.observe(slot),
            Admission::AwaitingAuth => self.listen_in(slot, Phase::AwaitingAuth),
            Admission::Echo => self.listen_in(slot, Phase::Echo),
            Admission::Refused(code) => {
                self.register(slot);
                self.close(slot, code, "", Departure::Closed);
            }
        }
    }

    /// Reads from a connection before anybody is known to be on it.
    fn listen_in(&mut self, slot: u32, phase: Phase) {
        if let Some(connection) = self.connections.get(slot) {
            connection.phase = phase;
        }
        self.register(slot);
        self.feed_early_bytes(slot);
    }

    /// Tells the hub of a person on a connection; the ack follows when the hub has published them.
    fn announce(&mut self, slot: u32, profile: Arc<Profile>, expires_at: Timestamp) {
        let id = self.id_of(slot);
        let Some(connection) = self.connections.get(slot) else { return };
        if connection.permit.bind(profile.user_id).is_err() {
            return self.close(slot, CloseCode::TOO_MANY_MESSAGES, r#"{"retry_ms":5000}"#, Departure::Closed);
        }
        connection.expires_at = expires_at.into();
        connection.phase = Phase::Opening { is_announced: true };
        let subscriptions = connection.subscriptions;
        self.world.hub.send(hub::Message::Opened { connection: id, profile, subscriptions });
    }

    /// Tells the hub of a service that looks on: not of a person, so nobody appears.
    fn observe(&mut self, slot: u32) {
        let id = self.id_of(slot);
        let Some(connection) = self.connections.get(slot) else { return };
        connection.permit.unbind();
        connection.phase = Phase::Opening { is_announced: true };
        let subscriptions = connection.subscriptions;
        self.world.hub.send(hub::Message::Observing { connection: id, subscriptions });
    }

    pub(super) fn on_identified(&mut self, id: ConnectionId, outcome: Result<Bearer, CloseCode>) {
        failpoint("shard.identified");
        let slot = id.slot();
        let Some(connection) = self.connections.get_exact(slot, id.generation()) else { return };
        match (connection.phase, outcome) {
            (Phase::Opening { is_announced: false }, Ok(Bearer::Person { profile, expires_at })) => {
                self.announce(slot, profile, expires_at);
            }
            (Phase::Opening { is_announced: false }, Ok(Bearer::Service)) => self.observe(slot),
            (Phase::Open, Ok(Bearer::Service)) if connection.is_observer() => {}
            (Phase::Open | Phase::Opening { .. }, Ok(Bearer::Person { profile, expires_at }))
                if connection.permit.user() == Some(profile.user_id) =>
            {
                connection.expires_at = expires_at.into();
                connection.is_warned = false;
            }
            (Phase::Closing | Phase::Parting, _) => {}
            (_, Ok(_)) => self.close(slot, CloseCode::UNAUTHORIZED, "", Departure::Closed),
            (_, Err(CloseCode::OVERLOAD)) => {
                let retry_ms = 1000 + self.random() % 4000;
                let reason = format!(r#"{{"retry_ms":{retry_ms}}}"#);
                self.close(slot, CloseCode::OVERLOAD, &reason, Departure::Lost { dead: false });
            }
            (_, Err(code)) => self.close(slot, code, "", Departure::Closed),
        }
    }

    /// Sends credentials that came in a message to be judged.
    pub(super) fn identify(&mut self, slot: u32, token: String) {
        let connection = self.id_of(slot);
        // The receiver lives as long as the process serves; without it the auth timeout closes the connection.
        let _ = self.world.auth.send(AuthRequest { connection, token });
    }

    pub(super) fn welcome(&mut self, id: ConnectionId, user: Option<UserIndex>) {
        failpoint("shard.welcome");
        let slot = id.slot();
        let first_ping_in =
            self.settings.ping_interval.mul_f64(f64::from(self.random()) / f64::from(u32::MAX));
        let Some(connection) = self.connections.get_exact(slot, id.generation()) else { return };
        if connection.phase != (Phase::Opening { is_announced: true }) {
            // Closed while the hub was at it.
            return;
        }
        // An observer is nobody.
        let user_id = connection.permit.user().unwrap_or(UserId(Uuid::nil()));
        connection.phase = Phase::Open;
        connection.due_at = self.now + first_ping_in;
        connection.user = user;
        if let Some(user) = user {
            self.world.seen.store(user, self.now);
        }
        let is_v1 = connection.subscriptions.is_v1();
        self.frame.clear();
        if is_v1 {
            let ack = self.v1_ack(user_id, self.session_id(id));
            write_frame(&mut self.frame, Opcode::Text, &ack);
        } else {
            write_frame_with(&mut self.frame, Opcode::Text, |out| encode::original_ack(out, user_id));
        }
        self.send_frame(slot);
        self.register(slot);
        self.feed_early_bytes(slot);
        self.replay_early_messages(slot);
    }

    fn v1_ack(&self, user_id: UserId, session_id: SessionId) -> Vec<u8> {
        let ack = ServerMessage::ConnectionAck {
            user_id,
            session_id,
            ping_interval_ms: self.settings.client_ping_interval.as_millis() as u64,
            grace_ms: self.settings.grace.as_millis() as u64,
            server_now: self.now,
            features: FEATURES.map(str::to_owned).to_vec(),
        };
        serde_json::to_vec(&ack).expect("a frame of strings and numbers is always JSON")
    }
}
