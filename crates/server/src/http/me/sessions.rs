//! `me/sessions/`: my open connections, and the end of one from afar.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use hereabouts_protocol::{MySession, MySessions, SessionId, UserId};
use tokio::time;

use crate::{
    app::App,
    gateway::{Session, SignInTag},
    http::{ApiError, PathId, Viewer, missing, social::PRIVATE},
};

/// A shard looks at least twice a second.
const PATIENCE: Duration = Duration::from_secs(3);

/// Those that are open, the one heard of last first.
pub async fn sessions(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let mine = SignInTag::from(viewer.sid);
    let mut sessions = find(&app, viewer.user_id).await?;
    sessions.sort_by_key(|session| (std::cmp::Reverse(session.last_frame_at), session.id));
    let row = |session: Session| MySession {
        id: session.id,
        is_current: mine != SignInTag::NONE && session.sign_in == mine,
        last_frame_at: app.clock.at_rest(session.last_frame_at),
    };
    Ok((PRIVATE, Json(MySessions { sessions: sessions.into_iter().map(row).collect() })))
}

/// Closes one of mine, without grace. The sign-in it stands on is over with it, or its client would be back at once;
/// that of the person who asks goes on.
pub async fn end_session(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    PathId(id): PathId<SessionId>,
) -> Result<impl IntoResponse, ApiError> {
    let sessions = find(&app, viewer.user_id).await?;
    let session = sessions.into_iter().find(|it| it.id == id).ok_or_else(missing::<SessionId>)?;
    if session.sign_in != SignInTag::NONE && session.sign_in != SignInTag::from(viewer.sid) {
        for sid in app.account_store.sign_ins(viewer.user_id).await? {
            if SignInTag::from(Some(sid)) == session.sign_in {
                app.account_store.end_sign_in(sid).await?;
            }
        }
        app.apply_revocations().await?;
    }
    app.gateway.end_session(&session);
    Ok((StatusCode::NO_CONTENT, PRIVATE))
}

async fn find(app: &App, me: UserId) -> Result<Vec<Session>, ApiError> {
    let busy = |_| ApiError::unavailable("The connections cannot be listed right now. Try again.", 2);
    time::timeout(PATIENCE, app.gateway.sessions(me)).await.map_err(busy)
}
