//! Tests of the write-behind: what is recorded is at rest after a flush, and the last word of each person counts.

use std::sync::Arc;
use std::time::Duration;

use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use uuid::Uuid;

use super::PresenceWriter;
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;
use crate::store::{MemoryStore, PresenceRecord, Store};

fn record(is_online: bool, last_seen: Timestamp) -> PresenceRecord {
    let user_id = UserId(Uuid::from_u128(1));
    let profile = Profile { user_id, username: "Ada".into(), profile_image_url: None, slug: "ada".into() };
    PresenceRecord { profile: Arc::new(profile), is_online, last_seen }
}

#[tokio::test]
async fn the_last_word_is_at_rest_after_a_flush() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let writer = PresenceWriter::start(Arc::clone(&store), Arc::new(Metrics::default()), Shutdown::new());
    let start = Timestamp::from_secs(1_000_000);
    writer.record(record(true, start));
    writer.record(record(false, start + Duration::from_secs(1)));
    writer.flush_now().await.unwrap();
    let user = store.user(UserId(Uuid::from_u128(1))).await.unwrap().unwrap();
    assert_eq!((user.is_online, user.last_seen), (false, Some(start + Duration::from_secs(1))));
}
