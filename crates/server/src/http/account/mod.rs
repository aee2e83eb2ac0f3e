//! Accounts over HTTP: what comes in, what goes out, and which status an error has.

mod access;
mod profile;

use std::sync::Arc;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hereabouts_protocol::OnlineUser;
use serde::Serialize;

pub use access::{login, logout, refresh, register};
pub use profile::{change, show};

use super::ApiError;
use crate::{
    app::App,
    auth::accounts::{AccountError, Accounts, SignedIn},
    store::User,
};

/// Somebody signed in, in the words of the contract.
#[derive(Serialize)]
struct SignedInBody {
    access_token: String,
    refresh_token: String,
    user: OnlineUser,
}

fn accounts(app: &App) -> Result<&Accounts, ApiError> {
    app.accounts.as_ref().ok_or_else(|| {
        let detail =
            "There are no accounts here: people sign in at their app (--directory token or adopt, or no SECRET_KEY).";
        ApiError::new(StatusCode::NOT_FOUND, detail)
    })
}

/// The user object of the contract. Times are one's own, so they are exact.
fn own_user(app: &Arc<App>, user: User) -> OnlineUser {
    OnlineUser {
        id: user.profile.user_id,
        is_online: app.hub.online().is_online(user.profile.user_id),
        username: user.profile.username.into(),
        profile_image_url: user.profile.profile_image_url.map(Into::into),
        last_seen: user.last_seen,
        last_activity: user.last_seen,
        slug: user.profile.slug.into(),
    }
}

fn signed_in(app: &Arc<App>, status: StatusCode, signed_in: SignedIn) -> Response {
    let SignedIn { access_token, refresh_token, user } = signed_in;
    let body = SignedInBody { access_token, refresh_token, user: own_user(app, user) };
    (status, NO_STORE, Json(body)).into_response()
}

/// Tokens and one's own account are nobody else's, and nothing for a cache.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::WrongCredentials | AccountError::WrongRefreshToken | AccountError::Gone => {
                Self::unauthorized(detail)
            }
            AccountError::WrongOldPassword | AccountError::Disabled => Self::forbidden(detail),
            AccountError::NameTaken => Self::new(StatusCode::CONFLICT, detail),
            AccountError::Name(_)
            | AccountError::Picture
            | AccountError::PasswordLength
            | AccountError::OldPasswordMissing
            | AccountError::Nul => Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail),
            AccountError::TooManyAttempts { retry_after_s } => Self::too_many_requests(detail, retry_after_s),
            AccountError::Busy => Self::unavailable(detail, 2),
            AccountError::Store(error) => error.into(),
        }
    }
}
