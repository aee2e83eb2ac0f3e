//! What the shell tells the engine.

use std::sync::Arc;

use hereabouts_protocol::{Timestamp, UserId};

use crate::{Person, Profile, SessionKey};

/// Something that happened to a session, after its credentials were accepted, or to what a person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A session begins. A key that is live already is ignored.
    SessionOpened {
        /// New, never used before.
        session: SessionKey,
        /// Whose it is. A later profile of the same user replaces the earlier one.
        profile: Arc<Profile>,
    },
    /// A session ended. Ignored when the session is not live: late news of an old session changes nothing.
    SessionEnded {
        /// Which.
        session: SessionKey,
        /// How, which decides whether the grace applies.
        departure: Departure,
        /// When its last frame came.
        last_frame_at: Timestamp,
    },
    /// A session reported whether its person does anything. It reports the level, not the change: saying it twice is
    /// harmless. Ignored when the session is not live.
    SessionActivity {
        /// Which.
        session: SessionKey,
        /// No input for the idle time.
        idle: bool,
    },
    /// What is at rest of a person: the answer to [`Effect::Load`](crate::Effect::Load). Until it comes, the person is
    /// shown as not here. Makes a record for somebody who has none, so that they can be looked at.
    PersonLoaded {
        /// How they are shown; only for a new record.
        profile: Arc<Profile>,
        /// What they decided.
        person: Arc<Person>,
        /// Counts the changes of `person`; an older one than the engine has is ignored.
        epoch: u64,
        /// Their public last-seen time at rest; only for somebody of whom none is known here.
        last_seen: Option<Timestamp>,
    },
    /// A person decided something, or a friend or a person who blocks them did, and it is at rest. Ignored for people
    /// without a record: who is loaded later is loaded with it. Changes of several people that belong together
    /// (a friendship ends) are several events without a flush in between.
    PersonChanged {
        /// Who.
        user_id: UserId,
        /// What holds from now on.
        person: Arc<Person>,
        /// Counts the changes of `person`; an older one than the engine has is ignored.
        epoch: u64,
    },
    /// How a person is shown from now on; where names are given by what is at rest. Ignored for people without a record.
    ProfileChanged {
        /// The whole of it.
        profile: Arc<Profile>,
    },
    /// What is at rest cannot be read now. The person's sessions are welcomed, so that they can work; to others the
    /// person stays not here, until [`Event::PersonLoaded`] comes after all.
    PersonUnreadable {
        /// Who.
        user_id: UserId,
    },
}

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// `bye`, sign-out, revocation, block: a person's or the app's own word. Without another live session it ends the
    /// presence at once, held sessions included, since a word beats our guess that somebody may come back.
    Bye,
    /// The client closed by its own code (1000, 1005, 3000–4999): this session is over, without grace.
    Closed,
    /// The connection went away: no close frame, 1001, or a close by the server. The session is held for the grace.
    Lost {
        /// No frame came for too long, so the grace counts from the last frame, not from now. By default it is over
        /// at once then (45 s without a frame, 15 s of grace).
        dead: bool,
    },
}
