//! `POST /api/auth/ws-ticket/`: a ticket for one socket, so that the token need not stand in an address.

use std::sync::Arc;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use serde::Serialize;

use super::{ApiError, Viewer};
use crate::app::App;

/// The answer.
#[derive(Serialize)]
struct Ticket {
    ticket: String,
    /// Seconds.
    expires_in: u64,
}

/// The ticket stands for the token that bought it, its end and its sign-in included.
pub async fn sell(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let ttl = app.settings.times.ticket_ttl;
    let ticket = app.authenticator.sell_ticket(viewer.0).ok_or_else(|| {
        ApiError::unavailable("Too many tickets wait to be used right now. Try again soon.", ttl.as_secs())
    })?;
    let ticket = Ticket { ticket, expires_in: ttl.as_secs() };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ticket)))
}
