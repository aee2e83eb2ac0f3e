//! Who asks: the bearer of a good access token.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use super::ApiError;
use crate::{app::App, auth::Claims, telemetry};

/// The user a request is made by, from `Authorization: Bearer TOKEN`; without one, 401. What the token says.
#[derive(Clone, Debug)]
pub struct Viewer(pub Claims);

impl Deref for Viewer {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        &self.0
    }
}

impl FromRequestParts<Arc<App>> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let claims = app.authenticator.admit(bearer(&parts.headers)).await.inspect_err(|_| {
            app.metrics.tokens_refused_total.inc();
        })?;
        telemetry::note_user(claims.user_id);
        Ok(Self(claims))
    }
}

/// The token of the header; empty without one.
pub(super) fn bearer(headers: &HeaderMap) -> &str {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    }
}
