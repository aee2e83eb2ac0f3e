//! `me/export/`: everything that is kept of me, in one document.

use std::sync::Arc;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use hereabouts_protocol::{
    ActivityRow, Block, FriendRequest, Mode, OwnCustomStatus, Person, Privacy, Timestamp, UserId, Watch,
};
use serde::Serialize;

use super::watches;
use crate::{
    app::App,
    http::{ApiError, Viewer, activity, missing, social},
    limits::{BLOCKS_MAX, FRIENDS_MAX, REQUESTS_MAX},
    store::{ActivityQuery, ActivityScope, Direction, Slice},
};

/// Rows of activity read at a time.
const ACTIVITY_ROWS_PER_READ: u32 = 1_000;

/// The document. Whom it is about can read all of it elsewhere; here it is in one piece.
#[derive(Serialize)]
struct Export {
    person: Person,
    slug: String,
    created_at: Timestamp,
    last_seen: Option<Timestamp>,
    mode: Mode,
    mode_until: Option<Timestamp>,
    custom: Option<OwnCustomStatus>,
    privacy: Privacy,
    friends: Vec<Person>,
    requests_made: Vec<FriendRequest>,
    requests_received: Vec<FriendRequest>,
    blocks: Vec<Block>,
    watches: Vec<Watch>,
    activity: Vec<ActivityRow>,
}

/// The document.
pub async fn export(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let me = app.people.enter(&viewer).await?;
    let user = app.people.known(me).await?.ok_or_else(missing::<UserId>)?;
    let (people, now) = (&app.people, app.clock.now());
    let choices = people.choices.choices(me).await?;
    let (mode, mode_until) = choices.mode(now);
    let all = |limit: u64| Slice { offset: 0, limit: limit as u32 };
    let requests = async |direction| -> Result<Vec<FriendRequest>, ApiError> {
        // Those received are bounded by the people there are; as many as can be made are shown.
        let found = people.relations.requests(me, direction, all(REQUESTS_MAX)).await?;
        Ok(found.rows.into_iter().map(social::request_row).collect())
    };
    let export = Export {
        slug: user.profile.slug.to_string(),
        created_at: user.created_at,
        last_seen: user.last_seen,
        person: social::person(user),
        mode,
        mode_until,
        custom: choices.custom.clone(),
        privacy: choices.privacy,
        friends: people
            .relations
            .friends(me, all(FRIENDS_MAX))
            .await?
            .rows
            .into_iter()
            .map(social::person)
            .collect(),
        requests_made: requests(Direction::Outgoing).await?,
        requests_received: requests(Direction::Incoming).await?,
        blocks: people
            .relations
            .blocks(me, all(BLOCKS_MAX))
            .await?
            .rows
            .into_iter()
            .map(social::block_row)
            .collect(),
        watches: people.watches.watches(me).await?.into_iter().map(watches::row).collect(),
        activity: own_activity(&app, me).await?,
    };
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"hereabouts.json\""),
    ];
    Ok((headers, Json(export)))
}

async fn own_activity(app: &App, me: UserId) -> Result<Vec<ActivityRow>, ApiError> {
    let mut rows = Vec::new();
    let mut before = None;
    loop {
        let query =
            ActivityQuery { viewer: me, scope: ActivityScope::Of(me), before, limit: ACTIVITY_ROWS_PER_READ };
        let slice = app.people.activity.activity(&query).await?;
        rows.extend(slice.rows.into_iter().map(|row| activity::shown(row, me)));
        before = slice.next;
        if before.is_none() {
            return Ok(rows);
        }
    }
}
