//! Steps of a transaction that several changes of an account have in common.

use super::DbConnection;
use crate::{
    auth::Sid,
    directory::name_keys,
    limits::SIGN_INS_PER_USER_MAX,
    store::{
        SignIn, StoreError,
        columns::{At, Key},
    },
};
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

/// Writes name and picture, and moves the hold on the name.
pub(super) async fn write_profile(
    connection: &mut DbConnection,
    profile: &Profile,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET username = $1, profile_image_url = $2 WHERE id = $3")
        .bind(&*profile.username)
        .bind(profile.profile_image_url.as_deref())
        .bind(Key::from(profile.user_id))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM names WHERE user_id = $1")
        .bind(Key::from(profile.user_id))
        .execute(&mut *connection)
        .await?;
    hold_names(connection, profile).await
}

/// Sets the password of somebody who is there, and ends all their sign-ins but `kept`.
pub(super) async fn write_password(
    connection: &mut DbConnection,
    id: UserId,
    hash: &str,
    kept: Option<Sid>,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
    )
    .bind(Key::from(id))
    .bind(hash)
    .bind(At(at))
    .execute(&mut *connection)
    .await?;
    let sids: Vec<Key> =
        sqlx::query_scalar("SELECT sid FROM sign_ins WHERE user_id = $1 AND ($2 IS NULL OR sid <> $2)")
            .bind(Key::from(id))
            .bind(kept.map(Key::from))
            .fetch_all(&mut *connection)
            .await?;
    for sid in sids {
        end(connection, sid).await?;
    }
    Ok(())
}

/// Keeps a new sign-in, and ends the oldest of this person when there are too many.
pub(super) async fn open(connection: &mut DbConnection, sign_in: &SignIn) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sign_ins (sid, user_id, refresh_hash, refreshed_at, access_ends_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(Key::from(sign_in.sid))
    .bind(Key::from(sign_in.user_id))
    .bind(&sign_in.tokens.refresh_hash)
    .bind(At(sign_in.at))
    .bind(At(sign_in.tokens.access_ends_at))
    .bind(At(sign_in.tokens.ends_at))
    .execute(&mut *connection)
    .await?;
    let surplus: Vec<Key> = sqlx::query_scalar(
        "SELECT sid FROM sign_ins WHERE user_id = $1 ORDER BY refreshed_at DESC, sid LIMIT 1000 OFFSET $2",
    )
    .bind(Key::from(sign_in.user_id))
    .bind(i64::from(SIGN_INS_PER_USER_MAX))
    .fetch_all(&mut *connection)
    .await?;
    for sid in surplus {
        end(connection, sid).await?;
    }
    Ok(())
}

/// Takes all keys of the name, or fails with [`StoreError::NameTaken`].
pub(super) async fn hold_names(connection: &mut DbConnection, profile: &Profile) -> Result<(), StoreError> {
    for key in name_keys(&profile.username) {
        let held =
            sqlx::query("INSERT INTO names (name_key, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(key)
                .bind(Key::from(profile.user_id))
                .execute(&mut *connection)
                .await?;
        if held.rows_affected() == 0 {
            return Err(StoreError::NameTaken);
        }
    }
    Ok(())
}

/// Ends a sign-in and writes it to the log; false when there was none.
pub(super) async fn end(connection: &mut DbConnection, sid: Key) -> Result<bool, StoreError> {
    let noted = sqlx::query(
        "INSERT INTO revocations (user_id, sid, kind, ends_at) \
         SELECT user_id, sid, 'signed_out', access_ends_at FROM sign_ins WHERE sid = $1",
    )
    .bind(sid)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM sign_ins WHERE sid = $1").bind(sid).execute(connection).await?;
    Ok(noted.rows_affected() > 0)
}
