//! `GET /api/users/recent/`: who was here lately and is not now.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::IntoResponse,
};
use hereabouts_protocol::{OnlineUser, Presence};
use serde::Deserialize;
use tokio::time;

use super::{ApiError, Viewer};
use crate::{
    app::App,
    limits::{FLUSH_TIMEOUT, RECENT_DAYS_MAX, RECENT_ROWS_DEFAULT, RECENT_ROWS_MAX, RECENT_ROWS_SPARE},
    store::User,
};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

/// What may be asked.
#[derive(Deserialize)]
pub struct RecentQuery {
    days: Option<u32>,
    limit: Option<u32>,
}

/// The same rows as the online list, with `is_online: false` and times cut to the minute, newest first.
pub async fn recent_users(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    query: Result<Query<RecentQuery>, QueryRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Query(query) = query?;
    let days = query.days.unwrap_or(7).clamp(1, RECENT_DAYS_MAX);
    let limit = query.limit.unwrap_or(RECENT_ROWS_DEFAULT).min(RECENT_ROWS_MAX);
    // Somebody who left this moment is in the answer: what waits to be written is written first.
    match time::timeout(FLUSH_TIMEOUT, app.writer.flush_now()).await {
        Ok(flushed) => flushed?,
        Err(_) => return Err(ApiError::unavailable("The database is slow right now. Try again.", 2)),
    }
    let since = app.clock.wall() - DAY * days;
    // The database has what people see whom no rule names; each viewer gets what they may see. So some rows go, and
    // more are read than are shown.
    let users = app.store.recent(since, limit + RECENT_ROWS_SPARE, viewer.user_id).await?;
    let ids = users.iter().map(|user| user.profile.user_id).collect();
    let seen = app.people.see_by_id(viewer.user_id, ids).await?;
    let mut rows: Vec<_> = users
        .into_iter()
        .filter_map(|user| recent_row(seen.get(&user.profile.user_id)?, user))
        .filter(|row| row.last_seen.is_some_and(|at| at >= since.floor_to(MINUTE)))
        .collect();
    rows.sort_by_key(|row| (Reverse(row.last_seen), row.id));
    rows.truncate(limit as usize);
    let headers = [(header::CACHE_CONTROL, "private, no-cache"), (header::VARY, "Authorization")];
    Ok((headers, Json(rows)))
}

/// Of somebody who is not here, and lets the viewer know when they were.
fn recent_row(seen: &Presence, user: User) -> Option<OnlineUser> {
    let last_seen = Some(seen.last_seen.filter(|_| !seen.is_online)?.floor_to(MINUTE));
    Some(OnlineUser {
        id: user.profile.user_id,
        username: user.profile.username.into(),
        profile_image_url: user.profile.profile_image_url.map(Into::into),
        is_online: false,
        last_seen,
        last_activity: last_seen,
        slug: user.profile.slug.into(),
    })
}
