//! What people have to do with each other, over HTTP: friends, requests, blocks.
//!
//! What one person may not know of another does not show in any answer: not that they are blocked, not that the other
//! hides. Only who is not there at all is a 404.

mod blocks;
mod friends;
mod requests;

use axum::http::{HeaderName, StatusCode, header};
use hereabouts_protocol::Person;

use super::ApiError;

pub(super) use blocks::row as block_row;
pub use blocks::{block, blocks, unblock};
pub use friends::{friends, unfriend};
pub(super) use requests::row as request_row;
pub use requests::{accept, decline, request, requests};

use crate::store::User;

/// What people have to do with each other is nothing for a cache.
pub(super) const PRIVATE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Somebody, without a word about their presence.
pub(super) fn person(user: User) -> Person {
    Person {
        id: user.profile.user_id,
        username: user.profile.username.into(),
        profile_image_url: user.profile.profile_image_url.map(Into::into),
    }
}

/// Where an app has the people (`--directory adopt`), they befriend and block each other there.
pub async fn at_the_app() -> ApiError {
    let detail = "Friends, requests and blocks are changed in the app; its changes count here by themselves.";
    ApiError::new(StatusCode::NOT_FOUND, detail)
}
