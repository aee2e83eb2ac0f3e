//! Accounts.

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    Db, DbConnection, DbRow, SqlStore,
    steps::{end, hold_names, open, write_password, write_profile},
    users::{read, read_user},
};
use crate::{
    auth::Sid,
    directory::name_keys,
    limits::{REVOCATION_NEWS_TTL, ROWS_PER_TRANSACTION_MAX},
    store::{
        Account, AccountChange, AccountStore, NewAccount, Revocation, RevocationKind, Rotated, SignIn,
        StoreError, TokenTrace,
        columns::{At, Key},
    },
};

const ACCOUNTS: &str = "SELECT id, username, slug, profile_image_url, created_at, is_online, last_seen, disabled_at, \
                        hash FROM users LEFT JOIN passwords ON passwords.user_id = users.id ";

#[async_trait]
impl AccountStore for SqlStore {
    async fn register(&self, account: &NewAccount) -> Result<Profile, StoreError> {
        let mut transaction = self.begin_write().await?;
        let mut profile = account.profile.clone();
        if is_slug_taken(&mut transaction, &profile.slug).await? {
            profile.slug = [&*profile.slug, "-", &profile.user_id.short_name()].concat().into();
        }
        insert_user(&mut transaction, &profile, account.created_at).await?;
        hold_names(&mut transaction, &profile).await?;
        sqlx::query("INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)")
            .bind(Key::from(profile.user_id))
            .bind(&account.password_hash)
            .bind(At(account.created_at))
            .execute(&mut *transaction)
            .await?;
        if let Some(sign_in) = &account.sign_in {
            open(&mut transaction, sign_in).await?;
        }
        transaction.commit().await?;
        Ok(profile)
    }

    async fn account_named(&self, name_key: &str) -> Result<Option<Account>, StoreError> {
        let row = QueryBuilder::<Db>::new(ACCOUNTS)
            .push("WHERE users.id = (SELECT user_id FROM names WHERE name_key = ")
            .push_bind(name_key.to_owned())
            .push(")")
            .build()
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_account).transpose()
    }

    async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let row = QueryBuilder::<Db>::new(ACCOUNTS)
            .push("WHERE users.id = ")
            .push_bind(Key::from(id))
            .build()
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_account).transpose()
    }

    async fn change(
        &self,
        id: UserId,
        change: &AccountChange<'_>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)")
            .bind(Key::from(id))
            .fetch_one(&mut *transaction)
            .await?;
        if !is_there {
            return Ok(false);
        }
        if let Some(profile) = change.profile {
            write_profile(&mut transaction, profile).await?;
        }
        if let Some(hash) = change.password_hash {
            write_password(&mut transaction, id, hash, change.kept, at).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn open_sign_in(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        open(&mut transaction, sign_in).await?;
        Ok(transaction.commit().await?)
    }

    async fn rotate_sign_in(
        &self,
        sid: Sid,
        old_refresh_hash: &str,
        new: &TokenTrace,
        at: Timestamp,
    ) -> Result<Rotated, StoreError> {
        let mut transaction = self.begin_write().await?;
        let rotated = sqlx::query(
            "UPDATE sign_ins SET refresh_hash = $1, refreshed_at = $2, access_ends_at = $3, ends_at = $4 \
             WHERE sid = $5 AND refresh_hash = $6",
        )
        .bind(&new.refresh_hash)
        .bind(At(at))
        .bind(At(new.access_ends_at))
        .bind(At(new.ends_at))
        .bind(Key::from(sid))
        .bind(old_refresh_hash)
        .execute(&mut *transaction)
        .await?;
        let outcome = if rotated.rows_affected() > 0 {
            Rotated::Done
        } else if end(&mut transaction, Key::from(sid)).await? {
            Rotated::Reused
        } else {
            Rotated::Gone
        };
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn sign_ins(&self, id: UserId) -> Result<Vec<Sid>, StoreError> {
        let sids: Vec<Key> = sqlx::query_scalar("SELECT sid FROM sign_ins WHERE user_id = $1")
            .bind(Key::from(id))
            .fetch_all(&self.readers)
            .await?;
        Ok(sids.into_iter().map(|Key(sid)| Sid(sid)).collect())
    }

    async fn end_sign_in(&self, sid: Sid) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let ended = end(&mut transaction, Key::from(sid)).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    async fn set_disabled(&self, id: UserId, is_disabled: bool, at: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let changed =
            sqlx::query("UPDATE users SET disabled_at = $1 WHERE id = $2 AND (disabled_at IS NULL) = $3")
                .bind(is_disabled.then_some(At(at)))
                .bind(Key::from(id))
                .bind(is_disabled)
                .execute(&mut *transaction)
                .await?;
        if changed.rows_affected() > 0 {
            let kind = if is_disabled { "disabled" } else { "enabled" };
            tell(&mut transaction, id, kind, at).await?;
        }
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn disabled_users(&self) -> Result<Vec<UserId>, StoreError> {
        if self.is_adopted() {
            // The app says so in each person's row, and may say otherwise at any time.
            return Ok(Vec::new());
        }
        let ids: Vec<Key> = sqlx::query_scalar("SELECT id FROM users WHERE disabled_at IS NOT NULL")
            .fetch_all(&self.readers)
            .await?;
        Ok(ids.into_iter().map(|Key(id)| UserId(id)).collect())
    }

    async fn revocations_after(&self, seq: i64) -> Result<Vec<Revocation>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, user_id, sid, kind, ends_at FROM revocations WHERE seq > $1 ORDER BY seq",
        )
        .bind(seq)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_revocation).collect()
    }

    async fn claim_names(&self) -> Result<u64, StoreError> {
        let (mut last_id, mut n_claimed) = (Key(Uuid::nil()), 0);
        loop {
            let mut transaction = self.begin_write().await?;
            let nameless: Vec<(Key, String)> = sqlx::query_as(
                "SELECT id, username FROM users WHERE id > $1 AND NOT EXISTS \
                 (SELECT 1 FROM names WHERE names.user_id = users.id) ORDER BY id LIMIT $2",
            )
            .bind(last_id)
            .bind(ROWS_PER_TRANSACTION_MAX as i64)
            .fetch_all(&mut *transaction)
            .await?;
            let Some((id, _)) = nameless.last() else { return Ok(n_claimed) };
            last_id = *id;
            for (id, username) in &nameless {
                n_claimed += claim(&mut transaction, *id, username).await?;
            }
            transaction.commit().await?;
        }
    }

    async fn forget_ended(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        sqlx::query("DELETE FROM sign_ins WHERE ends_at < $1")
            .bind(At(now))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM revocations WHERE ends_at < $1")
            .bind(At(now))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

impl SqlStore {
    /// [`Store::add_user`](crate::store::Store::add_user), with the hold on the name if nobody has it yet: an operator
    /// may give two people one name.
    pub(super) async fn add_person(
        &self,
        profile: &Profile,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        insert_user(&mut transaction, profile, created_at).await?;
        claim(&mut transaction, Key::from(profile.user_id), &profile.username).await?;
        Ok(transaction.commit().await?)
    }

    /// [`Store::remove_user`](crate::store::Store::remove_user).
    pub(super) async fn remove_person(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let sids: Vec<Key> = sqlx::query_scalar("SELECT sid FROM sign_ins WHERE user_id = $1")
            .bind(Key::from(id))
            .fetch_all(&mut *transaction)
            .await?;
        for sid in sids {
            end(&mut transaction, sid).await?;
        }
        let removed = sqlx::query("DELETE FROM users WHERE id = $1")
            .bind(Key::from(id))
            .execute(&mut *transaction)
            .await?;
        if removed.rows_affected() > 0 {
            tell(&mut transaction, id, "removed", at).await?;
        }
        transaction.commit().await?;
        Ok(removed.rows_affected() > 0)
    }
}

async fn insert_user(
    connection: &mut DbConnection,
    profile: &Profile,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    let written = sqlx::query(
        "INSERT INTO users (id, username, slug, profile_image_url, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(Key::from(profile.user_id))
    .bind(&*profile.username)
    .bind(&*profile.slug)
    .bind(profile.profile_image_url.as_deref())
    .bind(At(created_at))
    .execute(connection)
    .await?;
    if written.rows_affected() == 0 { Err(StoreError::Exists(profile.user_id)) } else { Ok(()) }
}

async fn is_slug_taken(connection: &mut DbConnection, slug: &str) -> Result<bool, StoreError> {
    let taken = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE slug = $1)")
        .bind(slug)
        .fetch_one(connection)
        .await?;
    Ok(taken)
}

/// Takes the keys of the name that nobody holds. Returns 1 if there was one.
async fn claim(connection: &mut DbConnection, id: Key, username: &str) -> Result<u64, StoreError> {
    let mut n_held = 0;
    for key in name_keys(username) {
        let held =
            sqlx::query("INSERT INTO names (name_key, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(key)
                .bind(id)
                .execute(&mut *connection)
                .await?;
        n_held += held.rows_affected();
    }
    Ok(n_held.min(1))
}

/// Writes news about a whole person to the log.
async fn tell(
    connection: &mut DbConnection,
    id: UserId,
    kind: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO revocations (user_id, kind, ends_at) VALUES ($1, $2, $3)")
        .bind(Key::from(id))
        .bind(kind)
        .bind(At(at + REVOCATION_NEWS_TTL))
        .execute(connection)
        .await?;
    Ok(())
}

fn read_account(row: &DbRow) -> Result<Account, StoreError> {
    Ok(Account { user: read_user(row)?, password_hash: read(row, "hash")? })
}

fn read_revocation(row: &DbRow) -> Result<Revocation, StoreError> {
    let Key(user_id) = read(row, "user_id")?;
    let (sid, kind): (Option<Key>, String) = (read(row, "sid")?, read(row, "kind")?);
    let kind = match (kind.as_str(), sid) {
        ("signed_out", Some(Key(sid))) => RevocationKind::SignedOut(Sid(sid)),
        ("disabled", None) => RevocationKind::Disabled,
        ("enabled", None) => RevocationKind::Enabled,
        ("removed", None) => RevocationKind::Removed,
        _ => return Err(StoreError::Corrupt { id: user_id.to_string(), what: "kind of a revocation" }),
    };
    let At(ends_at) = read(row, "ends_at")?;
    Ok(Revocation { seq: read(row, "seq")?, user_id: UserId(user_id), kind, ends_at })
}
