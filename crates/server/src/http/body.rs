//! Bodies: one JSON object, whose fields have names. Serde alone would also take an array for one.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ApiError;
use crate::app::App;

/// The object in the body.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let Json(value) = Json::<Value>::from_request(request, app).await?;
        let refuse = |detail: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, detail);
        if !value.is_object() {
            return Err(refuse("The body must be a JSON object.".into()));
        }
        serde_json::from_value(value)
            .map(Self)
            .map_err(|error| refuse(format!("The body does not fit: {error}.")))
    }
}
