//! `GET /api/activity/`: who came, left and changed. Mine is mine; that of others is what they opened, then and now.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::IntoResponse,
};
use hereabouts_protocol::{ActivityId, ActivityPage, ActivityRow, Precision, Timestamp, UserId};
use serde::Deserialize;

use super::{ApiError, Viewer, missing, paging::number, social::PRIVATE};
use crate::{
    app::App,
    limits::{PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX},
    store::{self, ActivityScope, SeenActivity},
};

/// The query, before it is understood.
#[derive(Debug, Deserialize)]
pub struct ActivityQuery {
    scope: Option<String>,
    user_id: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

/// The timeline, newest first: mine, that of my friends, or with `?user_id=` somebody's.
pub async fn activity(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    query: Result<Query<ActivityQuery>, QueryRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Query(query) = query?;
    let (scope, and_scope) = understand_scope(&query, viewer.user_id)?;
    let before: Option<ActivityId> = match query.before.as_deref() {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| ApiError::bad_request("before must be the id of a row, as next gives it."))?,
        ),
    };
    let limit = number("limit", query.limit.as_deref(), PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX)?;
    if let ActivityScope::Of(user_id) = scope
        && user_id != viewer.user_id
    {
        app.people.known(user_id).await?.ok_or_else(missing::<UserId>)?;
    }
    let query = store::ActivityQuery { viewer: viewer.user_id, scope, before, limit };
    let slice = app.people.activity.activity(&query).await?;
    let next = slice.next.map(|id| format!("/api/activity/?{and_scope}&before={id}&limit={limit}"));
    let results = slice.rows.into_iter().map(|row| shown(row, viewer.user_id)).collect();
    Ok((PRIVATE, Json(ActivityPage { results, next })))
}

fn understand_scope(query: &ActivityQuery, me: UserId) -> Result<(ActivityScope, String), ApiError> {
    match (query.scope.as_deref(), query.user_id.as_deref()) {
        (None | Some("me"), None) => Ok((ActivityScope::Of(me), "scope=me".into())),
        (Some("friends"), None) => Ok((ActivityScope::Friends, "scope=friends".into())),
        (None, Some(id)) => {
            let id = id.parse().map_err(|_| ApiError::bad_request("user_id must be the id of a person."))?;
            Ok((ActivityScope::Of(id), format!("user_id={id}")))
        }
        (Some("me" | "friends"), Some(_)) => Err(ApiError::bad_request("Either scope or user_id, not both.")),
        _ => Err(ApiError::bad_request("scope must be me or friends.")),
    }
}

/// A row as this viewer may see it: of others without sessions, and as exact as they want it.
pub(super) fn shown(seen: SeenActivity, viewer: UserId) -> ActivityRow {
    let is_mine = seen.entry.user_id == viewer;
    ActivityRow {
        id: seen.entry.id,
        user_id: seen.entry.user_id,
        username: seen.username,
        kind: seen.entry.kind,
        status: seen.entry.status,
        at: if is_mine { seen.entry.at } else { cut(seen.entry.at, seen.privacy.precision) },
        session_id: seen.entry.session_id.filter(|_| is_mine),
    }
}

fn cut(at: Timestamp, precision: Precision) -> Timestamp {
    at.floor_to(match precision {
        Precision::Exact => Duration::from_secs(1),
        Precision::Minute => Duration::from_secs(60),
        Precision::Bucket => Duration::from_secs(86_400),
    })
}
