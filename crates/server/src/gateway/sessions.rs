//! The connections of one person, as they may see them themselves, and ending one.

use hereabouts_engine::Departure;
use hereabouts_protocol::{CloseCode, SessionId, Timestamp, UserId};
use tokio::sync::mpsc;

use super::connection::ConnectionId;
use super::shard::Shard;
use super::{Command, Gateway, SignInTag};

/// One connection of somebody.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// As its ack named it.
    pub id: SessionId,
    /// Which sign-in it stands on.
    pub sign_in: SignInTag,
    /// When its last frame came.
    pub last_frame_at: Timestamp,
    connection: ConnectionId,
}

/// Where shards put the sessions of somebody; closed when all have.
pub(crate) type SessionsReply = mpsc::UnboundedSender<Session>;

impl Gateway {
    /// The connections of somebody, in no particular order: one walk of each shard, like that of the cuts.
    pub async fn sessions(&self, user_id: UserId) -> Vec<Session> {
        let (reply, mut found) = mpsc::unbounded_channel();
        for shard in self.shards.iter() {
            shard.send(Command::ListSessions(user_id, reply.clone()));
        }
        drop(reply);
        let mut sessions = Vec::new();
        while let Some(session) = found.recv().await {
            sessions.push(session);
        }
        sessions
    }

    /// Closes one, by its person's own word: without grace.
    pub fn end_session(&self, session: &Session) {
        self.shards[session.connection.shard()].send(Command::EndSession(session.connection));
    }
}

impl Shard {
    /// This connection as its person may see it.
    pub(super) fn session_of(&mut self, slot: u32) -> Option<Session> {
        let connection = self.id_of(slot);
        let id = self.session_id(connection);
        let state = self.connections.get(slot)?;
        Some(Session { id, sign_in: state.sign_in, last_frame_at: state.last_frame_at, connection })
    }

    pub(super) fn session_id(&self, connection: ConnectionId) -> SessionId {
        self.world.seal.session_id(connection)
    }

    pub(super) fn end_by_word(&mut self, connection: ConnectionId) {
        if self.connections.get_exact(connection.slot(), connection.generation()).is_some() {
            self.close(connection.slot(), CloseCode::UNAUTHORIZED, "", Departure::Closed);
        }
    }
}
