//! `me/status/`: my mode and custom status.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
use hereabouts_protocol::{Mode, MyStatus, SetStatus, Status, UserId};

use crate::{
    app::App,
    http::{ApiError, Body, Viewer, missing, social::PRIVATE},
    hub::SelfReport,
};

/// My mode and custom status, and what comes of them.
pub async fn status(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let me = app.people.enter(&viewer).await?;
    answer(&app, me).await
}

/// Changes what the body names.
pub async fn set_status(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Body(body): Body<SetStatus>,
) -> Result<impl IntoResponse, ApiError> {
    let me = app.people.set_status(&viewer, &body).await?;
    answer(&app, me).await
}

/// Back to being shown as I am, without a custom status.
pub async fn clear_status(
    State(app): State<Arc<App>>,
    viewer: Viewer,
) -> Result<impl IntoResponse, ApiError> {
    let wish = SetStatus { mode: Some(Mode::Auto), until: None, custom: Some(None) };
    let me = app.people.set_status(&viewer, &wish).await?;
    answer(&app, me).await
}

async fn answer(app: &App, me: UserId) -> Result<impl IntoResponse + use<>, ApiError> {
    let SelfReport { own, as_others_see, .. } = app.people.report(me).await?.ok_or_else(missing::<UserId>)?;
    let status = MyStatus {
        mode: own.mode,
        until: own.mode_until,
        custom: own.person.custom_at(app.clock.now()).cloned(),
        status: truth(own.raw, own.mode),
        as_others_see,
    };
    Ok((PRIVATE, Json(status)))
}

/// What I am by my sessions and my mode; hiding does not count here.
fn truth(raw: Status, mode: Mode) -> Status {
    match (raw, mode) {
        (Status::Offline, _) => Status::Offline,
        (_, Mode::Away) => Status::Away,
        (_, Mode::Dnd) => Status::Dnd,
        (raw, Mode::Auto | Mode::Invisible) => raw,
    }
}
