//! Whether handshakes wait too long: they are admitted by the server's own load, not by a fixed rate.
//!
//! Two waits are watched. Steps of handshakes that are ours alone (the token is judged; the shard takes the socket)
//! leave about in the order they came, so the time the last one took is what the next will take. Those the runtime has
//! not looked at yet show in how late a timer of ours is woken. No wait that a client can draw out counts: one silent
//! client would shut the door for all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use hereabouts_protocol::Timestamp;

use crate::clock::Clock;
use crate::shutdown::Shutdown;

/// More than this much waiting, and new handshakes are refused.
pub const HANDSHAKE_WAIT_MAX: Duration = Duration::from_secs(1);
/// How often the runtime's lateness is looked at.
const PROBE_INTERVAL: Duration = Duration::from_millis(100);

/// The handshakes that are under way. Orderings are relaxed: each number stands alone, and a refusal too many or too
/// few at the edge changes nothing.
#[derive(Debug)]
pub struct Backlog {
    clock: Clock,
    n_waiting: AtomicUsize,
    /// When the present busy time began: nobody waited before.
    busy_since: AtomicU64,
    last_done_at: AtomicU64,
    last_wait_us: AtomicU64,
    runtime_lateness_us: AtomicU64,
    /// When the timer that runs now should be woken: while the runtime has no time even for that, it is late.
    probe_due_at: AtomicU64,
}

/// A step of a handshake under way, until this is dropped.
#[derive(Debug)]
pub struct Waiting {
    backlog: Arc<Backlog>,
    since: Timestamp,
}

impl Backlog {
    /// Nobody waits.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            n_waiting: AtomicUsize::new(0),
            busy_since: AtomicU64::new(0),
            last_done_at: AtomicU64::new(0),
            last_wait_us: AtomicU64::new(0),
            runtime_lateness_us: AtomicU64::new(0),
            probe_due_at: AtomicU64::new(u64::MAX),
        }
    }

    /// Counts a step of a handshake. Drop what is returned when it is done.
    pub fn enter(self: &Arc<Self>) -> Waiting {
        self.enter_at(self.clock.now())
    }

    /// How long a handshake that comes now would wait.
    pub fn wait(&self) -> Duration {
        self.wait_at(self.clock.now())
    }

    /// Watches how late the runtime is, until the server stops.
    pub async fn watch_runtime(self: Arc<Self>, shutdown: Shutdown) {
        loop {
            let due_at = self.clock.now() + PROBE_INTERVAL;
            self.probe_due_at.store(due_at.as_micros(), Ordering::Relaxed);
            tokio::select! {
                () = tokio::time::sleep(PROBE_INTERVAL) => {}
                () = shutdown.wait() => {
                    self.probe_due_at.store(u64::MAX, Ordering::Relaxed);
                    return;
                }
            }
            let lateness = self.clock.now().saturating_since(due_at);
            self.runtime_lateness_us.store(lateness.as_micros() as u64, Ordering::Relaxed);
        }
    }

    fn enter_at(self: &Arc<Self>, now: Timestamp) -> Waiting {
        if self.n_waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            self.busy_since.store(now.as_micros(), Ordering::Relaxed);
            self.last_wait_us.store(0, Ordering::Relaxed);
        }
        Waiting { backlog: Arc::clone(self), since: now }
    }

    fn leave_at(&self, since: Timestamp, now: Timestamp) {
        let wait = now.saturating_since(since);
        self.last_wait_us.store(wait.as_micros() as u64, Ordering::Relaxed);
        self.last_done_at.store(now.as_micros(), Ordering::Relaxed);
        self.n_waiting.fetch_sub(1, Ordering::Relaxed);
    }

    fn wait_at(&self, now: Timestamp) -> Duration {
        let probe_due_at = Timestamp::from_micros(self.probe_due_at.load(Ordering::Relaxed));
        let lateness = Duration::from_micros(self.runtime_lateness_us.load(Ordering::Relaxed))
            .max(now.saturating_since(probe_due_at));
        if self.n_waiting.load(Ordering::Relaxed) == 0 {
            return lateness;
        }
        let last_wait = Duration::from_micros(self.last_wait_us.load(Ordering::Relaxed));
        let moved_at = self.last_done_at.load(Ordering::Relaxed).max(self.busy_since.load(Ordering::Relaxed));
        let standstill = now.saturating_since(Timestamp::from_micros(moved_at));
        lateness.max(last_wait).max(standstill)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.backlog.leave_at(self.since, self.backlog.clock.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn backlog() -> (Arc<Backlog>, Timestamp) {
        let clock = Clock::start();
        (Arc::new(Backlog::new(clock)), clock.now())
    }

    #[test]
    fn nobody_waits_behind_quick_handshakes_however_many_come() {
        let (backlog, start) = backlog();
        for n in 0..10_000 {
            let now = start + MS * n;
            assert!(backlog.wait_at(now) <= MS * 5);
            std::mem::forget(backlog.enter_at(now));
            if n >= 5 {
                backlog.leave_at(now - MS * 5, now);
            }
        }
    }

    #[test]
    fn the_next_waits_as_long_as_the_last_who_left() {
        let (backlog, start) = backlog();
        std::mem::forget((backlog.enter_at(start), backlog.enter_at(start)));
        backlog.leave_at(start, start + MS * 1_200);
        assert_eq!(backlog.wait_at(start + MS * 1_200), MS * 1_200);
        backlog.leave_at(start, start + MS * 1_300);
        assert_eq!(backlog.wait_at(start + MS * 1_300), Duration::ZERO, "all are through");
    }

    #[test]
    fn a_standstill_shows_even_when_nobody_leaves() {
        let (backlog, start) = backlog();
        std::mem::forget(backlog.enter_at(start));
        assert_eq!(backlog.wait_at(start + MS * 900), MS * 900);
        assert!(backlog.wait_at(start + MS * 1_500) > HANDSHAKE_WAIT_MAX);
    }

    #[test]
    fn a_runtime_that_has_no_time_for_its_own_timer_is_late() {
        let (backlog, start) = backlog();
        backlog.probe_due_at.store((start + MS * 100).as_micros(), Ordering::Relaxed);
        assert_eq!(backlog.wait_at(start + MS * 90), Duration::ZERO);
        assert_eq!(backlog.wait_at(start + MS * 1_400), MS * 1_300);
    }

    #[test]
    fn a_busy_time_begins_afresh_after_a_quiet_one() {
        let (backlog, start) = backlog();
        std::mem::forget(backlog.enter_at(start));
        backlog.leave_at(start, start + MS * 2_000);
        let later = start + MS * 60_000;
        std::mem::forget(backlog.enter_at(later));
        assert_eq!(backlog.wait_at(later + MS), MS);
    }

    #[test]
    fn a_dropped_handshake_waits_no_longer() {
        let (backlog, _) = backlog();
        drop(backlog.enter());
        assert_eq!(backlog.n_waiting.load(Ordering::Relaxed), 0);
    }
}
