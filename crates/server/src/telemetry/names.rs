//! What a log line knows requests and people by: numbers that lead back to them, and to nobody else's eyes.

use std::fmt::{self, Display};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use hereabouts_protocol::UserId;
use sha2::{Digest, Sha256};
use tracing::Span;

use crate::random::random;

/// One request: unique among all requests of all servers, for all that matters.
#[derive(Clone, Copy, Debug)]
pub struct RequestId(u64);

impl RequestId {
    /// The next one of this process.
    pub fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static PROCESS: OnceLock<u32> = OnceLock::new();
        let process = PROCESS.get_or_init(|| u32::from_ne_bytes(random()));
        write!(f, "{process:08x}-{:x}", self.0)
    }
}

static HASH_KEY: OnceLock<[u8; 32]> = OnceLock::new();

/// Makes hashes of people the same in every process with this secret. Before the first hash, or it changes nothing.
pub fn set_hash_key(secret: &[u8]) {
    let key = Sha256::new().chain_update(b"hereabouts user_hash\0").chain_update(secret).finalize();
    // A second server in one process, in tests, keeps the first one's.
    let _ = HASH_KEY.set(key.into());
}

/// Writes into the current request's lines who made it: not the id, but a number that only the secret's owner can
/// make from an id.
pub fn note_user(user: UserId) {
    let span = Span::current();
    if !span.is_disabled() {
        span.record("user_hash", tracing::field::display(UserHash(user)));
    }
}

struct UserHash(UserId);

impl Display for UserHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = HASH_KEY.get_or_init(random);
        let hash = Sha256::new().chain_update(key).chain_update(self.0.0.as_bytes()).finalize();
        hash[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_hash_and_it_is_not_the_id() {
        let hash = |text: &str| UserHash(text.parse().unwrap()).to_string();
        let (ada, linus) = ("7c9e6679-7425-40de-944b-e07fc1f90ae7", "7c9e6679-7425-40de-944b-e07fc1f90ae8");
        assert_eq!(hash(ada), hash(ada));
        assert_ne!(hash(ada), hash(linus));
        assert!(hash(ada).len() == 16 && !ada.replace('-', "").contains(&hash(ada)));
    }

    #[test]
    fn requests_are_told_apart() {
        assert_ne!(RequestId::next().to_string(), RequestId::next().to_string());
    }
}
