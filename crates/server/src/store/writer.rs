//! Write-behind: presence changes wait in memory, collapsed per person, and reach the database in batches; activity waits
//! beside them, every row of it.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hereabouts_protocol::{Timestamp, UserId};
use tokio::{sync::Notify, time};

use super::{ActivityEntry, ActivityStore, PresenceRecord, Store, StoreError, Strangers};
use crate::{
    limits::{PENDING_ACTIVITY_MAX, PENDING_PRESENCE_MAX, ROWS_PER_TRANSACTION_MAX, WRITE_BEHIND},
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
    activity: Arc<dyn ActivityStore>,
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
    activity: VecDeque<ActivityEntry>,
}

/// What is written together.
#[derive(Default)]
struct Batch {
    records: Vec<PresenceRecord>,
    seen: Vec<(UserId, Timestamp)>,
    activity: Vec<ActivityEntry>,
}

impl PresenceWriter {
    /// Starts the task that writes. It ends, after a last write, when `shutdown` is triggered.
    pub fn start(
        store: Arc<dyn Store>,
        activity: Arc<dyn ActivityStore>,
        strangers: Strangers,
        metrics: Arc<Metrics>,
        shutdown: Shutdown,
    ) -> Self {
        let writer = Self(Arc::new(Shared {
            store,
            activity,
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

    /// Takes the state of one person that another program has overwritten at rest, unless there is something newer.
    pub(crate) fn restore(&self, record: PresenceRecord) {
        let is_pending = self.pending().records.contains_key(&record.profile.user_id);
        if !is_pending {
            self.record(record);
        }
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

    /// Takes a change of somebody's public state. It is written after the presence that came before it, so that whoever
    /// enters the users table with it is there.
    pub fn happened(&self, entry: ActivityEntry) {
        let mut pending = self.pending();
        if pending.activity.len() >= PENDING_ACTIVITY_MAX {
            self.0.metrics.presence_rows_dropped_total.inc();
            return;
        }
        pending.activity.push_back(entry);
        self.noted(&pending);
    }

    /// Writes everything recorded before this call. One attempt: what failed stays pending and is tried again by the
    /// task.
    pub async fn flush_now(&self) -> Result<(), StoreError> {
        let _writing = self.0.writing.lock().await;
        // Each round takes a batch; a bound, because others may record as fast as we write.
        for _ in 0..=PENDING_PRESENCE_MAX / ROWS_PER_TRANSACTION_MAX {
            let batch = self.pending().take_batch();
            if batch.len() == 0 {
                break;
            }
            if let Err(error) = self.write(&batch).await {
                self.0.metrics.presence_write_errors_total.inc();
                self.pending().put_back(batch);
                self.set_trouble(Some(error.described()));
                return Err(error);
            }
            self.set_trouble(None);
            self.0.metrics.presence_rows_written_total.add(batch.len() as u64);
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

    /// What was written before something failed is written again; each part comes to the same when it is done twice.
    async fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        if !batch.records.is_empty() {
            self.0.store.record_presence(&batch.records, self.0.strangers).await?;
        }
        if !batch.seen.is_empty() {
            self.0.store.record_seen(&batch.seen).await?;
        }
        if !batch.activity.is_empty() {
            self.0.activity.record_activity(&batch.activity).await?;
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
        self.records.len() + self.seen.len() + self.activity.len()
    }

    fn take_batch(&mut self) -> Batch {
        if self.len() <= ROWS_PER_TRANSACTION_MAX {
            let records = mem::take(&mut self.records).into_values().collect();
            let (seen, activity) = (mem::take(&mut self.seen), mem::take(&mut self.activity));
            return Batch { records, seen: seen.into_iter().collect(), activity: activity.into() };
        }
        let ids: Vec<_> = self.records.keys().take(ROWS_PER_TRANSACTION_MAX).copied().collect();
        let records: Vec<_> = ids.iter().filter_map(|id| self.records.remove(id)).collect();
        let ids: Vec<_> = self.seen.keys().take(ROWS_PER_TRANSACTION_MAX - records.len()).copied().collect();
        let seen: Vec<_> = ids.iter().filter_map(|id| self.seen.remove_entry(id)).collect();
        // Only when all presence is in this batch or in one before it.
        let room =
            if self.records.is_empty() { ROWS_PER_TRANSACTION_MAX - records.len() - seen.len() } else { 0 };
        let activity = self.activity.drain(..room.min(self.activity.len())).collect();
        Batch { records, seen, activity }
    }

    /// After a failed write: what was recorded meanwhile is newer and stays.
    fn put_back(&mut self, Batch { records, seen, activity }: Batch) {
        for entry in activity.into_iter().rev() {
            self.activity.push_front(entry);
        }
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

impl Batch {
    fn len(&self) -> usize {
        self.records.len() + self.seen.len() + self.activity.len()
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
