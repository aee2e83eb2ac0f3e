//! The decision table (rows 0 to 10): one test per row, and one per pair of neighbouring rows that says which wins.

mod rows;
mod steps;

use hereabouts_engine::project::{Relation, UserInputs, View, project, public_status};
use hereabouts_engine::rounding::Rounding;
use hereabouts_protocol::{Mode, OwnCustomStatus, Precision, Status, Timestamp, UserId};

/// When everything in these tests happens.
const NOW: Timestamp = Timestamp::from_secs(1_200_000_000);
const CAME: Timestamp = Timestamp::from_secs(1_200_000_000 - 600);
/// Not a whole minute.
const SEEN: Timestamp = Timestamp::from_secs(1_200_000_000 - 61);
const SEEN_MINUTE: Timestamp = Timestamp::from_secs(1_200_000_000 - 120);

/// Everything the table looks at. [`Case::new`] is somebody online and open, looked at by somebody whom no rule names;
/// a test changes what it is about.
#[expect(clippy::struct_excessive_bools, reason = "the table asks one question after the other")]
struct Case {
    raw: Status,
    mode: Mode,
    is_deactivated: bool,
    precision: Precision,
    has_custom: bool,
    shows_offline: bool,
    is_themselves: bool,
    is_unknown: bool,
    is_blocked: bool,
    sees_online: bool,
    is_open_in_turn: bool,
    sees_last_seen: bool,
}

impl Case {
    fn new() -> Self {
        Self {
            raw: Status::Online,
            mode: Mode::Auto,
            is_deactivated: false,
            precision: Precision::Minute,
            has_custom: true,
            shows_offline: false,
            is_themselves: false,
            is_unknown: false,
            is_blocked: false,
            sees_online: true,
            is_open_in_turn: true,
            sees_last_seen: true,
        }
    }

    fn view(&self) -> View {
        let custom = OwnCustomStatus {
            emoji: None,
            text: Some("at tea".into()),
            until: None,
            show_offline: self.shows_offline,
        };
        let status = public_status(self.raw, self.mode);
        let user = UserInputs {
            status,
            is_away_by_mode: status == Status::Away && self.mode == Mode::Away,
            is_deactivated: self.is_deactivated,
            since: status.is_online().then_some(CAME),
            last_seen: Some(SEEN),
            precision: self.precision,
            custom: self.has_custom.then_some(&custom),
            version: 7,
        };
        let relation = match (self.is_themselves, self.is_unknown) {
            (true, _) => Relation::Themselves,
            (_, true) => Relation::Unknown,
            _ => Relation::Other {
                is_blocked: self.is_blocked,
                sees_online: self.sees_online,
                is_open_in_turn: self.is_open_in_turn,
                sees_last_seen: self.sees_last_seen,
                hidden_version: 3,
            },
        };
        project(user, relation, Rounding::at(NOW, UserId::NIL, 42))
    }
}

/// Row, status, last seen and whether the custom status shows, in one line.
fn line(view: &View) -> String {
    let last_seen = match view.last_seen {
        None => "never".to_owned(),
        Some(SEEN) => "exactly".to_owned(),
        Some(SEEN_MINUTE) => "to the minute".to_owned(),
        Some(other) => other.to_string(),
    };
    let says = view.custom_status.as_ref().map_or("nothing", |custom| custom.text.as_deref().unwrap_or(""));
    let since = if view.since.is_some() { "since then" } else { "no since" };
    format!("{}: {}, {since}, seen {last_seen}, says {says}", view.row, view.status.as_str())
}

/// What one case shows.
fn of(change: impl FnOnce(&mut Case)) -> String {
    let mut case = Case::new();
    change(&mut case);
    line(&case.view())
}
