//! `auth/friends/`: friends and whether they are here, in the original's form.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::IntoResponse,
};
use hereabouts_protocol::{Friend, FriendRow, UserId};

use super::{PRIVATE, person};
use crate::{
    app::App,
    http::{ApiError, PageQuery, PathId, Viewer},
};

/// My friends, by name, with what I may see of each.
pub async fn friends(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let page = query?.understand()?;
    let rows = app.people.relations.friends(viewer.user_id, page.slice()).await?;
    let ids: Vec<_> = rows.rows.iter().map(|user| user.profile.user_id).collect();
    let seen = app.people.see_by_id(viewer.user_id, ids).await?;
    let row = |user| {
        let person = person(user);
        // Of somebody of whom nothing is known now, nothing is said.
        let (is_online, last_seen) =
            seen.get(&person.id).map_or((false, None), |seen| (seen.is_online, seen.last_seen));
        let (id, username, profile_image_url) = (person.id, person.username, person.profile_image_url);
        FriendRow { friend: Friend { id, username, profile_image_url, is_online, last_seen } }
    };
    Ok((PRIVATE, Json(page.answer("/api/auth/friends/", "", rows, row))))
}

/// Ends a friendship, if there is one.
pub async fn unfriend(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(user_id): PathId<UserId>,
) -> Result<impl IntoResponse, ApiError> {
    if app.people.relations.unfriend(viewer.user_id, user_id).await? {
        app.people.changed([viewer.user_id, user_id]).await?;
    }
    Ok((StatusCode::NO_CONTENT, PRIVATE))
}
