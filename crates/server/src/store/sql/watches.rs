//! Watches.

use async_trait::async_trait;
use hereabouts_protocol::UserId;
use sqlx::QueryBuilder;

use super::{
    Db, SqlStore,
    relations::are_known,
    users::{COLUMN_NAMES, read, read_user},
};
use crate::{
    limits::WATCHES_MAX,
    store::{
        StoreError, WatchEntry, WatchOf, WatchStore,
        columns::{At, Key},
    },
};

#[async_trait]
impl WatchStore for SqlStore {
    async fn watches(&self, watcher: UserId) -> Result<Vec<WatchOf>, StoreError> {
        let rows = QueryBuilder::<Db>::new("SELECT is_repeat, watches.created_at AS watched_at, ")
            .push(COLUMN_NAMES)
            .push(" FROM users JOIN watches ON watches.user_id = users.id WHERE watcher_id = ")
            .push_bind(Key::from(watcher))
            .push(" ORDER BY username, users.id")
            .build()
            .fetch_all(&self.readers)
            .await?;
        let rows = rows.iter().map(|row| {
            let (user, created_at) = (read_user(row)?, read::<At>(row, "watched_at")?.0);
            Ok(WatchOf { user, is_repeat: read(row, "is_repeat")?, created_at })
        });
        rows.collect()
    }

    async fn add_watch(&self, watch: &WatchEntry) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        if !are_known(&mut transaction, [watch.watcher, watch.user]).await? {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO watches (watcher_id, user_id, is_repeat, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (watcher_id, user_id) DO UPDATE SET is_repeat = excluded.is_repeat",
        )
        .bind(Key::from(watch.watcher))
        .bind(Key::from(watch.user))
        .bind(watch.is_repeat)
        .bind(At(watch.at))
        .execute(&mut *transaction)
        .await?;
        let n_kept: i64 = sqlx::query_scalar("SELECT count(*) FROM watches WHERE watcher_id = $1")
            .bind(Key::from(watch.watcher))
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
        let removed = sqlx::query("DELETE FROM watches WHERE watcher_id = $1 AND user_id = $2")
            .bind(Key::from(watcher))
            .bind(Key::from(user))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    async fn take_notice(&self, watcher: UserId, user: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let is_repeat: Option<bool> =
            sqlx::query_scalar("SELECT is_repeat FROM watches WHERE watcher_id = $1 AND user_id = $2")
                .bind(Key::from(watcher))
                .bind(Key::from(user))
                .fetch_optional(&mut *transaction)
                .await?;
        if is_repeat == Some(false) {
            sqlx::query("DELETE FROM watches WHERE watcher_id = $1 AND user_id = $2")
                .bind(Key::from(watcher))
                .bind(Key::from(user))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(is_repeat.is_some())
    }
}
