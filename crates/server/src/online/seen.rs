//! When each user was last heard of: one atomic per interned user, written by every heartbeat and by nothing else.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use hereabouts_engine::UserIndex;
use hereabouts_protocol::Timestamp;

/// Users per block; a block is allocated when the first of its users appears.
const BLOCK_LEN: usize = 4096;
/// Bound: 4096 blocks of 4096 users are 16.7 million people on one node; a later one simply is not tracked.
const N_BLOCKS: usize = 4096;

/// The time of each user's last frame, indexed by [`UserIndex`].
///
/// Relaxed ordering is enough: each entry stands alone, and readers only ever show it.
#[derive(Debug)]
pub struct SeenTable {
    blocks: Box<[OnceLock<Box<[AtomicU64]>>]>,
}

impl Default for SeenTable {
    fn default() -> Self {
        Self { blocks: (0..N_BLOCKS).map(|_| OnceLock::new()).collect() }
    }
}

impl SeenTable {
    /// Notes that a frame of this user arrived at `at`.
    pub fn store(&self, user: UserIndex, at: Timestamp) {
        if let Some(block) = self.blocks.get(user.0 as usize / BLOCK_LEN) {
            let block = block.get_or_init(|| (0..BLOCK_LEN).map(|_| AtomicU64::new(0)).collect());
            block[user.0 as usize % BLOCK_LEN].store(at.as_micros(), Ordering::Relaxed);
        }
    }

    /// When this user was last heard of; the epoch if never.
    pub fn load(&self, user: UserIndex) -> Timestamp {
        let block = self.blocks.get(user.0 as usize / BLOCK_LEN).and_then(OnceLock::get);
        let micros = block.map_or(0, |block| block[user.0 as usize % BLOCK_LEN].load(Ordering::Relaxed));
        Timestamp::from_micros(micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_time_of_each_user() {
        let seen = SeenTable::default();
        let (a, b) = (UserIndex(0), UserIndex(BLOCK_LEN as u32 + 1));
        assert_eq!(seen.load(b), Timestamp::default());
        seen.store(a, Timestamp::from_secs(1));
        seen.store(b, Timestamp::from_secs(2));
        seen.store(b, Timestamp::from_secs(3));
        assert_eq!((seen.load(a), seen.load(b)), (Timestamp::from_secs(1), Timestamp::from_secs(3)));
    }

    #[test]
    fn a_user_beyond_the_bound_is_ignored() {
        let seen = SeenTable::default();
        seen.store(UserIndex(u32::MAX), Timestamp::from_secs(1));
        assert_eq!(seen.load(UserIndex(u32::MAX)), Timestamp::default());
    }
}
