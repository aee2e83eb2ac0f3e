//! The server's clock: wall time read once at start, monotonic time from there on.
//!
//! Presence is a matter of durations, so a jump of the wall clock (NTP, an operator, a leap) must change nothing:
//! every timestamp is the wall time of the start plus what the monotonic clock has counted since.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hereabouts_protocol::Timestamp;

/// Gives the current time; cheap to copy into every thread, and the same line of time in all of them.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Timestamp,
    started: Instant,
}

impl Clock {
    /// Reads the wall clock, once.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self { start: Timestamp::from_micros(since_epoch.as_micros() as u64), started: Instant::now() }
    }

    /// Now, never earlier than any moment this clock gave before.
    pub fn now(&self) -> Timestamp {
        self.start + self.started.elapsed()
    }
}
