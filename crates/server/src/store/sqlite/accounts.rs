//! Accounts in SQLite.

mod steps;

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, Transaction, sqlite::SqliteRow};

use self::steps::{open, write_password, write_profile};
use super::{SqliteStore, read_user, read_user_id};
use crate::{
    auth::Sid,
    directory::name_keys,
    limits::{REVOCATION_NEWS_TTL, ROWS_PER_TRANSACTION_MAX},
    store::{
        Account, AccountChange, AccountStore, NewAccount, Revocation, RevocationKind, Rotated, SignIn,
        StoreError, TokenTrace,
    },
};

const ACCOUNTS: &str = "SELECT id, username, slug, profile_image_url, created_at, is_online, last_seen, disabled_at, \
                        hash FROM users LEFT JOIN passwords ON passwords.user_id = users.id ";

#[async_trait]
impl AccountStore for SqliteStore {
    async fn register(&self, account: &NewAccount) -> Result<Profile, StoreError> {
        let mut transaction = self.begin_write().await?;
        let mut profile = account.profile.clone();
        if is_slug_taken(&mut transaction, &profile.slug).await? {
            profile.slug = [&*profile.slug, "-", &profile.user_id.short_name()].concat().into();
        }
        insert_user(&mut transaction, &profile, account.created_at).await?;
        hold_names(&mut transaction, &profile).await?;
        sqlx::query("INSERT INTO passwords (user_id, hash, changed_at) VALUES (?, ?, ?)")
            .bind(profile.user_id.to_string())
            .bind(&account.password_hash)
            .bind(account.created_at.to_string())
            .execute(&mut *transaction)
            .await?;
        if let Some(sign_in) = &account.sign_in {
            open(&mut transaction, sign_in).await?;
        }
        transaction.commit().await?;
        Ok(profile)
    }

    async fn account_named(&self, name_key: &str) -> Result<Option<Account>, StoreError> {
        let row = QueryBuilder::<Sqlite>::new(ACCOUNTS)
            .push("WHERE users.id = (SELECT user_id FROM names WHERE name_key = ")
            .push_bind(name_key.to_owned())
            .push(")")
            .build()
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_account).transpose()
    }

    async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let row = QueryBuilder::<Sqlite>::new(ACCOUNTS)
            .push("WHERE users.id = ")
            .push_bind(id.to_string())
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
        let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE id = ?)")
            .bind(id.to_string())
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
            "UPDATE sign_ins SET refresh_hash = ?, refreshed_at = ?, access_ends_at = ?, ends_at = ? \
             WHERE sid = ? AND refresh_hash = ?",
        )
        .bind(&new.refresh_hash)
        .bind(at.to_string())
        .bind(new.access_ends_at.to_string())
        .bind(new.ends_at.to_string())
        .bind(sid.to_string())
        .bind(old_refresh_hash)
        .execute(&mut *transaction)
        .await?;
        let outcome = if rotated.rows_affected() > 0 {
            Rotated::Done
        } else if end(&mut transaction, &sid.to_string()).await? {
            Rotated::Reused
        } else {
            Rotated::Gone
        };
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn end_sign_in(&self, sid: Sid) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let ended = end(&mut transaction, &sid.to_string()).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    async fn set_disabled(&self, id: UserId, is_disabled: bool, at: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let changed =
            sqlx::query("UPDATE users SET disabled_at = ? WHERE id = ? AND (disabled_at IS NULL) = ?")
                .bind(is_disabled.then(|| at.to_string()))
                .bind(id.to_string())
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
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM users WHERE disabled_at IS NOT NULL")
            .fetch_all(&self.readers)
            .await?;
        ids.iter().map(|id| read_user_id(id)).collect()
    }

    async fn revocations_after(&self, seq: i64) -> Result<Vec<Revocation>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, user_id, sid, kind, ends_at FROM revocations WHERE seq > ? ORDER BY seq",
        )
        .bind(seq)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_revocation).collect()
    }

    async fn claim_names(&self) -> Result<u64, StoreError> {
        let (mut last_id, mut n_claimed) = (String::new(), 0);
        loop {
            let mut transaction = self.begin_write().await?;
            let nameless: Vec<(String, String)> = sqlx::query_as(
                "SELECT id, username FROM users WHERE id > ? AND NOT EXISTS \
                 (SELECT 1 FROM names WHERE names.user_id = users.id) ORDER BY id LIMIT ?",
            )
            .bind(&last_id)
            .bind(ROWS_PER_TRANSACTION_MAX as i64)
            .fetch_all(&mut *transaction)
            .await?;
            let Some((id, _)) = nameless.last() else { return Ok(n_claimed) };
            last_id.clone_from(id);
            for (id, username) in &nameless {
                n_claimed += claim(&mut transaction, id, username).await?;
            }
            transaction.commit().await?;
        }
    }

    async fn forget_ended(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        sqlx::query("DELETE FROM sign_ins WHERE ends_at < ?")
            .bind(now.to_string())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM revocations WHERE ends_at < ?")
            .bind(now.to_string())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

impl SqliteStore {
    /// A transaction that has the write lock from its start: what it reads stays true until it commits, whatever
    /// another process does; and what it wrote is on the disk when it has committed.
    pub(in crate::store) async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// [`Store::add_user`](crate::store::Store::add_user), with the hold on the name if nobody has it yet: an operator
    /// may give two people one name.
    pub(super) async fn add_person(
        &self,
        profile: &Profile,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_write().await?;
        insert_user(&mut transaction, profile, created_at).await?;
        claim(&mut transaction, &profile.user_id.to_string(), &profile.username).await?;
        Ok(transaction.commit().await?)
    }

    /// [`Store::remove_user`](crate::store::Store::remove_user).
    pub(super) async fn remove_person(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let sids: Vec<String> = sqlx::query_scalar("SELECT sid FROM sign_ins WHERE user_id = ?")
            .bind(id.to_string())
            .fetch_all(&mut *transaction)
            .await?;
        for sid in sids {
            end(&mut transaction, &sid).await?;
        }
        let removed = sqlx::query("DELETE FROM users WHERE id = ?")
            .bind(id.to_string())
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
    connection: &mut SqliteConnection,
    profile: &Profile,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    let written = sqlx::query(
        "INSERT INTO users (id, username, slug, profile_image_url, created_at) VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(profile.user_id.to_string())
    .bind(&*profile.username)
    .bind(&*profile.slug)
    .bind(profile.profile_image_url.as_deref())
    .bind(created_at.to_string())
    .execute(connection)
    .await?;
    if written.rows_affected() == 0 { Err(StoreError::Exists(profile.user_id)) } else { Ok(()) }
}

async fn is_slug_taken(connection: &mut SqliteConnection, slug: &str) -> Result<bool, StoreError> {
    let taken = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users WHERE slug = ?)")
        .bind(slug)
        .fetch_one(connection)
        .await?;
    Ok(taken)
}

/// Takes all keys of the name, or fails with [`StoreError::NameTaken`].
async fn hold_names(connection: &mut SqliteConnection, profile: &Profile) -> Result<(), StoreError> {
    for key in name_keys(&profile.username) {
        let held = sqlx::query("INSERT INTO names (name_key, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(profile.user_id.to_string())
            .execute(&mut *connection)
            .await?;
        if held.rows_affected() == 0 {
            return Err(StoreError::NameTaken);
        }
    }
    Ok(())
}

/// Takes the keys of the name that nobody holds. Returns 1 if there was one.
async fn claim(connection: &mut SqliteConnection, id: &str, username: &str) -> Result<u64, StoreError> {
    let mut n_held = 0;
    for key in name_keys(username) {
        let held = sqlx::query("INSERT INTO names (name_key, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(id)
            .execute(&mut *connection)
            .await?;
        n_held += held.rows_affected();
    }
    Ok(n_held.min(1))
}

/// Ends a sign-in and writes it to the log; false when there was none.
async fn end(connection: &mut SqliteConnection, sid: &str) -> Result<bool, StoreError> {
    let noted = sqlx::query(
        "INSERT INTO revocations (user_id, sid, kind, ends_at) \
         SELECT user_id, sid, 'signed_out', access_ends_at FROM sign_ins WHERE sid = ?",
    )
    .bind(sid)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM sign_ins WHERE sid = ?").bind(sid).execute(connection).await?;
    Ok(noted.rows_affected() > 0)
}

/// Writes news about a whole person to the log.
async fn tell(
    connection: &mut SqliteConnection,
    id: UserId,
    kind: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO revocations (user_id, kind, ends_at) VALUES (?, ?, ?)")
        .bind(id.to_string())
        .bind(kind)
        .bind((at + REVOCATION_NEWS_TTL).to_string())
        .execute(connection)
        .await?;
    Ok(())
}

fn read_account(row: &SqliteRow) -> Result<Account, StoreError> {
    Ok(Account { user: read_user(row)?, password_hash: row.try_get("hash")? })
}

fn read_revocation(row: &SqliteRow) -> Result<Revocation, StoreError> {
    let user_id: String = row.try_get("user_id")?;
    let (sid, kind): (Option<String>, String) = (row.try_get("sid")?, row.try_get("kind")?);
    let ends_at: String = row.try_get("ends_at")?;
    let corrupt = |what| StoreError::Corrupt { id: user_id.clone(), what };
    let sid = sid.map(|sid| sid.parse()).transpose().map_err(|_| corrupt("the sid is not a UUID"))?;
    let kind = match (kind.as_str(), sid) {
        ("signed_out", Some(sid)) => RevocationKind::SignedOut(sid),
        ("disabled", None) => RevocationKind::Disabled,
        ("enabled", None) => RevocationKind::Enabled,
        ("removed", None) => RevocationKind::Removed,
        _ => return Err(corrupt("the kind of a revocation is unknown")),
    };
    Ok(Revocation {
        seq: row.try_get("seq")?,
        user_id: read_user_id(&user_id)?,
        kind,
        ends_at: ends_at.parse().map_err(|_| corrupt("ends_at is not a time"))?,
    })
}
