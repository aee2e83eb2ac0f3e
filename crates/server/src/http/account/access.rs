//! `auth/register/`, `auth/login/`, `auth/token/refresh/`, `auth/logout/`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{accounts, signed_in};
use crate::{
    app::App,
    http::{ApiError, ClientAddress, viewer},
};

/// The body of `register`.
#[derive(Deserialize)]
pub struct Register {
    username: String,
    password: String,
    profile_image_url: Option<String>,
}

/// The body of `login`.
#[derive(Deserialize)]
pub struct Login {
    username: String,
    password: String,
}

/// The body of `refresh` and, where the access token is gone, of `logout`.
#[derive(Deserialize)]
pub struct Refresh {
    /// simplejwt calls it `refresh`.
    #[serde(alias = "refresh")]
    refresh_token: String,
}

/// 201, and signed in.
pub async fn register(
    State(app): State<Arc<App>>,
    body: Result<Json<Register>, JsonRejection>,
) -> Result<Response, ApiError> {
    let accounts = accounts(&app)?;
    let Json(Register { username, password, profile_image_url }) = body?;
    let outcome = accounts.register(&username, password, profile_image_url.as_deref()).await?;
    Ok(signed_in(&app, StatusCode::CREATED, outcome))
}

/// 200, and signed in.
pub async fn login(
    State(app): State<Arc<App>>,
    ClientAddress(ip): ClientAddress,
    body: Result<Json<Login>, JsonRejection>,
) -> Result<Response, ApiError> {
    let accounts = accounts(&app)?;
    let Json(Login { username, password }) = body?;
    let outcome = accounts.login(&username, password, ip).await?;
    Ok(signed_in(&app, StatusCode::OK, outcome))
}

/// A new pair of tokens; the old refresh token is used up.
pub async fn refresh(
    State(app): State<Arc<App>>,
    body: Result<Json<Refresh>, JsonRejection>,
) -> Result<Response, ApiError> {
    let accounts = accounts(&app)?;
    let Json(Refresh { refresh_token }) = body?;
    let outcome = accounts.refresh(&refresh_token).await;
    if outcome.is_err() {
        // It may have ended a sign-in.
        app.apply_revocations().await?;
    }
    Ok(signed_in(&app, StatusCode::OK, outcome?))
}

/// 204: the sign-in is over, its tokens count no more, its sockets are closed. Needs the access token or, in the body,
/// the refresh token.
pub async fn logout(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Json<Refresh>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let accounts = accounts(&app)?;
    let by_access = app.authenticator.admit(viewer::bearer(&headers)).await;
    let by_refresh = body.ok().and_then(|Json(body)| accounts.sid_of_refresh_token(&body.refresh_token));
    let sid = match (by_access, by_refresh) {
        (_, Some(sid)) => sid,
        (Ok(claims), None) => claims.sid.ok_or_else(|| {
            let detail =
                "This token belongs to no sign-in, so there is nothing to end: it runs out by itself.";
            ApiError::new(StatusCode::CONFLICT, detail)
        })?,
        (Err(refusal), None) => return Err(refusal.into()),
    };
    accounts.logout(sid).await?;
    app.apply_revocations().await?;
    Ok(StatusCode::NO_CONTENT)
}
