//! The sweep: one walk over all connections instead of a timer for each.

use std::time::Duration;

use hereabouts_engine::Departure;
use hereabouts_protocol::{CloseCode, ServerMessage, Timestamp};
use hereabouts_websocket::{Opcode, write_frame};

use super::connection::{Connection, Phase};
use super::shard::{EXPIRY_LEEWAY, Shard};
use crate::failpoint::failpoint;
use crate::limits::MESSAGE_TIMEOUT;

/// Longest time between two sweeps: what is due is noticed this much late at most.
const PERIOD_MAX: Duration = Duration::from_millis(500);
/// How long before their end a v1 client is told to fetch new credentials.
const EXPIRY_WARNING: Duration = Duration::from_secs(60);

/// A sweep that comes later than this says that this thread did not run: what peers sent meanwhile may still wait to be
/// read, so nobody is judged by their silence before the next sweep.
const STALL: Duration = Duration::from_secs(1);
/// How long a peer has to answer a ping, at least: longer than any network of today takes.
const ANSWER_MIN: Duration = Duration::from_secs(5);

/// What is due on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    /// The peer did not answer the close frame.
    Remove,
    /// No credentials came.
    AuthTimeout,
    /// The credentials are over.
    Expired,
    /// The credentials will be over.
    ExpiryWarning,
    /// Nothing was heard for too long.
    Dead,
    /// Nothing could be written for too long.
    SlowReader,
    /// Time for a ping.
    Ping,
}

impl Due {
    /// Whether it is because nothing was heard, or nothing was taken.
    fn is_of_silence(self) -> bool {
        matches!(self, Self::Remove | Self::AuthTimeout | Self::Dead | Self::SlowReader)
    }
}

impl Shard {
    /// Walks over all connections if it is time to.
    pub(super) fn sweep(&mut self) {
        if self.now < self.sweep_due_at {
            return;
        }
        let period = PERIOD_MAX.min(self.settings.dead_after / 10).max(Duration::from_millis(10));
        let late_by = self.now.saturating_since(self.sweep_due_at);
        self.sweep_due_at = self.now + period;
        let wall = self.world.clock.wall();
        let judges_silence = late_by < STALL;
        let mut is_somebody_behind = false;
        for slot in 0..self.connections.n_slots() {
            self.working_on = Some(slot);
            let (now, dead_after) = (self.now, self.settings.dead_after);
            let Some(connection) = self.connections.get(slot) else { continue };
            failpoint("shard.sweep");
            is_somebody_behind |= connection.outgoing.is_some();
            match due(connection, now, wall, dead_after) {
                Due::Nothing => {}
                due if due.is_of_silence() && !judges_silence => {}
                due => self.act_on(slot, due),
            }
        }
        if !is_somebody_behind && self.broadcast.is_none() {
            self.log.forget_all();
        }
        if judges_silence {
            self.close_endless_messages();
        }
    }

    /// A message that does not end in time is an attack or a broken client.
    fn close_endless_messages(&mut self) {
        let now = self.now;
        let is_endless = |since: Timestamp| now.saturating_since(since) >= MESSAGE_TIMEOUT;
        let endless: Vec<_> = self.half_read.extract_if(.., |_, half| is_endless(half.since)).collect();
        for (slot, half) in endless {
            let connection = self.connections.get_exact(slot, half.generation);
            if connection.is_some_and(|connection| !connection.phase.is_over()) {
                let reason = "the message did not end in time";
                self.close(slot, CloseCode::POLICY, reason, Departure::Lost { dead: false });
            }
        }
    }

    fn act_on(&mut self, slot: u32, due: Due) {
        match due {
            Due::Nothing => {}
            Due::Remove => self.abandon(slot),
            Due::AuthTimeout => self.close(slot, CloseCode::AUTH_TIMEOUT, "", Departure::Closed),
            Due::Expired => self.close(slot, CloseCode::UNAUTHORIZED, "", Departure::Lost { dead: false }),
            Due::ExpiryWarning => self.warn_of_expiry(slot),
            Due::Dead => {
                self.world.metrics.closed_dead_total.inc();
                self.end_session(slot, Departure::Lost { dead: true });
                self.remove(slot);
            }
            Due::SlowReader => self.close(slot, CloseCode::SLOW_READER, "", Departure::Lost { dead: false }),
            Due::Ping => self.ping(slot),
        }
    }

    fn ping(&mut self, slot: u32) {
        let ping_due_at = self.next_ping_at();
        let Some(connection) = self.connections.get(slot) else { return };
        connection.due_at = ping_due_at;
        self.frame.clear();
        write_frame(&mut self.frame, Opcode::Ping, b"");
        let now = self.now;
        connection.ask(now);
        self.send_frame(slot);
    }

    fn warn_of_expiry(&mut self, slot: u32) {
        let wall = self.world.clock.wall();
        let Some(connection) = self.connections.get(slot) else { return };
        connection.is_warned = true;
        let expires_in_ms = connection.expires_at.at().saturating_since(wall).as_millis() as u64;
        self.send_json(slot, &ServerMessage::AuthExpiring { expires_in_ms });
    }
}

/// `wall` is for the credentials, whose end others have named; everything else is a matter of durations.
fn due(connection: &Connection, now: Timestamp, wall: Timestamp, dead_after: Duration) -> Due {
    match connection.phase {
        Phase::Closing | Phase::Parting if now >= connection.due_at => return Due::Remove,
        Phase::AwaitingAuth if now >= connection.due_at => return Due::AuthTimeout,
        Phase::Closing | Phase::Parting | Phase::AwaitingAuth | Phase::Opening { .. } => return Due::Nothing,
        Phase::Open | Phase::Echo => {}
    }
    if wall >= connection.expires_at.at() + EXPIRY_LEEWAY {
        return Due::Expired;
    }
    let is_behind = match &connection.outgoing {
        // A reader that takes something, however slowly, lives by that.
        Some(outgoing) if now.saturating_since(outgoing.progress_at) < dead_after => true,
        Some(_) => return Due::SlowReader,
        None => false,
    };
    if !is_behind && now.saturating_since(connection.last_frame_at) >= dead_after {
        // Silence says something only about who was asked, and had the time to answer.
        return match connection.asked_for(now) {
            Some(asked) if asked >= ANSWER_MIN.min(dead_after / 4) => Due::Dead,
            Some(_) => Due::Nothing,
            None => Due::Ping,
        };
    }
    let is_expiring = wall + EXPIRY_WARNING >= connection.expires_at.at();
    if is_expiring && !connection.is_warned && connection.subscriptions.is_v1() {
        return Due::ExpiryWarning;
    }
    if !is_behind && now >= connection.due_at {
        return Due::Ping;
    }
    Due::Nothing
}
