//! Who looks at a list: a person, or a service of the operator's, which is nobody and makes nobody appear.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, request::Parts};
use hereabouts_protocol::UserId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{ApiError, Viewer, viewer::bearer};
use crate::{app::App, settings::Secret};

/// Somebody who may read who is online.
#[derive(Clone, Debug)]
pub enum Onlooker {
    /// The bearer of an access token.
    Person(Viewer),
    /// The bearer of the service key.
    Service,
}

impl Onlooker {
    /// By whose eyes: a service sees what a stranger sees.
    pub fn user_id(&self) -> UserId {
        match self {
            Self::Person(viewer) => viewer.user_id,
            Self::Service => UserId(Uuid::nil()),
        }
    }
}

impl FromRequestParts<Arc<App>> for Onlooker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        if is_service(&parts.headers, app.settings.service_key.as_ref()) {
            return Ok(Self::Service);
        }
        Viewer::from_request_parts(parts, app).await.map(Self::Person)
    }
}

/// Whether a request carries the service key.
pub fn is_service(headers: &HeaderMap, key: Option<&Secret>) -> bool {
    is_service_key(key, bearer(headers))
}

/// Whether this is the service key.
pub fn is_service_key(key: Option<&Secret>, given: &str) -> bool {
    key.is_some_and(|key| is_same(key.as_bytes(), given.as_bytes()))
}

/// Compares hashes: how long that takes tells nothing about how much of a guess was right.
fn is_same(key: &[u8], given: &[u8]) -> bool {
    key.len() == given.len() && Sha256::digest(key) == Sha256::digest(given)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};

    use super::*;

    #[test]
    fn only_the_whole_key_is_the_key() {
        let key = Secret::new("0123456789abcdef0123456789abcdee");
        let with = |value: &str| {
            let headers =
                HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
            is_service(&headers, Some(&key))
        };
        assert!(
            with("Bearer 0123456789abcdef0123456789abcdee")
                && with("bearer 0123456789abcdef0123456789abcdee")
        );
        for value in
            ["Bearer", "Bearer ", "Bearer 0123456789abcdef0123456789abcdeX", "Basic 0123", "Bearer 0"]
        {
            assert!(!with(value), "{value}");
        }
        assert!(!is_service(&HeaderMap::new(), Some(&key)) && !is_service(&HeaderMap::new(), None));
    }
}
