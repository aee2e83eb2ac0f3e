//! The server's clock: wall time read once at start, monotonic time from there on.
//!
//! Presence is a matter of durations, so a jump of the wall clock (NTP, an operator, a machine that slept) must change
//! nothing: every timestamp is the wall time of the start plus what the monotonic clock has counted since. Credentials
//! end at a time that others have named, so they are judged by the wall clock of the moment; and what is written down
//! for later is written by it too.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hereabouts_protocol::Timestamp;

/// A wall clock that is this far from ours has been set; less is how clocks differ, and not worth a correction.
const WAS_SET: Duration = Duration::from_secs(1);

/// Gives the current time; cheap to copy into every thread, and the same line of time in all of them.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Timestamp,
    started: Instant,
}

impl Clock {
    /// Reads the wall clock.
    pub fn start() -> Self {
        Self { start: read_wall(), started: Instant::now() }
    }

    /// Now, never earlier than any moment this clock gave before.
    pub fn now(&self) -> Timestamp {
        self.start + self.started.elapsed()
    }

    /// What the wall clock shows: for the end of credentials. May jump either way.
    pub fn wall(&self) -> Timestamp {
        read_wall()
    }

    /// The earlier of the two: what has ended by this time has ended by both, and may be forgotten for ever.
    pub fn certain(&self) -> Timestamp {
        self.now().min(self.wall())
    }

    /// How far the wall clock has been set since the start, in either direction.
    pub fn set_by(&self) -> Duration {
        let (now, wall) = (self.now(), self.wall());
        now.saturating_since(wall).max(wall.saturating_since(now))
    }

    /// A moment of this clock as it is written down: where the wall clock was set since the start, by the wall clock.
    /// As long ago as it is, and so never in the future.
    pub fn at_rest(&self, at: Timestamp) -> Timestamp {
        at_rest(at, self.now(), self.wall())
    }
}

fn at_rest(at: Timestamp, now: Timestamp, wall: Timestamp) -> Timestamp {
    let is_set = now.saturating_since(wall).max(wall.saturating_since(now)) >= WAS_SET;
    if is_set { wall - now.saturating_since(at) } else { at }
}

fn read_wall() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_micros(since_epoch.as_micros() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f22_what_is_written_down_is_as_long_ago_as_it_is_by_the_wall_clock() {
        let (noon, hour, minute) =
            (Timestamp::from_secs(1_795_478_400), Duration::from_secs(3600), Duration::from_secs(60));
        assert_eq!(at_rest(noon - minute, noon, noon), noon - minute);
        assert_eq!(at_rest(noon - minute, noon, noon + WAS_SET / 2), noon - minute, "clocks differ");
        assert_eq!(at_rest(noon - minute, noon, noon + hour), noon + hour - minute);
        assert_eq!(at_rest(noon - minute, noon, noon - hour), noon - hour - minute);
        assert_eq!(at_rest(noon, noon, noon - hour), noon - hour, "never in the future");
    }
}
