//! What is kept at rest: people, and when they were last here. The port, in domain words.
//!
//! The truth about who is online lives in memory. These rows are written behind it, in batches, for the host app's own
//! queries and for `users/recent`. What is asked of a database stands once in
//! `sql/`; `sqlite.rs` and `postgres.rs` say what is their own. `contract.rs` runs over all of them.

mod accounts;
mod activity;
mod choices;
mod columns;
#[cfg(test)]
mod contract;
mod fault;
mod memory;
mod people;
mod postgres;
mod relations;
mod sqlite;
mod writer;

use std::{borrow::Cow, sync::Arc};

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};

pub use accounts::{
    Account, AccountChange, AccountStore, NewAccount, Revocation, RevocationKind, Rotated, SignIn, TokenTrace,
};
pub use activity::{
    ActivityEntry, ActivityQuery, ActivityScope, ActivitySlice, ActivityStore, AudienceThen, SeenActivity,
};
pub use choices::{ChoiceStore, Choices, CustomChange, ModeChange};
pub use fault::StoreFault;
pub use memory::MemoryStore;
pub use people::{PeopleStore, PersonAtRest};
pub use postgres::PostgresStore;
pub use relations::{
    Accepted, Blocked, Direction, NewRequest, PendingRequest, RelationStore, Relations, Requested, Slice,
    Sliced, WatchEntry, WatchOf, WatchStore,
};
pub use sqlite::SqliteStore;
pub use writer::PresenceWriter;

use crate::settings::Database;

/// One row of the users table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// How they are shown.
    pub profile: Profile,
    /// When they were first seen, or added.
    pub created_at: Timestamp,
    /// Whether they were online when this was written.
    pub is_online: bool,
    /// Public time of their last presence; `None` before the first.
    pub last_seen: Option<Timestamp>,
    /// May not come in.
    pub is_disabled: bool,
}

impl User {
    /// Somebody who has never been online.
    pub fn new(profile: Profile, created_at: Timestamp) -> Self {
        Self { profile, created_at, is_online: false, last_seen: None, is_disabled: false }
    }
}

/// What becomes of presence of people who are not in the users table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// They are entered, and names are taken over from the records: others decide who there is.
    Enter,
    /// Nothing is written of them: the users table decides who there is, and somebody removed stays removed.
    Skip,
}

/// The presence of one person, as it shall be at rest. Holds public values only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRecord {
    /// Who; entered into the users table when they are not there.
    pub profile: Arc<Profile>,
    /// Whether they are online.
    pub is_online: bool,
    /// Goes to `last_seen` and to `last_activity`: the original moves both on each ping.
    pub last_seen: Timestamp,
}

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody with this id is there already.
    #[error("somebody with the id {0} is in the users table already")]
    Exists(UserId),
    /// Somebody holds this name, or one that looks like it.
    #[error("this name, or one that looks like it, is taken")]
    NameTaken,
    /// The database refused or did not answer.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Some program reads for so long that what was written since cannot leave the write-ahead log.
    #[error("the write-ahead log cannot be emptied and has {0} bytes")]
    LogPinned(u64),
    /// Migrations do not match what the database has.
    #[error("the database cannot be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The schema is older than this server, and migrating was forbidden.
    #[error(
        "{0} migrations are pending; apply them with `hereabouts migrate`, or start without --no-migrate"
    )]
    Pending(usize),
    /// The app's tables are not what the settings say, or may not be used.
    #[error("the app's tables cannot be used: {0}")]
    Unadoptable(String),
    /// A row holds what no version of this server writes.
    #[error("the row of {id} is not readable: see its {what}")]
    Corrupt {
        /// The row's id, as it stands there.
        id: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// People and their presence at rest.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether the database answers and takes what is written; costs a small write.
    async fn check(&self) -> Result<(), StoreError>;

    /// Keeps small what the database keeps beside its file. Returns how large that is now, in bytes.
    async fn tidy(&self) -> Result<u64, StoreError>;

    /// The person with this id.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// Everybody with this username or slug, oldest first. Names need not be unique.
    async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError>;

    /// Everybody, by name, at most `limit`.
    async fn list_users(&self, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Enters somebody; an error when the id is taken.
    async fn add_user(&self, profile: &Profile, created_at: Timestamp) -> Result<(), StoreError>;

    /// Removes somebody and ends their sign-ins; false when there was nobody. `at` is now.
    async fn remove_user(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError>;

    /// Writes what is known of these people: all or, on an error, none. A name that is only the short id replaces no
    /// real one, and `last_seen` never goes backwards.
    async fn record_presence(
        &self,
        records: &[PresenceRecord],
        strangers: Strangers,
    ) -> Result<(), StoreError>;

    /// Moves `last_seen` of people who are there; of nobody else, and never backwards. All or none.
    async fn record_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), StoreError>;

    /// Marks everybody offline: whoever was online in an earlier life of the server is not now. Returns how many. Times
    /// after `now`, written while the clock was wrong, become now.
    async fn nobody_is_online(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// At most `limit` people who are offline and were here at or after `since`, without `excluding`: newest first
    /// by the minute, then by id.
    async fn recent(&self, since: Timestamp, limit: u32, excluding: UserId) -> Result<Vec<User>, StoreError>;
}

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

/// The tables of a database, in steps that can be taken back.
#[async_trait]
pub trait Schema: Send + Sync {
    /// Applies what is pending; returns what it applied. Of several processes one does it and the others wait.
    async fn migrate_up(&self) -> Result<Vec<Migration>, StoreError>;

    /// Takes back the newest migration that is applied; `None` when there is none.
    async fn migrate_down(&self) -> Result<Option<Migration>, StoreError>;

    /// Adds the columns of presence that the table of an app does not have; returns their names. Only with
    /// `--directory adopt`.
    async fn add_app_columns(&self) -> Result<Vec<String>, StoreError>;

    /// All migrations this server knows, oldest first, and whether the database has them.
    async fn migrations(&self) -> Result<Vec<Migration>, StoreError>;
}

/// Everything that is kept at rest.
pub trait WholeStore:
    Store + AccountStore + ChoiceStore + RelationStore + WatchStore + ActivityStore + PeopleStore
{
}
impl<T> WholeStore for T where
    T: Store + AccountStore + ChoiceStore + RelationStore + WatchStore + ActivityStore + PeopleStore
{
}

/// A store with a schema.
pub trait SqlDatabase: WholeStore + Schema {}
impl<T: WholeStore + Schema> SqlDatabase for T {}

/// Opens the store that the settings name, with its migrations applied, or refused if they are pending and
/// `applies_migrations` is false.
pub async fn open(database: &Database, applies_migrations: bool) -> Result<Arc<dyn SqlDatabase>, StoreError> {
    let store = connect(database).await?;
    if applies_migrations || *database == Database::Memory {
        for migration in store.migrate_up().await? {
            tracing::info!(version = migration.version, "migration applied: {}", migration.name);
        }
    } else {
        match store.migrations().await?.iter().filter(|migration| !migration.is_applied).count() {
            0 => {}
            n => return Err(StoreError::Pending(n)),
        }
    }
    Ok(store)
}

/// Opens the store that the settings name as it is.
pub async fn connect(database: &Database) -> Result<Arc<dyn SqlDatabase>, StoreError> {
    Ok(match database {
        Database::Postgres(url) => Arc::new(PostgresStore::open(url).await?),
        Database::Adopted(url, tables) => Arc::new(PostgresStore::adopt(url, tables).await?),
        Database::Memory | Database::File(_) => Arc::new(SqliteStore::open(database).await?),
    })
}
