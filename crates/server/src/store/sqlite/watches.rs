//! Watches in SQLite.

use async_trait::async_trait;
use hereabouts_protocol::UserId;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{
    COLUMN_NAMES, SqliteStore, read_user,
    relations::{are_known, read_time},
};
use crate::{
    limits::WATCHES_MAX,
    store::{StoreError, WatchEntry, WatchOf, WatchStore},
};

#[async_trait]
impl WatchStore for SqliteStore {
    async fn watches(&self, watcher: UserId) -> Result<Vec<WatchOf>, StoreError> {
        let rows = QueryBuilder::<Sqlite>::new("SELECT is_repeat, watches.created_at AS watched_at, ")
            .push(COLUMN_NAMES)
            .push(" FROM users JOIN watches ON watches.user_id = users.id WHERE watcher_id = ")
            .push_bind(watcher.to_string())
            .push(" ORDER BY username, users.id")
            .build()
            .fetch_all(&self.readers)
            .await?;
        let rows = rows.iter().map(|row| {
            let (user, created_at) = (read_user(row)?, read_time(row, "watched_at")?);
            Ok(WatchOf { user, is_repeat: row.try_get("is_repeat")?, created_at })
        });
        rows.collect()
    }

    async fn add_watch(&self, watch: &WatchEntry) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        if !are_known(&mut transaction, [watch.watcher, watch.user]).await? {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO watches (watcher_id, user_id, is_repeat, created_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (watcher_id, user_id) DO UPDATE SET is_repeat = excluded.is_repeat",
        )
        .bind(watch.watcher.to_string())
        .bind(watch.user.to_string())
        .bind(watch.is_repeat)
        .bind(watch.at.to_string())
        .execute(&mut *transaction)
        .await?;
        let n_kept: i64 = sqlx::query_scalar("SELECT count(*) FROM watches WHERE watcher_id = ?")
            .bind(watch.watcher.to_string())
            .fetch_one(&mut *transaction)
            .await?;
        if n_kept as u64 > WATCHES_MAX {
            return Ok(false);
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn remove_watch(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let removed = sqlx::query("DELETE FROM watches WHERE watcher_id = ? AND user_id = ?")
            .bind(watcher.to_string())
            .bind(user.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    async fn take_notice(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let is_repeat: Option<bool> =
            sqlx::query_scalar("SELECT is_repeat FROM watches WHERE watcher_id = ? AND user_id = ?")
                .bind(watcher.to_string())
                .bind(user.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
        if is_repeat == Some(false) {
            sqlx::query("DELETE FROM watches WHERE watcher_id = ? AND user_id = ?")
                .bind(watcher.to_string())
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(is_repeat.is_some())
    }
}
