//! What the engine asks the shell to do.

use hereabouts_protocol::Timestamp;

use crate::{SessionKey, UserIndex};

/// Something for the shell to do. Effects are in the order they shall be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The session counts and its user is in the published state: the ack may be sent. From `handle` where the user
    /// was published as present already, else from the `flush` that publishes them. Once per session; never for a
    /// session that ended before.
    Welcome {
        /// Whom to send it.
        session: SessionKey,
        /// Their user.
        user: UserIndex,
    },
    /// What the database shall hold of this user from now on: public values, as anybody could read them.
    Record {
        /// Who.
        user: UserIndex,
        /// Present in any way.
        is_online: bool,
        /// Of somebody offline: the public last-seen time, as coarse as the public sees it. Of somebody online: when
        /// they came.
        last_seen: Timestamp,
    },
}
