//! `auth/friend-requests/`: asking somebody to be a friend, and answering.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use hereabouts_protocol::{FriendRequest, RequestId, UserId};
use serde::Deserialize;
use uuid::Uuid;

use super::{PRIVATE, person};
use crate::{
    app::App,
    http::{ApiError, Body, PageQuery, PathId, Viewer, missing},
    store::{Accepted, Direction, NewRequest, PendingRequest, Requested},
};

/// The query, before it is understood.
#[derive(Debug, Deserialize)]
pub struct RequestsQuery {
    direction: Option<String>,
    page: Option<String>,
    page_size: Option<String>,
}

/// Whom to ask.
#[derive(Debug, Deserialize)]
pub struct NewRequestBody {
    to_user_id: UserId,
}

/// Requests that wait, newest first: those to me, or with `?direction=outgoing` mine.
pub async fn requests(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    query: Result<Query<RequestsQuery>, QueryRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Query(query) = query?;
    let (direction, and_direction) = match query.direction.as_deref() {
        None | Some("incoming") => (Direction::Incoming, ""),
        Some("outgoing") => (Direction::Outgoing, "&direction=outgoing"),
        Some(_) => return Err(ApiError::bad_request("direction must be incoming or outgoing.")),
    };
    let page = PageQuery::new(query.page, query.page_size).understand()?;
    let rows = app.people.relations.requests(viewer.user_id, direction, page.slice()).await?;
    Ok((PRIVATE, Json(page.answer("/api/auth/friend-requests/", and_direction, rows, row))))
}

/// Asks somebody to be a friend. Whoever is blocked gets the answer that everybody gets.
pub async fn request(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Body(body): Body<NewRequestBody>,
) -> Result<Response, ApiError> {
    let NewRequestBody { to_user_id } = body;
    let me = app.people.enter(&viewer).await?;
    if to_user_id == me {
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "Nobody can be their own friend."));
    }
    let new = NewRequest { id: RequestId(Uuid::new_v4()), from: me, to: to_user_id, at: app.clock.wall() };
    match app.people.relations.request_friend(&new).await? {
        Requested::Pending { id, created_at } => {
            let status = if id == new.id { StatusCode::CREATED } else { StatusCode::OK };
            let from = app.people.known(me).await?.ok_or_else(missing::<UserId>)?;
            let to = app.people.known(to_user_id).await?.ok_or_else(missing::<UserId>)?;
            Ok((status, PRIVATE, Json(row(PendingRequest { id, from, to, created_at }))).into_response())
        }
        Requested::Befriended => {
            app.people.changed([me, to_user_id]).await?;
            Ok((StatusCode::NO_CONTENT, PRIVATE).into_response())
        }
        Requested::AlreadyFriends => Err(conflict("You are friends already.")),
        Requested::Blocking => Err(conflict("You block this person. Unblock them first.")),
        Requested::TooMany => Err(conflict("You have too many friends or open requests.")),
        Requested::Unknown => Err(missing::<UserId>()),
    }
}

/// Accepts a request that was made to me.
pub async fn accept(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(id): PathId<RequestId>,
) -> Result<impl IntoResponse, ApiError> {
    match app.people.relations.accept_request(id, viewer.user_id, app.clock.wall()).await? {
        Accepted::Befriended(friend) => {
            app.people.changed([viewer.user_id, friend]).await?;
            Ok((StatusCode::NO_CONTENT, PRIVATE))
        }
        Accepted::Gone => Err(missing::<RequestId>()),
        Accepted::TooMany => Err(conflict("One of you has too many friends.")),
    }
}

/// Ends a request unanswered: declines one that was made to me, or takes mine back. Nobody is told.
pub async fn decline(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(id): PathId<RequestId>,
) -> Result<impl IntoResponse, ApiError> {
    if app.people.relations.drop_request(id, viewer.user_id).await? {
        Ok((StatusCode::NO_CONTENT, PRIVATE))
    } else {
        Err(missing::<RequestId>())
    }
}

pub(in crate::http) fn row(request: PendingRequest) -> FriendRequest {
    FriendRequest {
        id: request.id,
        from_user: person(request.from),
        to_user: person(request.to),
        created_at: request.created_at,
    }
}

fn conflict(detail: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, detail)
}
