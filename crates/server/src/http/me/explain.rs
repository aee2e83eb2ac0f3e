//! `me/explain/`: why am I shown as I am?

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
use hereabouts_engine::SelfView;
use hereabouts_protocol::{Audience, Mode, Presence, Status, Timestamp, UserId};
use serde::Serialize;

use super::viewed_as::reason;
use crate::{
    app::App,
    http::{ApiError, Viewer, missing, social::PRIVATE},
    hub::SelfReport,
};

/// Everything that decides.
#[derive(Serialize)]
struct Explanation {
    mode: Mode,
    mode_until: Option<Timestamp>,
    /// By the sessions alone.
    raw: Status,
    sessions_connected: u32,
    sessions_held: u32,
    sessions_active: u32,
    /// The row of the decision table that people get whom no rule names.
    row: u8,
    /// The same in words.
    because: String,
    as_others_see: Presence,
}

/// The answer.
pub async fn explain(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let me = app.people.enter(&viewer).await?;
    let SelfReport { own, as_others_see, .. } = app.people.report(me).await?.ok_or_else(missing::<UserId>)?;
    let row = row_of(&own);
    let explanation = Explanation {
        mode: own.mode,
        mode_until: own.mode_until,
        raw: own.raw,
        sessions_connected: own.n_live,
        sessions_held: own.n_held,
        sessions_active: own.n_active,
        row,
        because: because(&own, row),
        as_others_see,
    };
    Ok((PRIVATE, Json(explanation)))
}

/// The row for people whom no rule names.
fn row_of(own: &SelfView) -> u8 {
    if own.person.privacy.online.audience != Audience::Everyone {
        return 4;
    }
    match (own.raw, own.mode) {
        (Status::Offline, _) | (_, Mode::Invisible) => 6,
        (_, Mode::Dnd) => 7,
        (_, Mode::Away) => 8,
        (Status::Away, Mode::Auto) => 9,
        _ => 10,
    }
}

fn because(own: &SelfView, row: u8) -> String {
    let truth = match (own.raw, own.mode) {
        (Status::Offline, _) => "No device of yours is connected.",
        (_, Mode::Invisible) => "You chose to be invisible.",
        _ => reason(row),
    };
    let sessions = format!(
        "{} of your devices connected, {} of them in use; {} lost the connection a moment ago.",
        own.n_live,
        own.n_active.min(own.n_live),
        own.n_held
    );
    let until = own.mode_until.map(|until| format!(" The mode ends at {until}.")).unwrap_or_default();
    match row {
        4 => format!("{} {sessions}{until}", "Your privacy rules hide you from people they do not name."),
        _ => format!("{truth} {sessions}{until}"),
    }
}
