//! Who asks: the bearer of a good access token.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use hereabouts_protocol::{Timestamp, UserId};

use super::ApiError;
use crate::{app::App, telemetry};

/// The user a request is made by, from `Authorization: Bearer TOKEN`; without one, 401.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// Who.
    pub user_id: UserId,
    /// When the token ends.
    pub expires_at: Timestamp,
}

impl FromRequestParts<Arc<App>> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let claims = app.authenticator.verify(bearer(parts)).await.inspect_err(|_| {
            app.metrics.tokens_refused_total.inc();
        })?;
        telemetry::note_user(claims.user_id);
        Ok(Self { user_id: claims.user_id, expires_at: claims.expires_at })
    }
}

/// The token of the header; empty without one.
fn bearer(parts: &Parts) -> &str {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}
