//! The public keys of an issuer, fetched from its JWKS URL: kept while the issuer is away, gone soon after it takes one
//! back.

mod document;
mod fetch;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::{sync::Mutex, time::Instant};

pub(super) use document::PublicKey;

use crate::{metrics::Metrics, settings::JwksSettings, shutdown::Shutdown};

/// A token that names an unknown key has the keys fetched again, but not within this time after the last attempt:
/// whoever invents names costs the issuer one request in this time.
const REFETCH_PAUSE: Duration = Duration::from_secs(5);
/// How long keys are believed while their source does not answer.
const KEPT_WITHOUT_SOURCE: Duration = Duration::from_secs(24 * 3600);

/// The keys, and where they come from.
pub struct Jwks {
    settings: JwksSettings,
    metrics: Arc<Metrics>,
    // Held for a clone of the `Arc`.
    keys: RwLock<Arc<[PublicKey]>>,
    /// Held while the keys are fetched, so that many who wait share one request.
    attempts: Mutex<Attempts>,
}

#[derive(Default)]
struct Attempts {
    last: Option<Instant>,
    last_good: Option<Instant>,
}

impl Jwks {
    /// No keys yet.
    pub fn new(settings: JwksSettings, metrics: Arc<Metrics>) -> Self {
        Self { settings, metrics, keys: RwLock::new(Arc::new([])), attempts: Mutex::default() }
    }

    /// Fetches the keys once, so that those who reconnect to a server that just started find them, and then again and
    /// again until the server stops. Without an answer the server starts all the same.
    pub async fn start(self: &Arc<Self>, shutdown: Shutdown) {
        self.attempt(&mut *self.attempts.lock().await).await;
        let jwks = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(jwks.settings.refresh) => {}
                    () = shutdown.wait() => return,
                }
                jwks.attempt(&mut *jwks.attempts.lock().await).await;
            }
        });
    }

    /// The keys as they are known.
    pub(super) fn keys(&self) -> Arc<[PublicKey]> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the keys again, unless that was done moments ago. `false`: nothing was fetched since this was called.
    pub(super) async fn refreshed(&self) -> bool {
        let asked_at = Instant::now();
        let mut attempts = self.attempts.lock().await;
        match attempts.last {
            // Somebody else asked at the same time.
            Some(last) if last >= asked_at => true,
            Some(last) if last.elapsed() < REFETCH_PAUSE => false,
            _ => {
                self.attempt(&mut attempts).await;
                true
            }
        }
    }

    async fn attempt(&self, attempts: &mut Attempts) {
        let url = self.settings.url.clone();
        let outcome =
            tokio::task::spawn_blocking(move || fetch::get(&url).and_then(|text| document::parse(&text)))
                .await
                .unwrap_or_else(|_| Err("the request panicked".to_owned()));
        // From here on counts, so that nobody who asked before the answer came is told there is none.
        let now = Instant::now();
        attempts.last = Some(now);
        match outcome {
            Ok(keys) => {
                if attempts.last_good.is_none() {
                    tracing::info!(keys = keys.len(), "the keys of the JWKS URL are here");
                }
                attempts.last_good = Some(now);
                self.set(keys);
            }
            Err(why) => {
                self.metrics.jwks_fetch_errors_total.inc();
                tracing::warn!(
                    why,
                    "the keys of the JWKS URL could not be fetched; those known before are kept"
                );
                if attempts.last_good.is_some_and(|at| at.elapsed() >= KEPT_WITHOUT_SOURCE) {
                    tracing::error!(
                        "the JWKS URL has not answered for a day; its keys are no longer believed"
                    );
                    attempts.last_good = None;
                    self.set(Vec::new());
                }
            }
        }
    }

    fn set(&self, keys: Vec<PublicKey>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }
}

#[cfg(test)]
#[path = "jwks_tests.rs"]
mod tests;
