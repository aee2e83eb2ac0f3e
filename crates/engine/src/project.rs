//! The decision table: what one person sees of another. Nothing else turns a user into something to look at.
//!
//! Rows are numbered as in the design and tried in order, the first match wins. Modes, privacy, friends and blocks
//! will add inputs and rows 1–5, 7 and 8 between these; no row here will have to change for them.

use std::time::Duration;

use hereabouts_protocol::{Status, Timestamp};

use crate::UserIndex;

/// How coarse a last-seen time is to others, unless they chose otherwise.
pub const LAST_SEEN_PRECISION: Duration = Duration::from_mins(1);

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// All those for whom no exception holds: one encoding serves them all.
    Everyone,
    /// This one person.
    User(UserIndex),
}

/// What the table knows of the person looked at: published values only, so that no answer runs ahead of its tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserInputs {
    /// Who.
    pub user: UserIndex,
    /// Offline, online or away, by their sessions.
    pub raw: Status,
    /// Since when they are present.
    pub since: Option<Timestamp>,
    /// When they were last active (away) or last heard of (offline); unknown before that was ever public.
    pub last_seen: Option<Timestamp>,
}

/// What one viewer sees of one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The number of the row that decided.
    pub row: u8,
    /// The status shown.
    pub status: Status,
    /// Since when they are here; `None` while offline.
    pub since: Option<Timestamp>,
    /// When they were last here; `None` while online.
    pub last_seen: Option<Timestamp>,
}

/// What `viewer` sees of `user`.
pub fn project(user: UserInputs, viewer: Viewer) -> View {
    // Row 0: themselves. The truth, to the microsecond.
    if viewer == Viewer::User(user.user) {
        let last_seen = if user.raw == Status::Online { None } else { user.last_seen };
        return View { row: 0, status: user.raw, since: user.since, last_seen };
    }
    let last_seen = user.last_seen.map(round);
    match user.raw {
        // Row 6: not here.
        Status::Offline => View { row: 6, status: Status::Offline, since: None, last_seen },
        // Row 9: here, but idle.
        Status::Away => View { row: 9, status: Status::Away, since: user.since, last_seen },
        // Row 10: here.
        Status::Online | Status::Dnd => {
            View { row: 10, status: Status::Online, since: user.since, last_seen: None }
        }
    }
}

/// A last-seen time as others may know it.
pub(crate) fn round(last_seen: Timestamp) -> Timestamp {
    last_seen.floor_to(LAST_SEEN_PRECISION)
}
