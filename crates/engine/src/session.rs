//! Live and held sessions.
//!
//! A *live* session has a connection. A *held* one lost it lately and still counts, so that a reload shows nothing.
//! A user's new session takes the place of their oldest held one, and with it its idle value until it reports its
//! own, or until the hold would have been over: an idle person whose network blinks stays away.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hereabouts_protocol::Timestamp;

use crate::UserIndex;

/// A session, as the shell calls it. Chosen by the shell; unique for the life of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub u64);

/// A session with a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Live {
    pub(crate) user: UserIndex,
    pub(crate) idle: bool,
    /// `idle` comes from the held session this one took the place of: nobody has said it of this one.
    inherited: bool,
}

/// A session without one, within its grace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) idle: bool,
    until: Timestamp,
}

/// What ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deadline {
    /// The grace of a held session.
    Grace { user: UserIndex, session: SessionKey },
    /// The trust in an inherited idle value. Stays in the set when the session reports or ends before, for at most
    /// the grace, and then means nothing.
    Inheritance { session: SessionKey },
}

/// All sessions. The maps are bounded by the number of connections the shell admits, and of those it lost within the
/// grace.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    live: HashMap<SessionKey, Live>,
    held: BTreeMap<(UserIndex, Timestamp, SessionKey), bool>,
    deadlines: BTreeSet<(Timestamp, Deadline)>,
}

impl Sessions {
    pub(crate) fn n_live(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn n_held(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn live(&self, session: SessionKey) -> Option<Live> {
        self.live.get(&session).copied()
    }

    /// Opens a session, which inherits from the hold whose place it takes.
    pub(crate) fn open(&mut self, session: SessionKey, user: UserIndex, predecessor: Option<Held>) -> Live {
        let inherited = predecessor.filter(|held| held.idle);
        let live = Live { user, idle: inherited.is_some(), inherited: inherited.is_some() };
        self.live.insert(session, live);
        if let Some(held) = inherited {
            self.deadlines.insert((held.until, Deadline::Inheritance { session }));
        }
        live
    }

    /// Sets what a live session reports and returns its state from before.
    pub(crate) fn set_idle(&mut self, session: SessionKey, idle: bool) -> Option<Live> {
        let live = self.live.get_mut(&session)?;
        let before = *live;
        live.idle = idle;
        live.inherited = false;
        Some(before)
    }

    /// Ends a live session.
    pub(crate) fn close(&mut self, session: SessionKey) -> Option<Live> {
        self.live.remove(&session)
    }

    /// Holds a session that was just closed.
    pub(crate) fn hold(&mut self, session: SessionKey, live: Live, until: Timestamp) {
        self.held.insert((live.user, until, session), live.idle);
        self.deadlines.insert((until, Deadline::Grace { user: live.user, session }));
    }

    /// Ends the hold of `user` that would be over first.
    pub(crate) fn take_oldest_held(&mut self, user: UserIndex) -> Option<Held> {
        let first = (user, Timestamp::default(), SessionKey(0));
        let (&(owner, until, session), &idle) = self.held.range(first..).next()?;
        if owner != user {
            return None;
        }
        self.held.remove(&(user, until, session));
        self.deadlines.remove(&(until, Deadline::Grace { user, session }));
        Some(Held { idle, until })
    }

    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|&(at, _)| at)
    }

    /// Takes the first deadline that is due.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Due> {
        while self.next_deadline().is_some_and(|at| at <= now) {
            match self.deadlines.pop_first() {
                Some((until, Deadline::Grace { user, session })) => {
                    let idle = self.held.remove(&(user, until, session));
                    return idle.map(|idle| Due::GraceOver { user, idle });
                }
                Some((_, Deadline::Inheritance { session })) => {
                    if self.live(session).is_some_and(|live| live.inherited) {
                        return Some(Due::InheritanceOver { session });
                    }
                }
                None => break,
            }
        }
        None
    }
}

/// A deadline that has come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    /// A held session is gone.
    GraceOver { user: UserIndex, idle: bool },
    /// A session that has not reported counts as active again, as every session does that never reports.
    InheritanceOver { session: SessionKey },
}
