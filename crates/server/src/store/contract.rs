//! One suite that every store must pass: what the port promises, in tests.

mod accounts;
mod activity;
mod people;

use std::sync::Arc;
use std::time::Duration;

use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use hereabouts_testing::{PostgresServer, SHARED};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use super::{
    MemoryStore, PostgresStore, PresenceRecord, Schema, SqlDatabase, SqliteStore, StoreError, Strangers,
    WholeStore,
};
use crate::settings::{Database, PostgresUrl};

const NOON: Timestamp = Timestamp::from_secs(1_795_478_400);

fn id(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn profile(n: u128, name: &str) -> Arc<Profile> {
    Arc::new(Profile {
        user_id: id(n),
        username: name.into(),
        profile_image_url: Some("/avatars/x.svg".into()),
        slug: name.to_lowercase().into(),
    })
}

fn record(n: u128, name: &str, is_online: bool, last_seen: Timestamp) -> PresenceRecord {
    PresenceRecord { profile: profile(n, name), is_online, last_seen }
}

async fn sqlite(folder: &tempfile::TempDir) -> SqliteStore {
    let store = SqliteStore::open(&Database::File(folder.path().join("people.sqlite3"))).await.unwrap();
    store.migrate_up().await.unwrap();
    store
}

/// A database of its own on the PostgreSQL of the run, or on one of its own.
struct Postgres {
    url: PostgresUrl,
    _server: Option<PostgresServer>,
}

impl Postgres {
    async fn new(folder: &tempfile::TempDir) -> Self {
        let (server, base) = match std::env::var(SHARED) {
            Ok(url) => (None, url),
            Err(_) => {
                // Under the system's folder: PostgreSQL runs as another user and has to reach it.
                let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
                let server =
                    PostgresServer::start(std::env::temp_dir().join(format!("postgres-{name}"))).unwrap();
                let url = server.url();
                (Some(server), url)
            }
        };
        let name = format!("test_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&format!("{base}/postgres")).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        Self { url: PostgresUrl::for_tests(&format!("{base}/{name}")), _server: server }
    }

    async fn store(&self) -> PostgresStore {
        let store = PostgresStore::open(&self.url).await.unwrap();
        store.migrate_up().await.unwrap();
        store
    }
}

/// One of each kind, and what the last needs to live.
async fn every_store(folder: &tempfile::TempDir) -> (Postgres, [Box<dyn WholeStore>; 3]) {
    let postgres = Postgres::new(folder).await;
    let stores: [Box<dyn WholeStore>; 3] =
        [Box::new(MemoryStore::default()), Box::new(sqlite(folder).await), Box::new(postgres.store().await)];
    (postgres, stores)
}

/// Runs one promise over every store.
macro_rules! promise {
    ($name:ident, $store:ident => $body:block) => {
        #[tokio::test]
        async fn $name() {
            let folder = tempfile::tempdir().unwrap();
            let (_postgres, stores) = $crate::store::contract::every_store(&folder).await;
            for $store in stores {
                $body
            }
        }
    };
}

pub(super) use promise;

promise!(people_are_added_found_and_removed, store => {
    store.check().await.unwrap();
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    store.add_user(&profile(2, "Ada"), NOON).await.unwrap();
    assert!(matches!(store.add_user(&profile(1, "Eve"), NOON).await, Err(StoreError::Exists(taken)) if taken == id(1)));
    let found = store.user(id(1)).await.unwrap().unwrap();
    assert_eq!((found.profile, found.is_online, found.last_seen), (Profile::clone(&profile(1, "Ada")), false, None));
    assert_eq!(store.users_named("Ada").await.unwrap().len(), 2, "names need not be unique");
    assert_eq!(store.users_named("ada").await.unwrap().len(), 2, "the slug finds them too");
    assert!(store.remove_user(id(1), NOON).await.unwrap());
    assert!(!store.remove_user(id(1), NOON).await.unwrap());
    assert_eq!(store.user(id(1)).await.unwrap(), None);
    assert_eq!(store.list_users(10).await.unwrap().len(), 1);
});

promise!(presence_is_recorded_for_known_and_unknown_people, store => {
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    store.record_presence(&[record(1, "Ada", true, NOON), record(2, "Bob", true, NOON)], Strangers::Enter).await.unwrap();
    for n in [1, 2] {
        let user = store.user(id(n)).await.unwrap().unwrap();
        assert_eq!((user.is_online, user.last_seen), (true, Some(NOON)));
    }
    let later = NOON + Duration::from_secs(60);
    store.record_presence(&[record(1, "Ada", false, later)], Strangers::Enter).await.unwrap();
    let user = store.user(id(1)).await.unwrap().unwrap();
    assert_eq!((user.is_online, user.last_seen), (false, Some(later)));
});

promise!(where_the_table_decides_strangers_are_skipped_and_names_stay, store => {
    store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
    let records = [record(1, "Eve", true, NOON), record(2, "Bob", true, NOON)];
    store.record_presence(&records, Strangers::Skip).await.unwrap();
    let ada = store.user(id(1)).await.unwrap().unwrap();
    assert_eq!((&*ada.profile.username, ada.is_online, ada.last_seen), ("Ada", true, Some(NOON)));
    assert_eq!(store.user(id(2)).await.unwrap(), None);
});

promise!(seen_moves_forward_only_and_makes_nobody, store => {
    store.record_presence(&[record(1, "Ada", true, NOON)], Strangers::Enter).await.unwrap();
    let (earlier, later) = (NOON - Duration::from_secs(9), NOON + Duration::from_secs(9));
    store.record_seen(&[(id(1), later), (id(7), later)]).await.unwrap();
    store.record_seen(&[(id(1), earlier)]).await.unwrap();
    assert_eq!(store.user(id(1)).await.unwrap().unwrap().last_seen, Some(later));
    assert_eq!(store.user(id(7)).await.unwrap(), None);
});

promise!(after_a_crash_nobody_is_online, store => {
    store.record_presence(&[record(1, "Ada", true, NOON), record(2, "Bob", false, NOON)], Strangers::Enter).await.unwrap();
    assert_eq!(store.nobody_is_online(NOON).await.unwrap(), 1);
    assert_eq!(store.nobody_is_online(NOON).await.unwrap(), 0);
    assert!(!store.user(id(1)).await.unwrap().unwrap().is_online);
});

promise!(recent_is_who_left_lately_newest_first, store => {
    let minutes_ago = |minutes: u64| NOON - Duration::from_secs(60 * minutes);
    store.record_presence(&[
        record(1, "Viewer", false, minutes_ago(1)),
        record(2, "Online", true, minutes_ago(1)),
        record(3, "Just left", false, minutes_ago(2)),
        record(4, "Left before", false, minutes_ago(30)),
        record(5, "Long gone", false, minutes_ago(100)),
    ], Strangers::Enter).await.unwrap();
    let names = |users: Vec<super::User>| users.iter().map(|user| user.profile.username.to_string()).collect::<Vec<_>>();
    let recent = store.recent(minutes_ago(60), 10, id(1)).await.unwrap();
    assert_eq!(names(recent), ["Just left", "Left before"]);
    let recent = store.recent(minutes_ago(1000), 1, id(1)).await.unwrap();
    assert_eq!(names(recent), ["Just left"]);
});

#[tokio::test]
async fn migrations_go_down_and_up_again_and_people_stay() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::new(&folder).await;
    let stores: [Box<dyn SqlDatabase>; 2] =
        [Box::new(sqlite(&folder).await), Box::new(postgres.store().await)];
    for store in stores {
        store.add_user(&profile(1, "Ada"), NOON).await.unwrap();
        let n = store.migrations().await.unwrap().len();
        assert!(store.migrations().await.unwrap().iter().all(|migration| migration.is_applied));
        // All but the first, which is the people themselves.
        for left in (1..n).rev() {
            store.migrate_down().await.unwrap();
            let applied = store.migrations().await.unwrap().iter().filter(|it| it.is_applied).count();
            assert_eq!(applied, left);
        }
        store.migrate_up().await.unwrap();
        assert!(store.user(id(1)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn what_is_promised_is_on_the_disk_when_it_returns() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(&folder).await;
    let mut transaction = store.begin_write().await.unwrap();
    let synchronous: i64 =
        sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *transaction).await.unwrap();
    assert_eq!(synchronous, 2, "FULL: a commit waits for the disk");
}

#[tokio::test]
async fn beside_an_app_our_tables_are_the_same_but_for_those_it_has() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (own, beside) = (Postgres::new(&folders[0]).await, Postgres::new(&folders[1]).await);
    own.store().await;
    let mut app = PgConnection::connect(beside.url.as_str()).await.unwrap();
    app.execute(
        "CREATE TABLE users_user (id uuid, username text, slug text, profile_image_url text, date_joined timestamptz, \
         is_active boolean, is_online boolean, last_seen timestamptz, last_activity timestamptz); \
         CREATE TABLE users_friends (user_id uuid, friend_id uuid); \
         CREATE TABLE users_blockedusers (user_id uuid, blocked_user_id uuid)",
    )
    .await
    .unwrap();
    let line = ["--directory", "adopt", "--database-url", beside.url.as_str()];
    let settings = crate::settings::for_tests_with(&line);
    super::open(&settings.database, true).await.unwrap();
    let columns = "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable) FROM information_schema.columns \
                   WHERE table_schema = $1 AND table_name NOT IN ('_sqlx_migrations', 'attachment', 'added_columns', \
                   'names', 'passwords', 'users', 'friendships', 'blocks') ORDER BY 1";
    let mut ours = PgConnection::connect(own.url.as_str()).await.unwrap();
    let expected: Vec<String> =
        sqlx::query_scalar(columns).bind("public").fetch_all(&mut ours).await.unwrap();
    let found: Vec<String> =
        sqlx::query_scalar(columns).bind("hereabouts").fetch_all(&mut app).await.unwrap();
    assert_eq!(found, expected);
    // The views have what is read of the tables; nulls are nobody's promise.
    let columns = "SELECT concat_ws(' ', table_name, column_name, data_type) FROM information_schema.columns \
                   WHERE table_schema = $1 AND table_name IN ('users', 'friendships', 'blocks') ORDER BY 1";
    let expected: Vec<String> =
        sqlx::query_scalar(columns).bind("public").fetch_all(&mut ours).await.unwrap();
    let found: Vec<String> =
        sqlx::query_scalar(columns).bind("hereabouts").fetch_all(&mut app).await.unwrap();
    assert_eq!(found, expected);
}
