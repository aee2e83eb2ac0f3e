//! What no longer counts although it is well signed: sign-ins that ended, and people who may not come in.
//!
//! Kept in memory, so that no request and no upgrade waits for the database; read from the store's log at the start,
//! after each revocation of our own, and every two seconds because of others (the command line).
//! A sign-in stands here until its last access token has run out by itself: 15 minutes, so the list is as long as
//! people sign out in that time.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use hereabouts_protocol::{Timestamp, UserId};
use tokio::sync::Mutex;

use super::{Refusal, Sid};
use crate::store::{AccountStore, Revocation, RevocationKind, StoreError};

const SIGNED_OUT: Refusal = Refusal::Unauthorized("You were signed out. Sign in again.");

/// The list.
pub struct Revocations {
    store: Arc<dyn AccountStore>,
    // Held for a lookup or a few inserts, never across an await.
    list: RwLock<List>,
    /// How far the log has been read. Held while it is read, so that nothing is taken twice or out of order.
    read_to: Mutex<i64>,
}

#[derive(Default)]
struct List {
    /// Sign-ins that are over, until when they are remembered.
    sids: HashMap<Sid, Timestamp>,
    disabled: HashSet<UserId>,
}

impl Revocations {
    /// Reads what the store has. `now` decides what has run out already.
    pub async fn load(store: Arc<dyn AccountStore>, now: Timestamp) -> Result<Self, StoreError> {
        // The log first: whoever is disabled between the two reads is in the second, and in the log after the first.
        let log = store.revocations_after(0).await?;
        let mut list =
            List { disabled: store.disabled_users().await?.into_iter().collect(), ..List::default() };
        let read_to = log.last().map_or(0, |line| line.seq);
        for Revocation { kind, ends_at, .. } in log {
            if let RevocationKind::SignedOut(sid) = kind {
                list.sids.insert(sid, ends_at);
            }
        }
        list.sids.retain(|_, ends_at| *ends_at > now);
        Ok(Self { store, list: RwLock::new(list), read_to: Mutex::new(read_to) })
    }

    /// Whether somebody with this sign-in may come in.
    pub fn check(&self, user_id: UserId, sid: Option<Sid>) -> Result<(), Refusal> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        if list.disabled.contains(&user_id) {
            return Err(Refusal::Forbidden);
        }
        match sid {
            Some(sid) if list.sids.contains_key(&sid) => Err(SIGNED_OUT),
            _ => Ok(()),
        }
    }

    /// Takes over what the log has got since the last time, and returns it.
    pub async fn sweep(&self, now: Timestamp) -> Result<Vec<Revocation>, StoreError> {
        let mut read_to = self.read_to.lock().await;
        let news = self.store.revocations_after(*read_to).await?;
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        for line in &news {
            match line.kind {
                RevocationKind::SignedOut(sid) => {
                    list.sids.insert(sid, line.ends_at);
                }
                RevocationKind::Disabled => {
                    list.disabled.insert(line.user_id);
                }
                RevocationKind::Enabled | RevocationKind::Removed => {
                    list.disabled.remove(&line.user_id);
                }
            }
            *read_to = line.seq;
        }
        list.sids.retain(|_, ends_at| *ends_at > now);
        drop(list);
        Ok(news)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hereabouts_engine::Profile;
    use uuid::Uuid;

    use super::*;
    use crate::store::{MemoryStore, SignIn, Store, TokenTrace};

    const NOON: Timestamp = Timestamp::from_secs(1_795_478_400);
    const TTL: Duration = Duration::from_secs(900);

    async fn store_with_ada() -> (Arc<MemoryStore>, UserId, Sid) {
        let (store, user_id, sid) =
            (Arc::new(MemoryStore::default()), UserId(Uuid::from_u128(1)), Sid::random());
        let profile =
            Profile { user_id, username: "Ada".into(), profile_image_url: None, slug: "ada".into() };
        store.add_user(&profile, NOON).await.unwrap();
        let tokens =
            TokenTrace { refresh_hash: "x".into(), access_ends_at: NOON + TTL, ends_at: NOON + TTL * 9 };
        store.open_sign_in(&SignIn { sid, user_id, tokens, at: NOON }).await.unwrap();
        (store, user_id, sid)
    }

    #[tokio::test]
    async fn a08_what_another_process_revokes_is_refused_after_a_sweep_until_it_has_run_out() {
        let (store, ada, sid) = store_with_ada().await;
        let revocations = Revocations::load(store.clone(), NOON).await.unwrap();
        assert_eq!(revocations.check(ada, Some(sid)), Ok(()));
        store.end_sign_in(sid).await.unwrap();
        assert_eq!(revocations.sweep(NOON).await.unwrap().len(), 1);
        assert_eq!(revocations.check(ada, Some(sid)), Err(SIGNED_OUT));
        assert_eq!(revocations.check(ada, None), Ok(()), "a token of another sign-in, or of none");
        assert!(revocations.sweep(NOON + TTL).await.unwrap().is_empty(), "nothing is told twice");
        assert!(revocations.list.read().unwrap().sids.is_empty());
    }

    #[tokio::test]
    async fn a08_a_restart_forgets_nothing() {
        let (store, ada, sid) = store_with_ada().await;
        store.end_sign_in(sid).await.unwrap();
        let revocations = Revocations::load(store.clone(), NOON).await.unwrap();
        assert_eq!(revocations.check(ada, Some(sid)), Err(SIGNED_OUT));
        assert!(revocations.sweep(NOON).await.unwrap().is_empty());
        store.set_disabled(ada, true, NOON).await.unwrap();
        let revocations = Revocations::load(store.clone(), NOON).await.unwrap();
        assert_eq!(revocations.check(ada, None), Err(Refusal::Forbidden));
        store.set_disabled(ada, false, NOON).await.unwrap();
        revocations.sweep(NOON).await.unwrap();
        assert_eq!(revocations.check(ada, None), Ok(()));
    }
}
