//! Passwords: Argon2id, off the threads that answer requests, a few at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task};

use super::AccountError;
use crate::{
    limits::{PASSWORD_HASHES_AT_ONCE_MAX, PASSWORD_HASHES_WAITING_MAX},
    metrics::Metrics,
};

/// What a password is compared with where there is none, so that this takes as long: the hash of chance that nobody
/// kept, with the costs of [`Argon2::default`] (19 MiB, 2 rounds, 1 lane: OWASP's first choice).
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$iy3SzNnZkxWbkT0oOmnJ0A$DzNhD7C8wFwkzT5v0pIZyNkF0aTG8Vnn5Iy1l3o1mmM";

/// Hashes and compares passwords.
pub(super) struct Hasher {
    permits: Arc<Semaphore>,
    n_waiting: AtomicUsize,
    metrics: Arc<Metrics>,
}

impl Hasher {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        let n_cores = thread::available_parallelism().map_or(1, usize::from);
        let at_once = n_cores.saturating_sub(1).clamp(1, PASSWORD_HASHES_AT_ONCE_MAX);
        Self { permits: Arc::new(Semaphore::new(at_once)), n_waiting: AtomicUsize::new(0), metrics }
    }

    /// The hash of a new password, as a PHC string.
    pub(super) async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.work(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| tracing::error!(%error, "a password cannot be hashed"))
        })
        .await?
        .map_err(|()| AccountError::Busy)
    }

    /// Whether this is the password. Without a hash it is not, and to find that out takes as long.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AccountError> {
        self.work(move || {
            let is_somebodys = hash.is_some();
            let hash = hash.as_deref().unwrap_or(NOBODYS_HASH);
            let is_right = PasswordHash::new(hash)
                .inspect_err(|error| tracing::error!(%error, "the hash of a password cannot be read"))
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            is_right && is_somebodys
        })
        .await
    }

    /// Runs one hash's worth of work on a thread that may block, when it is its turn. The permit goes with the work:
    /// a client that hangs up frees nothing.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let waiting = Waiting::begin(&self.n_waiting)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| AccountError::Busy)?;
        drop(waiting);
        self.metrics.password_hashes_total.inc();
        task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|_| AccountError::Busy)
    }
}

/// Counts one who waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(n_waiting: &'a AtomicUsize) -> Result<Self, AccountError> {
        let waiting = Self(n_waiting);
        if n_waiting.fetch_add(1, Ordering::Relaxed) >= PASSWORD_HASHES_WAITING_MAX {
            return Err(AccountError::Busy);
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> Hasher {
        Hasher::new(Arc::default())
    }

    #[tokio::test]
    async fn a37_a_password_is_its_own_hash_is_argon2id_and_nobodys_hash_costs_the_same() {
        let hasher = hasher();
        let hash = hasher.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hasher.hash("correct horse".to_owned()).await.unwrap(), "each has its own salt");
        assert!(hasher.verify("correct horse".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct house".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct horse".to_owned(), None).await.unwrap());
        assert_eq!(hasher.metrics.password_hashes_total.get(), 5);
        let nobodys = PasswordHash::new(NOBODYS_HASH).unwrap();
        let somebodys = PasswordHash::new(&hash).unwrap();
        assert_eq!(
            (nobodys.algorithm, nobodys.version, nobodys.params.to_string()),
            (somebodys.algorithm, somebodys.version, somebodys.params.to_string())
        );
        assert_eq!(nobodys.hash.unwrap().len(), somebodys.hash.unwrap().len());
    }

    #[tokio::test]
    async fn a_crowd_that_waits_is_bounded() {
        let hasher = hasher();
        let n_permits = hasher.permits.available_permits();
        let held = Arc::clone(&hasher.permits).acquire_many_owned(n_permits as u32).await.unwrap();
        let crowd: Vec<_> = (0..PASSWORD_HASHES_WAITING_MAX).map(|_| hasher.work(|| ())).collect();
        let mut crowd: Vec<_> = crowd.into_iter().map(Box::pin).collect();
        for one in &mut crowd {
            assert!(
                std::future::poll_fn(|context| std::task::Poll::Ready(
                    one.as_mut().poll(context).is_pending()
                ))
                .await
            );
        }
        assert!(matches!(hasher.work(|| ()).await, Err(AccountError::Busy)));
        drop(held);
        for one in crowd {
            one.await.unwrap();
        }
        hasher.work(|| ()).await.unwrap();
        assert_eq!(hasher.n_waiting.load(Ordering::Relaxed), 0);
    }
}
