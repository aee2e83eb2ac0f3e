//! The times the engine goes by.

use std::time::Duration;

/// The times the engine goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a lost session still counts, so that a reload or a change of network shows nothing.
    pub grace: Duration,
    /// How long the record of somebody offline is kept. Must outlast every cursor the shell honours: after it, the
    /// record's [`UserIndex`](crate::UserIndex) may be given to somebody else.
    pub retention: Duration,
}

impl Default for Settings {
    /// 15 s of grace, a day of retention.
    fn default() -> Self {
        Self { grace: Duration::from_secs(15), retention: Duration::from_hours(24) }
    }
}
