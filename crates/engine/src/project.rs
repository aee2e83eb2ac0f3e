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

#[cfg(test)]
mod tests {
    use super::*;

    const U: UserIndex = UserIndex(1);
    const V: Viewer = Viewer::User(UserIndex(2));
    const CAME: Timestamp = Timestamp::from_secs(600);
    const SEEN: Timestamp = Timestamp::from_secs(719);
    const SEEN_MINUTE: Timestamp = Timestamp::from_secs(660);

    fn inputs(raw: Status) -> UserInputs {
        UserInputs { user: U, raw, since: raw.is_online().then_some(CAME), last_seen: Some(SEEN) }
    }

    fn view(row: u8, status: Status, since: Option<Timestamp>, last_seen: Option<Timestamp>) -> View {
        View { row, status, since, last_seen }
    }

    #[test]
    fn row_0_shows_people_their_own_exact_times() {
        let me = Viewer::User(U);
        assert_eq!(project(inputs(Status::Online), me), view(0, Status::Online, Some(CAME), None));
        assert_eq!(project(inputs(Status::Away), me), view(0, Status::Away, Some(CAME), Some(SEEN)));
        assert_eq!(project(inputs(Status::Offline), me), view(0, Status::Offline, None, Some(SEEN)));
    }

    #[test]
    fn row_6_shows_who_is_not_here_and_when_they_were_to_the_minute() {
        for viewer in [V, Viewer::Everyone] {
            let seen = project(inputs(Status::Offline), viewer);
            assert_eq!(seen, view(6, Status::Offline, None, Some(SEEN_MINUTE)));
        }
    }

    #[test]
    fn row_6_shows_no_time_of_somebody_never_seen() {
        let never = UserInputs { last_seen: None, ..inputs(Status::Offline) };
        assert_eq!(project(never, V), view(6, Status::Offline, None, None));
    }

    #[test]
    fn row_6_hides_a_since_even_where_one_is_given() {
        let inconsistent = UserInputs { since: Some(CAME), ..inputs(Status::Offline) };
        assert_eq!(project(inconsistent, V).since, None);
    }

    #[test]
    fn row_9_shows_the_idle_with_the_minute_they_became_so() {
        for viewer in [V, Viewer::Everyone] {
            let seen = project(inputs(Status::Away), viewer);
            assert_eq!(seen, view(9, Status::Away, Some(CAME), Some(SEEN_MINUTE)));
        }
    }

    #[test]
    fn row_10_shows_the_present_without_a_last_seen() {
        for viewer in [V, Viewer::Everyone] {
            let seen = project(inputs(Status::Online), viewer);
            assert_eq!(seen, view(10, Status::Online, Some(CAME), None));
        }
    }
}
