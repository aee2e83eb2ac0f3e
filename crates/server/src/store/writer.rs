//! Write-behind: presence changes wait in memory, collapsed per person, and reach the database in batches.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hereabouts_protocol::{Timestamp, UserId};
use tokio::{sync::Notify, time};

use super::{PresenceRecord, Store, StoreError, Strangers};
use crate::{
    limits::{PENDING_PRESENCE_MAX, ROWS_PER_TRANSACTION_MAX, WRITE_BEHIND},
    metrics::Metrics,
    shutdown::Shutdown,
};

/// The first wait after a failed write; it doubles up to [`BACKOFF_MAX`].
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// At shutdown the database has this long to take what is left.
const LAST_WRITE_TIMEOUT: Duration = Duration::from_secs(5);

/// Takes presence to write; never blocks and never fails. Cheap to clone.
#[derive(Clone)]
pub struct PresenceWriter(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    strangers: Strangers,
    metrics: Arc<Metrics>,
    // Held to put one entry in or take all out, never across an await.
    pending: Mutex<Pending>,
    has_pending: Notify,
    /// What the last write failed with, until one succeeds.
    trouble: Mutex<Option<String>>,
    /// Held while a batch is written: whoever gets it next knows that everything recorded before is at rest.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Pending {
    records: HashMap<UserId, PresenceRecord>,
    seen: HashMap<UserId, Timestamp>,
}

impl PresenceWriter {
    /// Starts the task that writes. It ends, after a last write, when `shutdown` is triggered.
    pub fn start(
        store: Arc<dyn Store>,
        strangers: Strangers,
        metrics: Arc<Metrics>,
        shutdown: Shutdown,
    ) -> Self {
        let writer = Self(Arc::new(Shared {
            store,
            strangers,
            metrics,
            pending: Mutex::default(),
            has_pending: Notify::new(),
            trouble: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }));
        tokio::spawn(writer.clone().run(shutdown));
        writer
    }

    /// Takes the new state of one person; a later one replaces it if it is not written yet.
    pub fn record(&self, record: PresenceRecord) {
        let mut pending = self.pending();
        let user_id = record.profile.user_id;
        pending.seen.remove(&user_id);
        if pending.len() >= PENDING_PRESENCE_MAX && !pending.records.contains_key(&user_id) {
            // Where somebody was last seen matters less than whether they are here.
            self.0.metrics.presence_rows_dropped_total.add(pending.seen.len() as u64);
            pending.seen.clear();
            if pending.len() >= PENDING_PRESENCE_MAX {
                self.0.metrics.presence_rows_dropped_total.inc();
                return;
            }
        }
        pending.records.insert(user_id, record);
        self.noted(&pending);
    }

    /// Takes the time of the last frame of somebody who is online and stays so.
    pub fn seen(&self, user_id: UserId, last_seen: Timestamp) {
        let mut pending = self.pending();
        if let Some(record) = pending.records.get_mut(&user_id) {
            record.last_seen = record.last_seen.max(last_seen);
            return;
        }
        if pending.len() >= PENDING_PRESENCE_MAX && !pending.seen.contains_key(&user_id) {
            self.0.metrics.presence_rows_dropped_total.inc();
            return;
        }
        pending.seen.insert(user_id, last_seen);
        self.noted(&pending);
    }

    /// Writes everything recorded before this call. One attempt: what failed stays pending and is tried again by the
    /// task.
    pub async fn flush_now(&self) -> Result<(), StoreError> {
        let _writing = self.0.writing.lock().await;
        // Each round takes a batch; a bound, because others may record as fast as we write.
        for _ in 0..=PENDING_PRESENCE_MAX / ROWS_PER_TRANSACTION_MAX {
            let (records, seen) = self.pending().take_batch();
            if records.is_empty() && seen.is_empty() {
                break;
            }
            if let Err(error) = self.write(&records, &seen).await {
                self.0.metrics.presence_write_errors_total.inc();
                self.pending().put_back(records, seen);
                self.set_trouble(Some(error.described()));
                return Err(error);
            }
            self.set_trouble(None);
            self.0.metrics.presence_rows_written_total.add((records.len() + seen.len()) as u64);
        }
        self.0.metrics.presence_rows_pending.set(self.pending().len() as u64);
        Ok(())
    }

    /// Why presence cannot be written; `None` while it can. It is tried again all the time.
    pub fn trouble(&self) -> Option<String> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_trouble(&self, trouble: Option<String>) {
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    async fn write(
        &self,
        records: &[PresenceRecord],
        seen: &[(UserId, Timestamp)],
    ) -> Result<(), StoreError> {
        if !records.is_empty() {
            self.0.store.record_presence(records, self.0.strangers).await?;
        }
        if !seen.is_empty() {
            self.0.store.record_seen(seen).await?;
        }
        Ok(())
    }

    async fn run(self, shutdown: Shutdown) {
        let mut backoff = BACKOFF_MIN;
        while !shutdown.is_triggered() {
            tokio::select! {
                () = self.0.has_pending.notified() => {}
                () = shutdown.wait() => break,
            }
            // Changes come in waves; one batch takes them all.
            wait(WRITE_BEHIND, &shutdown).await;
            while let Err(error) = self.flush_now().await {
                let pending = self.pending().len();
                let what = error.described();
                tracing::warn!(%error, pending, "cannot write presence ({what}); trying again in {backoff:?}");
                if wait(backoff, &shutdown).await {
                    break;
                }
                backoff = (backoff * 2).min(BACKOFF_MAX);
            }
            backoff = BACKOFF_MIN;
        }
    }

    /// The last write, when nobody records any more.
    pub async fn finish(&self) {
        match time::timeout(LAST_WRITE_TIMEOUT, self.flush_now()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the last presence was not written"),
            Err(_) => tracing::error!("the last presence was not written: the database did not answer"),
        }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted(&self, pending: &Pending) {
        self.0.metrics.presence_rows_pending.set(pending.len() as u64);
        self.0.has_pending.notify_one();
    }
}

impl Pending {
    fn len(&self) -> usize {
        self.records.len() + self.seen.len()
    }

    fn take_batch(&mut self) -> (Vec<PresenceRecord>, Vec<(UserId, Timestamp)>) {
        if self.len() <= ROWS_PER_TRANSACTION_MAX {
            let records = mem::take(&mut self.records).into_values().collect();
            return (records, mem::take(&mut self.seen).into_iter().collect());
        }
        let ids: Vec<_> = self.records.keys().take(ROWS_PER_TRANSACTION_MAX).copied().collect();
        let records: Vec<_> = ids.iter().filter_map(|id| self.records.remove(id)).collect();
        let ids: Vec<_> = self.seen.keys().take(ROWS_PER_TRANSACTION_MAX - records.len()).copied().collect();
        (records, ids.iter().filter_map(|id| self.seen.remove_entry(id)).collect())
    }

    /// After a failed write: what was recorded meanwhile is newer and stays.
    fn put_back(&mut self, records: Vec<PresenceRecord>, seen: Vec<(UserId, Timestamp)>) {
        for record in records {
            let user_id = record.profile.user_id;
            if !self.records.contains_key(&user_id) {
                let last_seen = self.seen.remove(&user_id).unwrap_or_default().max(record.last_seen);
                self.records.insert(user_id, PresenceRecord { last_seen, ..record });
            }
        }
        for (user_id, at) in seen {
            if !self.records.contains_key(&user_id) {
                self.seen.entry(user_id).or_insert(at);
            }
        }
    }
}

/// Sleeps, or less when the server stops; true if it does.
async fn wait(duration: Duration, shutdown: &Shutdown) -> bool {
    tokio::select! {
        () = time::sleep(duration) => false,
        () = shutdown.wait() => true,
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
