//! Tests of the write-behind: what is recorded is at rest after a flush, and the last word of each person counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{ActivityId, ActivityKind, Status, Timestamp, UserId};
use uuid::Uuid;

use super::PresenceWriter;
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;
use crate::store::{
    ActivityEntry, ActivityQuery, ActivityScope, ActivitySlice, ActivityStore, MemoryStore, PresenceRecord,
    Store, StoreError, Strangers, User,
};

fn record(is_online: bool, last_seen: Timestamp) -> PresenceRecord {
    let user_id = UserId(Uuid::from_u128(1));
    let profile = Profile { user_id, username: "Ada".into(), profile_image_url: None, slug: "ada".into() };
    PresenceRecord { profile: Arc::new(profile), is_online, last_seen }
}

fn started<S: Store + ActivityStore + 'static>(store: Arc<S>, metrics: &Arc<Metrics>) -> PresenceWriter {
    PresenceWriter::start(store.clone(), store, Strangers::Enter, Arc::clone(metrics), Shutdown::new())
}

#[tokio::test]
async fn the_last_word_is_at_rest_after_a_flush() {
    let store = Arc::new(MemoryStore::default());
    let writer = started(Arc::clone(&store), &Arc::default());
    let start = Timestamp::from_secs(1_000_000);
    writer.record(record(true, start));
    writer.record(record(false, start + Duration::from_secs(1)));
    writer.flush_now().await.unwrap();
    let user = store.user(UserId(Uuid::from_u128(1))).await.unwrap().unwrap();
    assert_eq!((user.is_online, user.last_seen), (false, Some(start + Duration::from_secs(1))));
}

#[tokio::test]
async fn a_frame_after_the_record_moves_the_time_and_a_record_after_a_frame_wins() {
    let store = Arc::new(BrittleStore::default());
    let writer = started(Arc::<BrittleStore>::clone(&store), &Arc::default());
    let start = Timestamp::from_secs(1_000_000);
    let id = UserId(Uuid::from_u128(1));
    writer.record(record(true, start));
    writer.seen(id, start + Duration::from_secs(9));
    writer.seen(id, start + Duration::from_secs(8));
    writer.flush_now().await.unwrap();
    assert_eq!(store.user(id).await.unwrap().unwrap().last_seen, Some(start + Duration::from_secs(9)));
    writer.seen(id, start + Duration::from_secs(70));
    writer.record(record(false, start + Duration::from_secs(60)));
    writer.flush_now().await.unwrap();
    assert_eq!(store.user(id).await.unwrap().unwrap().last_seen, Some(start + Duration::from_secs(60)));
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_written_when_the_database_is_back_and_newer_words_win() {
    let (store, metrics) = (Arc::new(BrittleStore::default()), Arc::new(Metrics::default()));
    store.is_broken.store(true, Ordering::Relaxed);
    let writer = started(Arc::<BrittleStore>::clone(&store), &metrics);
    let start = Timestamp::from_secs(1_000_000);
    writer.record(record(true, start));
    assert!(writer.flush_now().await.is_err());
    writer.record(record(false, start + Duration::from_secs(1)));
    assert!(writer.flush_now().await.is_err());
    assert_eq!(metrics.presence_write_errors_total.get(), 2);
    store.is_broken.store(false, Ordering::Relaxed);
    // Nobody asks for a flush: the task tries again by itself.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let user = store.user(UserId(Uuid::from_u128(1))).await.unwrap().unwrap();
    assert_eq!((user.is_online, user.last_seen), (false, Some(start + Duration::from_secs(1))));
    assert_eq!(metrics.presence_rows_pending.get(), 0);
}

#[tokio::test]
async fn activity_is_written_after_whoever_it_is_about_and_once() {
    let store = Arc::new(BrittleStore::default());
    store.is_activity_lost.store(true, Ordering::Relaxed);
    let writer = started(Arc::<BrittleStore>::clone(&store), &Arc::default());
    let (start, user_id) = (Timestamp::from_secs(1_000_000), UserId(Uuid::from_u128(1)));
    for n in 0..3 {
        writer.happened(ActivityEntry {
            id: ActivityId(Uuid::new_v4()),
            user_id,
            kind: ActivityKind::Joined,
            status: Status::Online,
            at: start + Duration::from_secs(n),
            version: n,
            session_id: None,
            audience: None,
        });
    }
    writer.record(record(true, start));
    // The first attempt writes the rows, and its answer is lost.
    assert!(writer.flush_now().await.is_err());
    store.is_activity_lost.store(false, Ordering::Relaxed);
    writer.flush_now().await.unwrap();
    let query = ActivityQuery { viewer: user_id, scope: ActivityScope::Of(user_id), before: None, limit: 10 };
    let rows = store.activity(&query).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.entry.version).collect::<Vec<_>>(), [2, 1, 0]);
}

/// A store that can be broken and mended.
#[derive(Default)]
struct BrittleStore {
    inner: MemoryStore,
    is_broken: AtomicBool,
    /// Activity is written, and the answer says that it is not.
    is_activity_lost: AtomicBool,
}

#[async_trait]
impl ActivityStore for BrittleStore {
    async fn record_activity(&self, entries: &[ActivityEntry]) -> Result<u64, StoreError> {
        let written = self.whole()?.record_activity(entries).await;
        if self.is_activity_lost.load(Ordering::Relaxed) {
            Err(sqlx::Error::PoolTimedOut.into())
        } else {
            written
        }
    }

    async fn activity(&self, query: &ActivityQuery) -> Result<ActivitySlice, StoreError> {
        self.whole()?.activity(query).await
    }

    async fn forget_activity(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.whole()?.forget_activity(at).await
    }
}

impl BrittleStore {
    fn whole(&self) -> Result<&MemoryStore, StoreError> {
        let is_broken = self.is_broken.load(Ordering::Relaxed);
        if is_broken { Err(sqlx::Error::PoolTimedOut.into()) } else { Ok(&self.inner) }
    }
}

#[async_trait]
impl Store for BrittleStore {
    async fn check(&self) -> Result<(), StoreError> {
        self.whole()?.check().await
    }

    async fn tidy(&self) -> Result<u64, StoreError> {
        self.whole()?.tidy().await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.whole()?.user(id).await
    }

    async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError> {
        self.whole()?.users_named(name).await
    }

    async fn list_users(&self, limit: u32) -> Result<Vec<User>, StoreError> {
        self.whole()?.list_users(limit).await
    }

    async fn add_user(&self, profile: &Profile, created_at: Timestamp) -> Result<(), StoreError> {
        self.whole()?.add_user(profile, created_at).await
    }

    async fn remove_user(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        self.whole()?.remove_user(id, at).await
    }

    async fn record_presence(
        &self,
        records: &[PresenceRecord],
        strangers: Strangers,
    ) -> Result<(), StoreError> {
        self.whole()?.record_presence(records, strangers).await
    }

    async fn record_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        self.whole()?.record_seen(seen).await
    }

    async fn nobody_is_online(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.whole()?.nobody_is_online(now).await
    }

    async fn recent(&self, since: Timestamp, limit: u32, excluding: UserId) -> Result<Vec<User>, StoreError> {
        self.whole()?.recent(since, limit, excluding).await
    }
}
