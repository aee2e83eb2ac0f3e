//! `auth/blocks/`: people I want to be nobody to. Who blocks me is told nowhere.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::IntoResponse,
};
use hereabouts_protocol::{Block, Timestamp, UserId};
use serde::Deserialize;

use super::{PRIVATE, person};
use crate::{
    app::App,
    http::{ApiError, Body, PageQuery, PathId, Viewer, missing},
    store::{Blocked, User},
};

/// Whom to block.
#[derive(Debug, Deserialize)]
pub struct NewBlockBody {
    user_id: UserId,
}

/// Whom I block, by name.
pub async fn blocks(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let page = query?.understand()?;
    let rows = app.people.relations.blocks(viewer.user_id, page.slice()).await?;
    Ok((PRIVATE, Json(page.answer("/api/auth/blocks/", "", rows, row))))
}

/// Blocks somebody. Friendship and requests between us are over; they are told nothing.
pub async fn block(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Body(body): Body<NewBlockBody>,
) -> Result<impl IntoResponse, ApiError> {
    let NewBlockBody { user_id } = body;
    let me = app.people.enter(&viewer).await?;
    if user_id == me {
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "Nobody can block themselves."));
    }
    match app.people.relations.block(me, user_id, app.clock.wall()).await? {
        Blocked::Done | Blocked::Already => {
            app.people.changed([me, user_id]).await?;
            Ok((StatusCode::NO_CONTENT, PRIVATE))
        }
        Blocked::TooMany => Err(ApiError::new(StatusCode::CONFLICT, "You block too many people.")),
        Blocked::Unknown => Err(missing::<UserId>()),
    }
}

/// Ends a block, if there is one. What was over stays over.
pub async fn unblock(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(user_id): PathId<UserId>,
) -> Result<impl IntoResponse, ApiError> {
    if app.people.relations.unblock(viewer.user_id, user_id, app.clock.wall()).await? {
        app.people.changed([viewer.user_id, user_id]).await?;
    }
    Ok((StatusCode::NO_CONTENT, PRIVATE))
}

pub(in crate::http) fn row((user, created_at): (User, Timestamp)) -> Block {
    Block { user: person(user), created_at }
}
