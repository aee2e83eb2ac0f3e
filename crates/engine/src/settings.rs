//! The times the engine goes by.

use std::time::Duration;

/// The times the engine goes by, and what holds for all people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a lost session still counts, so that a reload or a change of network shows nothing.
    pub grace: Duration,
    /// How long the record of somebody offline is kept. Must outlast every cursor the shell honours: after it, the
    /// record's [`UserIndex`](crate::UserIndex) may be given to somebody else.
    pub retention: Duration,
    /// Time between two visible changes of one person, after a burst of five; zero is no limit.
    pub change_period: Duration,
    /// Who hides from somebody does not see them either.
    pub is_reciprocal: bool,
    /// Makes the moment unforeseeable at which a coarse last-seen time becomes coarser.
    pub bucket_secret: u64,
}

impl Default for Settings {
    /// 15 s of grace, a day of retention, a change every 2 s, and hiding is nobody else's business.
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(15),
            retention: Duration::from_hours(24),
            change_period: Duration::from_secs(2),
            is_reciprocal: false,
            bucket_secret: 0,
        }
    }
}
