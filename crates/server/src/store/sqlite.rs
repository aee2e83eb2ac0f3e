//! The store in an SQLite file: WAL, one writer for what is acknowledged and one for what is written behind, many
//! readers. What it asks is in `sql/`, the same text for every database.

#[path = "sql/accounts.rs"]
mod accounts;
#[path = "sql/activity.rs"]
mod activity;
mod alone;
#[path = "sql/choices.rs"]
mod choices;
#[path = "sql/people.rs"]
mod people;
#[path = "sql/relations.rs"]
mod relations;
#[path = "sql/schema.rs"]
mod schema;
#[path = "sql/steps.rs"]
mod steps;
mod upkeep;
#[path = "sql/users.rs"]
mod users;
#[path = "sql/watches.rs"]
mod watches;

use std::{ffi::OsString, path::PathBuf, time::Duration};

use sqlx::{
    Connection, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::StoreError;
use crate::{limits::WAL_KEPT_BYTES, settings::Database};

/// What the files in `sql/` mean by these names here.
type Db = Sqlite;
type DbRow = SqliteRow;
type DbConnection = SqliteConnection;
type SqlStore = SqliteStore;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
const HAS_LEDGER: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations')";
/// Stands around a time that shall be compared by the minute.
const MINUTE_OF: (&str, &str) = ("substr(", ", 1, 16)");

/// 512 KiB for each connection, where SQLite's own choice is 2 MiB: the system caches the file as well.
const PAGE_CACHE: &str = "-512";
/// Readers beside the writers.
const READERS_MAX: u32 = 4;
/// A request waits this long for a connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// SQLite waits this long for another process that holds the lock: less than anybody waits for an answer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// People and presence in one SQLite file, or in memory.
pub struct SqliteStore {
    /// For everything that is acknowledged: a commit is on the disk before the answer leaves.
    writer: SqlitePool,
    /// For presence, written behind: may lose its last moments with the machine. The file itself stays whole (WAL).
    behind: SqlitePool,
    readers: SqlitePool,
    /// The write-ahead log; none in memory.
    wal: Option<PathBuf>,
}

impl SqliteStore {
    /// Opens the file, creating it and its folder when they are missing. Migrates nothing.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("cache_size", PAGE_CACHE)
            .pragma("journal_size_limit", WAL_KEPT_BYTES.to_string());
        // A database in memory belongs to its connection: one, for ever.
        let one = || {
            SqlitePoolOptions::new()
                .max_connections(1)
                .min_connections(1)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let Database::File(path) = database else {
            let writer = one().connect_with(options.in_memory(true)).await?;
            return Ok(Self { readers: writer.clone(), behind: writer.clone(), writer, wal: None });
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
        }
        let options = options.filename(path).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        // Where a commit fails, SQLite takes the transaction back by itself, and sqlx goes on counting it: such a
        // connection would refuse every transaction from then on. It is replaced.
        let one = || one().before_acquire(|it, _| Box::pin(async { Ok(!it.is_in_transaction()) }));
        let writer = one().connect_with(options.clone().synchronous(SqliteSynchronous::Full)).await?;
        let options = options.synchronous(SqliteSynchronous::Normal);
        let behind = one().connect_with(options.clone()).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.read_only(true));
        let wal = Some([path.as_os_str(), "-wal".as_ref()].into_iter().collect::<OsString>().into());
        Ok(Self { writer, behind, readers, wal })
    }

    /// The steps of the schema.
    #[expect(clippy::unused_self, reason = "Postgres has two of them")]
    fn steps(&self) -> &'static Migrator {
        &MIGRATIONS
    }

    /// A transaction that sees one moment.
    async fn begin_read(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.readers.begin().await?)
    }

    /// A transaction that has the write lock from its start: what it reads stays true until it commits, whatever
    /// another process does; and what it wrote is on the disk when it has committed.
    pub(super) async fn begin_write(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hereabouts_engine::Profile;
    use hereabouts_protocol::{Timestamp, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::store::{PresenceRecord, Schema, Store, Strangers};

    #[tokio::test]
    async fn batches_of_every_length_leave_no_prepared_statements_behind() {
        let store = SqliteStore::open(&Database::Memory).await.unwrap();
        store.migrate_up().await.unwrap();
        let n_kept = async || store.writer.acquire().await.unwrap().cached_statements_size();
        let before = n_kept().await;
        for n in 1..=20_u128 {
            let at = Timestamp::from_secs(1_000_000);
            let ids: Vec<_> = (0..n).map(|n| UserId(Uuid::from_u128(n))).collect();
            let record = |&user_id: &UserId| {
                let (username, slug) = ("Ada".into(), "ada".into());
                let profile = Arc::new(Profile { user_id, username, profile_image_url: None, slug });
                PresenceRecord { profile, is_online: true, last_seen: at }
            };
            let records: Vec<_> = ids.iter().map(record).collect();
            store.record_presence(&records, Strangers::Enter).await.unwrap();
            store.record_presence(&records, Strangers::Skip).await.unwrap();
            let seen: Vec<_> = ids.iter().map(|&id| (id, at + Duration::from_mins(1))).collect();
            store.record_seen(&seen).await.unwrap();
        }
        assert_eq!(n_kept().await, before);
    }
}
