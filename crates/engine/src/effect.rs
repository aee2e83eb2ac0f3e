//! What the engine asks the shell to do.

use hereabouts_protocol::{Reason, Status, Timestamp, UserId};

use crate::{SessionKey, UserIndex};

/// Something for the shell to do. Effects are in the order they shall be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The session counts and its user is in the published state, if they are to be in it: the ack may be sent. From
    /// `handle` where nothing of the user waits to be published, else from the `flush` that publishes them. Once per
    /// session; never for a session that ended before.
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
        /// Present in any way, as people see it whom none of the user's rules names.
        is_online: bool,
        /// Of somebody offline: the public last-seen time, as coarse as the public sees it. Of somebody online: when
        /// they came.
        last_seen: Timestamp,
    },
    /// What this person decided is not known: read what is at rest and answer with
    /// [`Event::PersonLoaded`](crate::Event::PersonLoaded), or
    /// [`Event::PersonUnreadable`](crate::Event::PersonUnreadable) and try again.
    Load {
        /// Who.
        user_id: UserId,
    },
    /// The public status changed: a row of the activity log. Whoever reads it later must be let by the rules of then
    /// and of now.
    Activity {
        /// Who.
        user: UserIndex,
        /// Before.
        from: Status,
        /// Now.
        to: Status,
        /// Why.
        reason: Reason,
        /// When it was published.
        at: Timestamp,
        /// The version it made: with the user, names this change.
        version: u64,
    },
    /// Somebody came whom this watcher waits for: tell them, and if they asked for it once, forget the watch.
    WatchFired {
        /// Whom to tell.
        watcher: UserIndex,
        /// Who came.
        target: UserIndex,
        /// The watch goes on.
        repeats: bool,
    },
    /// The record of somebody long absent is gone, and what was known of them must be loaded again.
    Forgotten {
        /// Who.
        user_id: UserId,
    },
}
