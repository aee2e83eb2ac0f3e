//! Steps of a transaction that several changes of an account have in common.

use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use sqlx::SqliteConnection;

use super::{end, hold_names};
use crate::{
    auth::Sid,
    limits::SIGN_INS_PER_USER_MAX,
    store::{SignIn, StoreError},
};

/// Writes name and picture, and moves the hold on the name.
pub(super) async fn write_profile(
    connection: &mut SqliteConnection,
    profile: &Profile,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET username = ?, profile_image_url = ? WHERE id = ?")
        .bind(&*profile.username)
        .bind(profile.profile_image_url.as_deref())
        .bind(profile.user_id.to_string())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM names WHERE user_id = ?")
        .bind(profile.user_id.to_string())
        .execute(&mut *connection)
        .await?;
    hold_names(connection, profile).await
}

/// Sets the password of somebody who is there, and ends all their sign-ins but `kept`.
pub(super) async fn write_password(
    connection: &mut SqliteConnection,
    id: UserId,
    hash: &str,
    kept: Option<Sid>,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO passwords (user_id, hash, changed_at) VALUES (?, ?, ?) \
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
    )
    .bind(id.to_string())
    .bind(hash)
    .bind(at.to_string())
    .execute(&mut *connection)
    .await?;
    let sids: Vec<String> = sqlx::query_scalar("SELECT sid FROM sign_ins WHERE user_id = ? AND sid <> ?")
        .bind(id.to_string())
        .bind(kept.map(|sid| sid.to_string()).unwrap_or_default())
        .fetch_all(&mut *connection)
        .await?;
    for sid in sids {
        end(connection, &sid).await?;
    }
    Ok(())
}

/// Keeps a new sign-in, and ends the oldest of this person when there are too many.
pub(super) async fn open(connection: &mut SqliteConnection, sign_in: &SignIn) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sign_ins (sid, user_id, refresh_hash, refreshed_at, access_ends_at, ends_at) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(sign_in.sid.to_string())
    .bind(sign_in.user_id.to_string())
    .bind(&sign_in.tokens.refresh_hash)
    .bind(sign_in.at.to_string())
    .bind(sign_in.tokens.access_ends_at.to_string())
    .bind(sign_in.tokens.ends_at.to_string())
    .execute(&mut *connection)
    .await?;
    let surplus: Vec<String> = sqlx::query_scalar(
        "SELECT sid FROM sign_ins WHERE user_id = ? ORDER BY refreshed_at DESC, sid LIMIT -1 OFFSET ?",
    )
    .bind(sign_in.user_id.to_string())
    .bind(SIGN_INS_PER_USER_MAX)
    .fetch_all(&mut *connection)
    .await?;
    for sid in surplus {
        end(connection, &sid).await?;
    }
    Ok(())
}
