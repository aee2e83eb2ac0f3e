//! `auth/user/`: one's own account.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    response::IntoResponse,
};
use serde::{Deserialize, Deserializer};

use super::{NO_STORE, accounts, own_user};
use crate::{
    app::App,
    auth::accounts::{AccountError, Change, NewPassword, PictureChange},
    http::{ApiError, ClientAddress, Viewer},
};

/// The body of a change: what is not there stays as it is.
#[derive(Deserialize)]
pub struct ChangeBody {
    username: Option<String>,
    #[serde(default, deserialize_with = "picture")]
    profile_image_url: PictureChange,
    password: Option<String>,
    old_password: Option<String>,
}

/// Tells `null`, which takes the picture away, from nothing.
fn picture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PictureChange, D::Error> {
    Option::deserialize(deserializer).map(PictureChange::Set)
}

/// The account as its owner sees it.
pub async fn show(State(app): State<Arc<App>>, viewer: Viewer) -> Result<impl IntoResponse, ApiError> {
    let user = accounts(&app)?.user(viewer.user_id).await?;
    Ok((NO_STORE, Json(own_user(&app, user))))
}

/// Changes name, picture and password. A new password needs the old one, and ends all other sign-ins.
pub async fn change(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    ClientAddress(ip): ClientAddress,
    body: Result<Json<ChangeBody>, JsonRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let accounts = accounts(&app)?;
    let Json(body) = body?;
    let password = match (body.password, body.old_password) {
        (Some(new), Some(old)) => Some(NewPassword { old, new }),
        (Some(_), None) => return Err(AccountError::OldPasswordMissing.into()),
        (None, _) => None,
    };
    let change = Change { username: body.username, picture: body.profile_image_url, password };
    let user = accounts.change(&viewer, change, ip).await?;
    app.authenticator.forget(viewer.user_id);
    app.apply_revocations().await?;
    Ok((NO_STORE, Json(own_user(&app, user))))
}
