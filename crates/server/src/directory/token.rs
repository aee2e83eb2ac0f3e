//! The directory `token`: a person is whoever their token says.

use std::sync::Arc;

use hereabouts_engine::Profile;
use hereabouts_protocol::UserId;

use super::{cache::ProfileCache, names};
use crate::{
    auth::Claims,
    clock::Clock,
    limits::{PROFILE_CACHE_MAX, PROFILE_CACHE_TTL},
    metrics::Metrics,
    store::Store,
};

/// Tells what a person is called. A token with a name is believed; without one the users table is asked, and people
/// who are not in it are called by the first eight characters of their id. Nobody is written here: people enter the
/// table with their first presence record, behind the handshake.
pub struct TokenDirectory {
    store: Arc<dyn Store>,
    cache: ProfileCache,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl TokenDirectory {
    /// A directory that asks `store` for people whose token carries no name.
    pub fn new(store: Arc<dyn Store>, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let cache = ProfileCache::new(PROFILE_CACHE_MAX, PROFILE_CACHE_TTL);
        Self { store, cache, clock, metrics }
    }

    /// The profile for these claims. Costs at most one read, and only without a name in the token.
    pub async fn profile(&self, claims: Claims) -> Profile {
        match claims.username.as_deref().map(str::trim) {
            Some(name) if !name.is_empty() => {
                names::profile(claims.user_id, name, claims.picture.as_deref(), claims.slug.as_deref())
            }
            _ => self.known(claims.user_id, claims.picture.as_deref()).await,
        }
    }

    /// Asks the users table again the next time.
    pub fn forget(&self, user_id: UserId) {
        self.cache.remove(user_id);
    }

    async fn known(&self, user_id: UserId, picture: Option<&str>) -> Profile {
        let now = self.clock.now();
        if let Some(profile) = self.cache.get(user_id, now) {
            return profile;
        }
        self.metrics.profile_reads_total.inc();
        let nameless = || names::profile(user_id, "", picture, None);
        match self.store.user(user_id).await {
            Ok(user) => {
                let profile = user.map_or_else(nameless, |user| user.profile);
                self.cache.put(profile.clone(), now);
                profile
            }
            // Being here matters more than the name: they enter without one, and the next connection asks again.
            Err(error) => {
                tracing::warn!(%error, "cannot read a user's name; showing the short id instead");
                nameless()
            }
        }
    }
}
