//! The store in PostgreSQL 15 or newer. What it asks is in `sql/`, the same text for every database.

#[path = "sql/accounts.rs"]
mod accounts;
#[path = "sql/activity.rs"]
mod activity;
mod adopt;
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
#[path = "sql/users.rs"]
mod users;
#[path = "sql/watches.rs"]
mod watches;

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres, Transaction,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};

use super::StoreError;
use crate::settings::{AppTables, PostgresUrl};

/// What the files in `sql/` mean by these names here.
type Db = Postgres;
type DbRow = PgRow;
type DbConnection = PgConnection;
type SqlStore = PostgresStore;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");
/// What we keep beside an app that has the people.
static MIGRATIONS_BESIDE_APP: Migrator = sqlx::migrate!("migrations/adopt");
const HAS_LEDGER: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
/// Stands around a time that shall be compared by the minute.
const MINUTE_OF: (&str, &str) = ("date_trunc('minute', ", " AT TIME ZONE 'UTC')");

const CONNECTIONS_MAX: u32 = 10;
/// A request waits this long for a connection before it fails: less than anybody waits for an answer.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// No statement waits longer for a lock, or works longer, so that one held lock never takes all connections for long.
const PATIENCE: &str = "SET lock_timeout = '2s'; SET statement_timeout = '10s'; \
                        SET idle_in_transaction_session_timeout = '30s'";
/// Beside an app: we give up before PostgreSQL looks for deadlocks (after a second), so that the app's transaction is
/// never the one that fails.
const PATIENCE_BESIDE_APP: &str = "SET lock_timeout = '500ms'; SET statement_timeout = '10s'; \
                                   SET idle_in_transaction_session_timeout = '30s'";
/// Held by whoever changes what is acknowledged, until the change is committed.
const WRITE_LOCK: i64 = 0x6865_7265_6162_6f75;

/// People and presence in a PostgreSQL database.
pub struct PostgresStore {
    writer: PgPool,
    /// For presence, written behind: without the writer's lock, so that neither waits for the other.
    behind: PgPool,
    readers: PgPool,
    options: PgConnectOptions,
    /// The tables of the app that has the people.
    app: Option<AppTables>,
}

impl PostgresStore {
    /// Connects once, so that an address that is wrong is known at the start. Migrates nothing.
    pub async fn open(url: &PostgresUrl) -> Result<Self, StoreError> {
        Self::connect(url, None).await
    }

    /// The same where an app has the people: what is ours is in a schema of our own.
    pub async fn adopt(url: &PostgresUrl, tables: &AppTables) -> Result<Self, StoreError> {
        Self::connect(url, Some(tables.clone())).await
    }

    async fn connect(url: &PostgresUrl, app: Option<AppTables>) -> Result<Self, StoreError> {
        let mut options = PgConnectOptions::from_str(url.as_str())?
            .application_name("hereabouts")
            .disable_statement_logging();
        if let Some(app) = &app {
            options = options.options([("search_path", app.schema.as_str())]);
        }
        let patience = if app.is_some() { PATIENCE_BESIDE_APP } else { PATIENCE };
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |it, _| Box::pin(async move { it.execute(patience).await.map(|_| ()) }))
            // After a failover the old primary may still answer, and only reads: such a connection is replaced.
            .before_acquire(|it, _| Box::pin(async { is_primary(it).await }))
            .connect_with(options.clone())
            .await?;
        Ok(Self { writer: pool.clone(), behind: pool.clone(), readers: pool, options, app })
    }

    /// Whether an app has the people.
    const fn is_adopted(&self) -> bool {
        self.app.is_some()
    }

    /// The steps of the schema.
    fn steps(&self) -> &'static Migrator {
        if self.is_adopted() { &MIGRATIONS_BESIDE_APP } else { &MIGRATIONS }
    }

    /// Whether it answers and takes what is written.
    async fn check_reads_and_writes(&self) -> Result<(), StoreError> {
        let mut connection = self.writer.acquire().await?;
        connection.ping().await?;
        Ok(())
    }

    /// Postgres looks after its own log.
    #[expect(clippy::unused_async, reason = "SQLite has something to do here")]
    async fn empty_log(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    /// A transaction that sees one moment.
    async fn begin_read(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
    }

    /// A transaction for what is written behind.
    async fn begin_behind(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Ok(self.behind.begin().await?)
    }

    /// A transaction that is the only one of its kind until it commits: what it reads stays true, whatever another
    /// process does, and the log of revocations gets its numbers in the order of the commits.
    async fn begin_write(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITE_LOCK).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// A connection that waits for as long as another process that starts at the same time needs to migrate.
    async fn pool_for_migrations(&self) -> Result<PgPool, StoreError> {
        Ok(PgPoolOptions::new().max_connections(1).connect_with(self.options.clone()).await?)
    }
}

async fn is_primary(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let is_read_only: String = sqlx::query_scalar("SHOW transaction_read_only").fetch_one(connection).await?;
    Ok(is_read_only == "off")
}
