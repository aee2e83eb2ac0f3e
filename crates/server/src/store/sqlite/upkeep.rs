//! Whether the file takes what is written, and the length of its write-ahead log.

use std::path::Path;

use sqlx::{AssertSqlSafe, Sqlite, SqlitePool, Transaction};

use super::SqliteStore;
use crate::{
    limits::{WAL_BYTES_MAX, WAL_KEPT_BYTES},
    store::StoreError,
};

impl SqliteStore {
    /// The connection that writes.
    #[expect(clippy::unused_async, reason = "Postgres connects here")]
    pub(super) async fn pool_for_migrations(&self) -> Result<SqlitePool, StoreError> {
        Ok(self.writer.clone())
    }

    /// Reads, and writes what a lock, a full disk or a file that may not be written refuses.
    pub(super) async fn check_reads_and_writes(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM users LIMIT 1").fetch_optional(&self.readers).await?;
        if self.wal.is_some() {
            self.write_a_page().await?;
        }
        self.log_has_room()
    }

    /// Writes the first page as it is.
    async fn write_a_page(&self) -> Result<(), StoreError> {
        let mut transaction = self.behind.begin_with("BEGIN IMMEDIATE").await?;
        let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
        // A pragma takes no parameters; this is a number.
        let same = AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        sqlx::query(same).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// A transaction for what is written behind.
    pub(super) async fn begin_behind(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        if self.log_has_room().is_err() {
            self.empty_log().await?;
            self.log_has_room()?;
        }
        Ok(self.behind.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Moves what is in the write-ahead log to the database, as far as nobody reads what was before, and cuts the log
    /// back when that was all. Waits for no reader.
    pub(super) async fn empty_log(&self) -> Result<u64, StoreError> {
        let Some(wal) = &self.wal else { return Ok(0) };
        if bytes_of(wal) > WAL_KEPT_BYTES {
            let (_, n_pages, n_moved): (i64, i64, i64) =
                sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&self.behind).await?;
            if n_moved == n_pages {
                // The next write begins the log anew, and cuts it to `journal_size_limit`.
                self.write_a_page().await?;
            }
        }
        Ok(bytes_of(wal))
    }

    fn log_has_room(&self) -> Result<(), StoreError> {
        let n_bytes = self.wal.as_deref().map_or(0, bytes_of);
        if n_bytes > WAL_BYTES_MAX { Err(StoreError::LogPinned(n_bytes)) } else { Ok(()) }
    }
}

/// A file that is not there has none.
fn bytes_of(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Database;

    #[tokio::test]
    async fn i14_what_is_acknowledged_is_synced_and_what_is_written_behind_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&Database::File(folder.path().join("people.sqlite3"))).await.unwrap();
        let (full, normal) = (2_i64, 1_i64);
        for (pool, wanted) in [(&store.writer, full), (&store.behind, normal)] {
            let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await.unwrap();
            assert_eq!(synchronous, wanted);
        }
    }
}
