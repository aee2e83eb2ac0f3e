//! The decision table: what one person sees of another. Nothing else turns a user into something to look at.
//!
//! Pure functions, in the order of the design's steps: what is true of a person ([`public_status`]), what stands between
//! two people ([`Relation`]), and the table itself ([`project`]). Rows are numbered as in the design and tried in order;
//! the first match wins. Its tests are in `tests/table/`, named after the rows.

use hereabouts_protocol::{CustomStatus, Mode, OwnCustomStatus, Precision, Status, Timestamp};

use crate::UserIndex;
use crate::rounding::{Rounding, round};

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Viewer {
    /// All those for whom no exception holds: one encoding serves them all.
    Everyone,
    /// This one person.
    User(UserIndex),
}

/// What a person is to the world: by their sessions (`raw`: online, away or offline) and their mode. Hiding and not
/// being there are one branch, so they cannot differ.
pub const fn public_status(raw: Status, mode: Mode) -> Status {
    match (raw, mode) {
        (Status::Offline, _) | (_, Mode::Invisible) => Status::Offline,
        (_, Mode::Dnd) => Status::Dnd,
        (_, Mode::Away) => Status::Away,
        (raw, Mode::Auto) => raw,
    }
}

/// What the table knows of the person looked at: published values only, so that no answer runs ahead of its tick.
#[derive(Clone, Copy, Debug)]
pub struct UserInputs<'a> {
    /// What they are to the world.
    pub status: Status,
    /// Whether the mode makes them away. Only the row's number depends on it.
    pub is_away_by_mode: bool,
    /// May not come in.
    pub is_deactivated: bool,
    /// Since when they are present.
    pub since: Option<Timestamp>,
    /// When they were last active (away) or last heard of (offline); unknown before that was ever public.
    pub last_seen: Option<Timestamp>,
    /// How coarse that is to others.
    pub precision: Precision,
    /// What they wrote about themselves, as published.
    pub custom: Option<&'a OwnCustomStatus>,
    /// Counts their public changes.
    pub version: u64,
}

/// What stands between a viewer and the person looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The viewer is the person.
    Themselves,
    /// Presence is off or not known now, or the viewer is nobody.
    Unknown,
    /// Somebody else.
    Other {
        /// One of the two blocks the other.
        is_blocked: bool,
        /// The person lets the viewer see that they are here.
        sees_online: bool,
        /// The viewer does not hide from the person, or that is nobody's business here.
        is_open_in_turn: bool,
        /// The person lets the viewer see when they were last here, and so does the viewer where that counts.
        sees_last_seen: bool,
        /// The version at which the person disappeared from the viewer, for as long as they are hidden.
        hidden_version: u64,
    },
}

impl Relation {
    /// Nothing stands between them.
    pub const OPEN: Self = Self::Other {
        is_blocked: false,
        sees_online: true,
        is_open_in_turn: true,
        sees_last_seen: true,
        hidden_version: 0,
    };

    /// Whether one of the rows 3 to 5 applies: the viewer sees nothing, whatever the person does.
    pub const fn is_hiding(self) -> bool {
        matches!(
            self,
            Self::Other { is_blocked: true, .. }
                | Self::Other { sees_online: false, .. }
                | Self::Other { is_open_in_turn: false, .. }
        )
    }

    /// Whether two relations let the same be seen.
    pub(crate) fn shows_same(self, other: Self) -> bool {
        let sees = |relation| match relation {
            Self::Other { sees_last_seen, .. } => {
                (relation.is_hiding(), sees_last_seen && !relation.is_hiding())
            }
            _ => (false, true),
        };
        sees(self) == sees(other)
    }
}

/// What one viewer sees of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The number of the row that decided. For explanations to the person themselves, and for tests.
    pub row: u8,
    /// The status shown.
    pub status: Status,
    /// Since when they are here; `None` while offline.
    pub since: Option<Timestamp>,
    /// When they were last here; `None` while online, or hidden.
    pub last_seen: Option<Timestamp>,
    /// What they wrote about themselves.
    pub custom_status: Option<CustomStatus>,
    /// What the viewer may know of how often they changed.
    pub version: u64,
}

impl View {
    /// Whether the other view is told apart by nobody.
    pub fn looks_like(&self, other: &Self) -> bool {
        (self.status, self.since, self.last_seen, &self.custom_status)
            == (other.status, other.since, other.last_seen, &other.custom_status)
    }

    fn nothing(row: u8, version: u64) -> Self {
        Self { row, status: Status::Offline, since: None, last_seen: None, custom_status: None, version }
    }
}

/// What somebody in this relation sees of `user`. `rounding` is how times are made coarse at this moment.
pub fn project(user: UserInputs<'_>, relation: Relation, rounding: Rounding) -> View {
    let row = row(user, relation);
    let (sees_last_seen, hidden_version) = match relation {
        Relation::Other { sees_last_seen, hidden_version, .. } => (sees_last_seen, hidden_version),
        Relation::Themselves | Relation::Unknown => (true, 0),
    };
    let is_present = user.status.is_online();
    let last_seen = match row {
        0 if user.status != Status::Online => user.last_seen,
        6 | 8 | 9 if sees_last_seen => user.last_seen.and_then(|at| round(at, user.precision, rounding)),
        _ => None,
    };
    let custom = match row {
        1..=5 => return View::nothing(row, hidden_version),
        6 => user.custom.filter(|custom| custom.show_offline),
        _ => user.custom,
    };
    View {
        row,
        status: user.status,
        since: user.since.filter(|_| is_present),
        last_seen,
        custom_status: custom.map(OwnCustomStatus::public),
        version: user.version,
    }
}

/// The number of the first row that matches.
fn row(user: UserInputs<'_>, relation: Relation) -> u8 {
    match relation {
        Relation::Themselves => return 0,
        Relation::Unknown => return 1,
        Relation::Other { .. } if user.is_deactivated => return 2,
        Relation::Other { is_blocked: true, .. } => return 3,
        Relation::Other { sees_online: false, .. } => return 4,
        Relation::Other { is_open_in_turn: false, .. } => return 5,
        Relation::Other { .. } => {}
    }
    match user.status {
        Status::Offline => 6,
        Status::Dnd => 7,
        Status::Away if user.is_away_by_mode => 8,
        Status::Away => 9,
        Status::Online => 10,
    }
}
