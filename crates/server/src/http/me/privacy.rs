//! `me/privacy/`: who sees what of me.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use hereabouts_protocol::{Privacy, UserId};

use crate::{
    app::App,
    http::{ApiError, Body, Viewer, missing, social::PRIVATE},
};

/// The rules that hold.
pub async fn privacy(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let choices = app.people.choices.choices(viewer.user_id).await?;
    Ok((PRIVATE, Json(choices.privacy)))
}

/// Replaces the rules. Nobody who may not see that I am here may see when I was.
pub async fn set_privacy(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    Body(body): Body<Privacy>,
) -> Result<impl IntoResponse, ApiError> {
    let privacy =
        body.check().map_err(|fault| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, fault.to_string()))?;
    let me = app.people.enter(&viewer).await?;
    let choices = app.people.choices.change_privacy(me, &privacy).await?.ok_or_else(missing::<UserId>)?;
    app.people.changed([me]).await?;
    Ok((PRIVATE, Json(choices.privacy)))
}
