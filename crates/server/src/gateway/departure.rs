//! How a connection ends: lost, closed with a code, or parted from after its last frame.

use std::time::Duration;

use hereabouts_engine::Departure;
use hereabouts_protocol::CloseCode;
use hereabouts_websocket::write_close;
use socket2::SockRef;

use super::connection::Phase;
use super::shard::Shard;
use crate::hub;
use crate::limits::CLOSE_TIMEOUT;

impl Shard {
    /// The socket is gone without a word.
    pub(super) fn lose(&mut self, slot: u32) {
        self.end_session(slot, Departure::Lost { dead: false });
        self.remove(slot);
    }

    /// Ends the session and writes a close frame; the socket stays until the peer answers, a second at most.
    pub(super) fn close(&mut self, slot: u32, code: CloseCode, reason: &str, departure: Departure) {
        self.end_session(slot, departure);
        let now = self.now;
        let Some(connection) = self.connections.get(slot) else { return };
        connection.phase = Phase::Closing;
        connection.due_at = now + CLOSE_TIMEOUT;
        self.count_close(code);
        self.frame.clear();
        write_close(&mut self.frame, code.0, reason);
        self.send_frame(slot);
        self.end_outgoing(slot);
    }

    /// Leaves as soon as everything is written: shuts our half, and waits for the peer to shut its own, a second at
    /// most. To close while something is unread would reset the connection, and a reset can destroy our last frame
    /// on its way.
    pub(super) fn part(&mut self, slot: u32) {
        let now = self.now;
        self.end_outgoing(slot);
        let Some(connection) = self.connections.get(slot) else { return };
        if connection.phase != Phase::Parting {
            connection.phase = Phase::Parting;
            connection.due_at = now + CLOSE_TIMEOUT;
        }
        if connection.outgoing.is_none() {
            // It fails only where the peer is gone already, which the next read finds out.
            let _ = connection.stream.shutdown(std::net::Shutdown::Write);
        }
    }

    /// After a close frame nothing may follow, not even what was missed.
    fn end_outgoing(&mut self, slot: u32) {
        if let Some(outgoing) = self.connections.get(slot).and_then(|connection| connection.outgoing.as_mut())
        {
            outgoing.end();
        }
    }

    fn count_close(&self, code: CloseCode) {
        let metrics = &self.world.metrics;
        match code {
            CloseCode::UNAUTHORIZED | CloseCode::FORBIDDEN | CloseCode::AUTH_TIMEOUT => {
                metrics.closed_credentials_total.inc();
            }
            CloseCode::SLOW_READER => metrics.closed_slow_total.inc(),
            CloseCode::NORMAL | CloseCode::RESTART => {}
            _ => metrics.closed_misbehaving_total.inc(),
        }
    }

    /// Tells the hub that the session of this connection is over, once.
    pub(super) fn end_session(&mut self, slot: u32, departure: Departure) {
        let id = self.id_of(slot);
        let Some(connection) = self.connections.get(slot) else { return };
        if let Phase::Open | Phase::Opening { is_announced: true } = connection.phase {
            connection.phase = Phase::Closing;
            let (last_frame_at, subscriptions) = (connection.last_frame_at, connection.subscriptions);
            self.world.hub.send(hub::Message::Ended {
                connection: id,
                departure,
                last_frame_at,
                subscriptions,
            });
        }
    }

    /// Removes a connection whose peer let the time for its close pass. If it has not even taken what it was sent, the
    /// connection is reset: the system would go on offering it.
    pub(super) fn abandon(&mut self, slot: u32) {
        if let Some(connection) = self.connections.get(slot).filter(|it| it.outgoing.is_some()) {
            // It fails only where the peer is gone already.
            let _ = SockRef::from(&connection.stream).set_linger(Some(Duration::ZERO));
        }
        self.remove(slot);
    }

    pub(super) fn remove(&mut self, slot: u32) {
        if self.connections.remove(slot).is_some() {
            self.world.metrics.connections_open.dec();
        }
    }

    pub(super) fn drain(&mut self) {
        self.is_draining = true;
        for slot in 0..self.connections.n_slots() {
            self.working_on = Some(slot);
            if self.connections.get(slot).is_some_and(|connection| !connection.phase.is_over()) {
                self.close_for_restart(slot);
            }
        }
    }

    /// Each is told another time to come back, well within the grace.
    pub(super) fn close_for_restart(&mut self, slot: u32) {
        let retry_ms = 200 + self.random() % 2800;
        let reason = format!(r#"{{"retry_ms":{retry_ms}}}"#);
        self.close(slot, CloseCode::RESTART, &reason, Departure::Lost { dead: false });
    }
}
