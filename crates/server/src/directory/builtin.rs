//! The directories `builtin` and `adopt`: a person is whoever the users table has; a token only says which of them.

use std::{sync::Arc, time::Duration};

use hereabouts_engine::Profile;
use hereabouts_protocol::UserId;

use super::{cache::ProfileCache, names};
use crate::{
    auth::Refusal,
    clock::Clock,
    limits::{PROFILE_CACHE_MAX, PROFILE_CACHE_TTL},
    metrics::Metrics,
    store::Store,
};

/// Tells what a person is called, and that there is nobody with an id that is not in the table, however well the token
/// is signed.
pub struct BuiltinDirectory {
    store: Arc<dyn Store>,
    cache: ProfileCache,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl BuiltinDirectory {
    /// A directory of the people in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Clock, metrics: Arc<Metrics>) -> Self {
        Self::believing(PROFILE_CACHE_TTL, store, clock, metrics)
    }

    /// The same where others change the table without telling: what was read is believed for `ttl`.
    pub fn believing(ttl: Duration, store: Arc<dyn Store>, clock: Clock, metrics: Arc<Metrics>) -> Self {
        Self { store, cache: ProfileCache::new(PROFILE_CACHE_MAX, ttl), clock, metrics }
    }

    /// The profile of this person.
    pub async fn profile(&self, user_id: UserId) -> Result<Profile, Refusal> {
        let now = self.clock.now();
        if let Some(profile) = self.cache.get(user_id, now) {
            return Ok(profile);
        }
        self.metrics.profile_reads_total.inc();
        match self.store.user(user_id).await {
            Ok(Some(user)) if user.is_disabled => Err(Refusal::Forbidden),
            Ok(Some(user)) => {
                self.cache.put(user.profile.clone(), now);
                Ok(user.profile)
            }
            Ok(None) => Err(Refusal::Unauthorized("This account does not exist any more. Register again.")),
            // While the database is away, a good token is enough: being here matters more than the name, and the next
            // connection asks again.
            Err(error) => {
                tracing::warn!(%error, "cannot read a user's name; showing the short id instead");
                Ok(names::profile(user_id, "", None, None))
            }
        }
    }

    /// Asks the users table again the next time.
    pub fn forget(&self, user_id: UserId) {
        self.cache.remove(user_id);
    }
}
