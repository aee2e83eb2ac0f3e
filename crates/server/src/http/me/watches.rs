//! `me/watches/`: tell me when somebody comes online. Whether they allow it does not show here.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use hereabouts_protocol::{NewWatch, UserId, Watch};
use serde::Serialize;

use crate::{
    app::App,
    http::{
        ApiError, Body, PathId, Viewer, missing,
        social::{PRIVATE, person},
    },
    store::{WatchEntry, WatchOf},
};

/// The list; there is one page, for their number is bounded.
#[derive(Serialize)]
struct Watches {
    results: Vec<Watch>,
}

/// For whom I wait, by name.
pub async fn watches(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let kept = app.people.watches.watches(viewer.user_id).await?;
    Ok((PRIVATE, Json(Watches { results: kept.into_iter().map(row).collect() })))
}

/// Waits for somebody: once, or each time.
pub async fn watch(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Body(body): Body<NewWatch>,
) -> Result<impl IntoResponse, ApiError> {
    let NewWatch { user_id, repeat } = body;
    let me = app.people.enter(&viewer).await?;
    if user_id == me {
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "Nobody waits for themselves."));
    }
    let user = app.people.known(user_id).await?.ok_or_else(missing::<UserId>)?;
    let at = app.clock.wall();
    if !app
        .people
        .watches
        .add_watch(&WatchEntry { watcher: me, user: user_id, is_repeat: repeat, at })
        .await?
    {
        return Err(ApiError::new(StatusCode::CONFLICT, "You wait for too many people."));
    }
    app.people.changed([me]).await?;
    let kept = WatchOf { user, is_repeat: repeat, created_at: at };
    Ok((StatusCode::CREATED, PRIVATE, Json(row(kept))))
}

/// Waits no more, if I did.
pub async fn unwatch(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(user_id): PathId<UserId>,
) -> Result<impl IntoResponse, ApiError> {
    if app.people.watches.remove_watch(viewer.user_id, user_id).await? {
        app.people.changed([viewer.user_id]).await?;
    }
    Ok((StatusCode::NO_CONTENT, PRIVATE))
}

pub(super) fn row(kept: WatchOf) -> Watch {
    Watch { user: person(kept.user), repeat: kept.is_repeat, created_at: kept.created_at }
}
