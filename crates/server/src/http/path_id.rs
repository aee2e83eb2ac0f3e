//! Ids in paths. What is no id is answered as an id of nothing: 404.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use hereabouts_protocol::{RequestId, SessionId, UserId};

use super::ApiError;

/// Something that has an id.
pub trait Identified: FromStr {
    /// The sentence when there is none.
    const MISSING: &'static str;
}

impl Identified for UserId {
    const MISSING: &'static str = "There is nobody with this id.";
}

impl Identified for RequestId {
    const MISSING: &'static str = "There is no such friend request.";
}

impl Identified for SessionId {
    const MISSING: &'static str = "There is no such session.";
}

/// The id in the path.
#[derive(Clone, Copy, Debug)]
pub struct PathId<T>(pub T);

impl<T: Identified, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| missing::<T>())?;
        // Exactly the form that is given out: one resource, one address.
        if text.len() != 36 {
            return Err(missing::<T>());
        }
        text.parse().map(Self).map_err(|_| missing::<T>())
    }
}

/// 404 for an id of nothing.
pub fn missing<T: Identified>() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, T::MISSING)
}
