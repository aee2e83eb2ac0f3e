//! `users/{id}/status/` and `users/status/`: people one by one, as the one who asks may see them.
//!
//! Whoever is blocked, or kept out by a rule, gets the answer of somebody who is not here; only who is nobody is
//! missing. How much one person may look up is limited, whatever the address.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use hereabouts_protocol::{UserId, UserIds, Users};

use super::{ApiError, Body, PathId, Viewer, missing};
use crate::{app::App, limits::LOOKUP_IDS_MAX};

const HEADERS: [(header::HeaderName, &str); 2] =
    [(header::CACHE_CONTROL, "private, no-cache"), (header::VARY, "Authorization, Origin")];

/// One person.
pub async fn user_status(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(user_id): PathId<UserId>,
) -> Result<impl IntoResponse, ApiError> {
    look_up(&app, &viewer)?;
    let seen = app.people.see(viewer.user_id, vec![user_id]).await?;
    let presence = seen.into_iter().next().ok_or_else(missing::<UserId>)?;
    Ok((HEADERS, Json(presence)))
}

/// Several people, in the order asked for.
pub async fn user_statuses(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Body(body): Body<UserIds>,
) -> Result<impl IntoResponse, ApiError> {
    let UserIds { mut ids } = body;
    if ids.len() > LOOKUP_IDS_MAX {
        let detail = format!("At most {LOOKUP_IDS_MAX} ids can be looked up at once.");
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    look_up(&app, &viewer)?;
    let mut asked = std::collections::HashSet::new();
    ids.retain(|id| asked.insert(*id));
    let users = app.people.see(viewer.user_id, ids).await?;
    Ok((HEADERS, Json(Users { users })))
}

fn look_up(app: &App, viewer: &Viewer) -> Result<(), ApiError> {
    app.lookups.take(viewer.user_id, app.clock.now()).map_err(|retry_after_s| {
        ApiError::too_many_requests("Too many lookups. Subscribe to these people instead.", retry_after_s)
    })
}
