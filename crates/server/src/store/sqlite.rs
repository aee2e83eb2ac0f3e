//! The store in an SQLite file: WAL, one writer for what is acknowledged and one for what is written behind, many
//! readers.

mod accounts;
mod activity;
mod choices;
mod people;
mod relations;
mod upkeep;
mod watches;

use std::{borrow::Cow, ffi::OsString, path::PathBuf, time::Duration};

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use sqlx::{
    Connection, QueryBuilder, Row, Sqlite, SqliteConnection, SqlitePool,
    migrate::{MigrateError, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::{PresenceRecord, Store, StoreError, Strangers, User};
use crate::{
    directory::is_fallback,
    limits::{ROWS_PER_STATEMENT_MAX, WAL_KEPT_BYTES},
    settings::Database,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// 512 KiB for each connection, where SQLite's own choice is 2 MiB: the system caches the file as well.
const PAGE_CACHE: &str = "-512";
/// Readers beside the writers.
const READERS_MAX: u32 = 4;
/// A request waits this long for a connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// SQLite waits this long for another process that holds the lock: less than anybody waits for an answer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number.
    pub version: i64,
    /// What it is about.
    pub name: Cow<'static, str>,
    /// Whether the database has it.
    pub is_applied: bool,
}

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

    /// Applies what is pending; returns what it applied.
    pub async fn migrate_up(&self) -> Result<Vec<Migration>, StoreError> {
        let pending: Vec<_> =
            self.migrations().await?.into_iter().filter(|migration| !migration.is_applied).collect();
        MIGRATIONS.run(&self.writer).await?;
        Ok(pending)
    }

    /// Takes back the newest migration that is applied; `None` when there is none.
    pub async fn migrate_down(&self) -> Result<Option<Migration>, StoreError> {
        let migrations = self.migrations().await?;
        let Some(newest) = migrations.iter().rposition(|migration| migration.is_applied) else {
            return Ok(None);
        };
        let target = newest.checked_sub(1).map_or(0, |before| migrations[before].version);
        MIGRATIONS.undo(&self.writer, target).await?;
        Ok(Some(migrations[newest].clone()))
    }

    /// All migrations this server knows, oldest first, and whether the database has them.
    pub async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        let has_ledger: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations')",
        )
        .fetch_one(&self.writer)
        .await?;
        let applied: Vec<i64> = if has_ledger {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&self.writer)
                .await?
        } else {
            Vec::new()
        };
        let known = || MIGRATIONS.iter().filter(|it| it.migration_type != MigrationType::ReversibleDown);
        if let Some(unknown) = applied.iter().find(|version| known().all(|it| it.version != **version)) {
            return Err(MigrateError::VersionMissing(*unknown).into());
        }
        Ok(known()
            .map(|it| Migration {
                version: it.version,
                name: it.description.clone(),
                is_applied: applied.contains(&it.version),
            })
            .collect())
    }
}

const COLUMNS: &str =
    "SELECT id, username, slug, profile_image_url, created_at, is_online, last_seen, disabled_at FROM users ";
/// The same columns where other tables are joined.
const COLUMN_NAMES: &str = "users.id, users.username, users.slug, users.profile_image_url, users.created_at, \
                            users.is_online, users.last_seen, users.disabled_at";

/// Statements with as many values as there are rows are not kept prepared (`persistent(false)`): each length is a program
/// of its own, and a connection would keep a hundred of them, megabytes in all.
#[async_trait]
impl Store for SqliteStore {
    async fn check(&self) -> Result<(), StoreError> {
        self.check_reads_and_writes().await
    }

    async fn tidy(&self) -> Result<u64, StoreError> {
        self.empty_log().await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = QueryBuilder::<Sqlite>::new(COLUMNS)
            .push("WHERE id = ")
            .push_bind(id.to_string())
            .build()
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_user).transpose()
    }

    async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError> {
        let rows = QueryBuilder::<Sqlite>::new(COLUMNS)
            .push("WHERE username = ")
            .push_bind(name.to_owned())
            .push(" OR slug = ")
            .push_bind(name.to_owned())
            .push(" ORDER BY created_at, id")
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(readable(&rows))
    }

    async fn list_users(&self, limit: u32) -> Result<Vec<User>, StoreError> {
        let rows = QueryBuilder::<Sqlite>::new(COLUMNS)
            .push("ORDER BY username, id LIMIT ")
            .push_bind(limit)
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(readable(&rows))
    }

    async fn add_user(&self, profile: &Profile, created_at: Timestamp) -> Result<(), StoreError> {
        self.add_person(profile, created_at).await
    }

    async fn remove_user(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        self.remove_person(id, at).await
    }

    async fn record_presence(
        &self,
        records: &[PresenceRecord],
        strangers: Strangers,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_behind().await?;
        for records in records.chunks(ROWS_PER_STATEMENT_MAX) {
            match strangers {
                Strangers::Enter => upsert_presence(&mut transaction, records).await?,
                Strangers::Skip => update_presence(&mut transaction, records).await?,
            }
        }
        Ok(transaction.commit().await?)
    }

    async fn record_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let mut transaction = self.begin_behind().await?;
        for seen in seen.chunks(ROWS_PER_STATEMENT_MAX) {
            QueryBuilder::<Sqlite>::new("WITH seen (id, at) AS (")
                .push_values(seen, |mut row, (id, at)| {
                    row.push_bind(id.to_string()).push_bind(at.to_string());
                })
                .push(
                    ") UPDATE users SET last_seen = at, last_activity = at FROM seen \
                     WHERE users.id = seen.id AND at > coalesce(users.last_seen, '')",
                )
                .build()
                .persistent(false)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn nobody_is_online(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin_write().await?;
        let marked = sqlx::query("UPDATE users SET is_online = 0 WHERE is_online = 1")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE users SET last_seen = ?1, last_activity = ?1 WHERE last_seen > ?1")
            .bind(now.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(marked.rows_affected())
    }

    async fn recent(&self, since: Timestamp, limit: u32, excluding: UserId) -> Result<Vec<User>, StoreError> {
        let rows = QueryBuilder::<Sqlite>::new(COLUMNS)
            .push("WHERE substr(last_seen, 1, 16) >= substr(")
            .push_bind(since.to_string())
            .push(", 1, 16) AND is_online = 0 AND id <> ")
            .push_bind(excluding.to_string())
            .push(" ORDER BY substr(last_seen, 1, 16) DESC, id LIMIT ")
            .push_bind(limit)
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(readable(&rows))
    }
}

/// Presence of people who are in the table; names are the table's own.
async fn update_presence(
    connection: &mut SqliteConnection,
    records: &[PresenceRecord],
) -> Result<(), StoreError> {
    QueryBuilder::<Sqlite>::new("WITH known (id, is_online, at) AS (")
        .push_values(records, |mut row, PresenceRecord { profile, is_online, last_seen }| {
            row.push_bind(profile.user_id.to_string()).push_bind(*is_online).push_bind(last_seen.to_string());
        })
        .push(
            ") UPDATE users SET is_online = known.is_online, last_seen = max(at, coalesce(last_seen, at)), \
             last_activity = max(at, coalesce(last_activity, at)) FROM known WHERE users.id = known.id",
        )
        .build()
        .persistent(false)
        .execute(connection)
        .await?;
    Ok(())
}

/// The name of somebody without one never replaces a real name, picture or slug.
async fn upsert_presence(
    connection: &mut SqliteConnection,
    records: &[PresenceRecord],
) -> Result<(), StoreError> {
    let (nameless, named): (Vec<_>, Vec<_>) = records.iter().partition(|record| is_fallback(&record.profile));
    let keep_name = " ON CONFLICT (id) DO UPDATE SET is_online = excluded.is_online, \
                     last_seen = max(excluded.last_seen, coalesce(last_seen, excluded.last_seen)), \
                     last_activity = max(excluded.last_activity, coalesce(last_activity, excluded.last_activity))";
    let take_name = ", username = excluded.username, slug = excluded.slug, \
                     profile_image_url = excluded.profile_image_url";
    for (records, and_name) in [(nameless, ""), (named, take_name)] {
        if records.is_empty() {
            continue;
        }
        QueryBuilder::<Sqlite>::new(
            "INSERT INTO users (id, username, slug, profile_image_url, created_at, is_online, last_seen, \
             last_activity) ",
        )
        .push_values(records, |mut row, PresenceRecord { profile, is_online, last_seen }| {
            row.push_bind(profile.user_id.to_string())
                .push_bind(profile.username.to_string())
                .push_bind(profile.slug.to_string())
                .push_bind(profile.profile_image_url.as_deref().map(str::to_owned))
                .push_bind(last_seen.to_string())
                .push_bind(*is_online)
                .push_bind(last_seen.to_string())
                .push_bind(last_seen.to_string());
        })
        .push(keep_name)
        .push(and_name)
        .build()
        .persistent(false)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Other programs write this table too: a row that makes no sense is passed over, so that the others are still seen.
fn readable(rows: &[SqliteRow]) -> Vec<User> {
    let read =
        |row| read_user(row).inspect_err(|error| tracing::warn!(%error, "a row of users is passed over"));
    rows.iter().filter_map(|row| read(row).ok()).collect()
}

fn read_user_id(text: &str) -> Result<UserId, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { id: text.to_owned(), what: "the id is not a UUID" })
}

fn read_user(row: &SqliteRow) -> Result<User, StoreError> {
    let id: String = row.try_get("id")?;
    let corrupt = |what| StoreError::Corrupt { id: id.clone(), what };
    let username: String = row.try_get("username")?;
    let slug: String = row.try_get("slug")?;
    let picture: Option<String> = row.try_get("profile_image_url")?;
    let created_at: String = row.try_get("created_at")?;
    let last_seen: Option<String> = row.try_get("last_seen")?;
    let disabled_at: Option<String> = row.try_get("disabled_at")?;
    Ok(User {
        profile: Profile {
            user_id: id.parse().map_err(|_| corrupt("the id is not a UUID"))?,
            username: username.into(),
            profile_image_url: picture.map(Into::into),
            slug: slug.into(),
        },
        created_at: created_at.parse().map_err(|_| corrupt("created_at is not a time"))?,
        is_online: row.try_get("is_online")?,
        last_seen: last_seen
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| corrupt("last_seen is not a time"))?,
        is_disabled: disabled_at.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::Connection;
    use uuid::Uuid;

    use super::*;

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
