//! The demo's own endpoints, only in `hereabouts dev`: be one of the twelve, and call a crowd.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{
    app::App,
    auth::TokenKind,
    demo::{Demo, Person, TOKEN_TTL},
};

/// The body of a sign-in.
#[derive(Deserialize)]
pub struct SignIn {
    slug: String,
    /// A short time, to see a token end.
    ttl_seconds: Option<u64>,
}

/// What the page keeps, in the original's form.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedIn {
    access_token: String,
    refresh_token: String,
    user: Person,
}

/// The body of a call for a crowd.
#[derive(Deserialize)]
pub struct Crowd {
    n: usize,
}

/// `GET /demo/people/`: whom the page may be opened as.
pub async fn people(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ApiError> {
    let people: Vec<_> = demo(&app)?.people().iter().map(Person::from).collect();
    Ok(no_store(people))
}

/// `POST /demo/sign-in/`: tokens for one of them; again for fresh ones.
pub async fn sign_in(
    State(app): State<Arc<App>>,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(SignIn { slug, ttl_seconds }) = body?;
    let demo = demo(&app)?;
    let profile = demo.person(&slug).ok_or_else(|| {
        let slugs: Vec<_> = demo.people().iter().map(|profile| &*profile.slug).collect();
        ApiError::new(StatusCode::NOT_FOUND, format!("Nobody here is called that. Try {}.", slugs.join(", ")))
    })?;
    let ttl = ttl_seconds.map_or(TOKEN_TTL, Duration::from_secs).min(TOKEN_TTL);
    let now = app.clock.wall();
    Ok(no_store(SignedIn {
        access_token: demo.token(profile, TokenKind::Access, now, ttl),
        refresh_token: demo.token(profile, TokenKind::Refresh, now, TOKEN_TTL),
        user: Person::from(profile),
    }))
}

/// `POST /demo/crowd/`: that many guests are online, through sockets of their own; 0 sends them home.
pub async fn crowd(
    State(app): State<Arc<App>>,
    body: Result<Json<Crowd>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let Json(Crowd { n }) = body?;
    let n = demo(&app)?.gather(&app, n);
    Ok(no_store(serde_json::json!({ "n": n })))
}

fn demo(app: &App) -> Result<&Demo, ApiError> {
    app.demo.as_ref().ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "There is no demo here."))
}

fn no_store<T: Serialize>(body: T) -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(body))
}
