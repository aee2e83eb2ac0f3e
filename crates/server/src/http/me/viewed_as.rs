//! `me/as/{viewer_id}/`: what somebody gets of me, and why.
//!
//! It tells what is my doing. That somebody blocks *me*, or hides from me, is theirs: it decides nothing here, or the
//! answer would tell it.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
use hereabouts_protocol::{AsViewer, UserId};

use crate::{
    app::App,
    http::{ApiError, PathId, Viewer, missing, social::PRIVATE},
    hub::SeenBy,
};

/// What they get.
pub async fn viewed_as(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(viewer_id): PathId<UserId>,
) -> Result<impl IntoResponse, ApiError> {
    let me = app.people.enter(&viewer).await?;
    let SeenBy { row, presence } = app.people.seen_by(me, viewer_id).await?.ok_or_else(missing::<UserId>)?;
    let because = reason(row).to_owned();
    Ok((PRIVATE, Json(AsViewer { viewer_id, row, because, presence })))
}

/// A row of the decision table in words.
pub(super) const fn reason(row: u8) -> &'static str {
    match row {
        0 => "This is you: you see everything.",
        1 => "Presence is not told right now.",
        2 => "This account is not in use.",
        3 => "You block them.",
        4 => "Your privacy rules do not let them see whether you are here.",
        5 => "They do not let you see whether they are here, so you are hidden from them too.",
        6 => "You are not here, or chose to be invisible: nobody can tell which.",
        7 => "You chose not to be disturbed.",
        8 => "You chose to be away.",
        9 => "You are here, but have not done anything for a while.",
        _ => "You are here.",
    }
}
