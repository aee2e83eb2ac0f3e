//! Reads what people decided, for the engine: when they come, when somebody looks at them, and after each change.
//!
//! One task, one batch at a time: whatever it gives the hub was read later than what it gave before, so nothing old ever
//! comes after something new. A change is loaded, not handed over, for the same reason: of two changes that are made at
//! once, the database knows which is the later.

use std::sync::Arc;
use std::time::Duration;

use hereabouts_engine::{Person, Profile};
use hereabouts_protocol::{Timestamp, UserId};
use tokio::sync::{mpsc, oneshot};
use tokio::time;

use super::{Message, Sender};
use crate::gateway::{Cause, ConnectionId};
use crate::limits::ROWS_PER_STATEMENT_MAX;
use crate::store::{PeopleStore, PersonAtRest};

/// When to try again after the database refused.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// People to read. Bounded by the sessions and requests that wait for them, each with one entry.
#[derive(Debug)]
pub(crate) struct LoadRequest {
    /// Whom.
    pub(crate) ids: Vec<UserId>,
    /// Told once what was read is in force; dropped when it cannot be read now.
    pub(crate) done: Option<oneshot::Sender<()>>,
    /// A subscription to answer then.
    pub(crate) answer: Option<(ConnectionId, Cause)>,
}

/// What was read of somebody.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) user_id: UserId,
    /// `None`: not in the users table.
    pub(crate) found: Option<(Arc<Profile>, Arc<Person>, Option<Timestamp>)>,
}

/// Serves requests until nobody can make any.
pub(crate) async fn serve(
    store: Arc<dyn PeopleStore>,
    hub: Sender,
    mut requests: mpsc::UnboundedReceiver<LoadRequest>,
) {
    let mut epoch = 0;
    let mut unread: Vec<UserId> = Vec::new();
    loop {
        let request = match unread.as_slice() {
            [] => requests.recv().await,
            _ => Some(requests.try_recv().unwrap_or(NOTHING)),
        };
        let Some(request) = request else { return };
        let was_reading = unread.is_empty();
        let mut batch = Batch { ids: std::mem::take(&mut unread), ..Batch::default() };
        batch.add(request);
        while batch.ids.len() < ROWS_PER_STATEMENT_MAX
            && let Ok(request) = requests.try_recv()
        {
            batch.add(request);
        }
        epoch += 1;
        match store.people(&batch.ids).await {
            Ok(found) => hub.send_async(batch.loaded(found, epoch)).await,
            Err(error) => {
                if was_reading {
                    tracing::warn!(%error, "cannot read what people decided; until then they are shown as not here");
                }
                let (ids, waiting) = (batch.ids.clone(), batch.waiting);
                hub.send_async(Message::Unreadable { ids, waiting }).await;
                unread = batch.ids;
                time::sleep(RETRY_AFTER).await;
            }
        }
    }
}

const NOTHING: LoadRequest = LoadRequest { ids: Vec::new(), done: None, answer: None };

#[derive(Default)]
struct Batch {
    ids: Vec<UserId>,
    done: Vec<oneshot::Sender<()>>,
    waiting: Vec<(ConnectionId, Cause)>,
}

impl Batch {
    fn add(&mut self, request: LoadRequest) {
        self.ids.extend(request.ids);
        self.done.extend(request.done);
        self.waiting.extend(request.answer);
    }

    fn loaded(mut self, found: Vec<PersonAtRest>, epoch: u64) -> Message {
        self.ids.sort_unstable();
        self.ids.dedup();
        let mut found: std::collections::HashMap<_, _> =
            found.into_iter().map(|person| (person.user.profile.user_id, person)).collect();
        let people = self.ids.into_iter().map(|user_id| {
            let found = found.remove(&user_id).map(|PersonAtRest { user, person }| {
                (Arc::new(user.profile), Arc::new(person), user.last_seen)
            });
            Loaded { user_id, found }
        });
        Message::Loaded { people: people.collect(), epoch, done: self.done, waiting: self.waiting }
    }
}
