//! Whether the server lives, whether it is ready, and its numbers.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio::time;

use super::{ApiError, onlooker};
use crate::{app::App, store::StoreFault};

/// A database that takes longer than this for nothing at all is no help. (A lock is found out within two seconds.)
const PING_TIMEOUT: Duration = Duration::from_secs(4);

/// The body of `/readyz`.
#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    store: String,
    stopping: bool,
}

/// 200 while the process answers at all.
pub async fn livez() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(serde_json::json!({"status": "ok"})))
}

/// 200 while the server does all it should; 503 with the part that does not.
pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    let checked = time::timeout(PING_TIMEOUT, app.store.check()).await;
    let trouble = match checked {
        Ok(Ok(())) => app.writer.trouble(),
        Ok(Err(error)) => Some(error.described()),
        Err(_) => Some(StoreFault::NoAnswer.advice().to_owned()),
    };
    let store = trouble.map_or_else(|| "ok".to_owned(), |what| format!("degraded: {what}"));
    let stopping = app.shutdown.is_triggered();
    let is_ready = store == "ok" && !stopping;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = Readiness { status: if is_ready { "ok" } else { "degraded" }, store, stopping };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// The numbers, for Prometheus. Where others than this machine can ask, only for the service key.
pub async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let is_private = app.settings.internal_bind.ip().is_loopback();
    if !is_private && !onlooker::is_service(&headers, app.settings.service_key.as_ref()) {
        return Err(ApiError::unauthorized(
            "Metrics are shown to the service key: start the server with --service-key (HEREABOUTS_SERVICE_KEY) and \
             send it as `Authorization: Bearer KEY`, or let --internal-bind be a loopback address.",
        ));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()))
}
