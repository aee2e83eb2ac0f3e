//! When the next tick may leave: at once on a quiet server, and under load no faster than the shards deliver.

use std::time::Duration;

use hereabouts_engine::TickSeq;
use hereabouts_protocol::Timestamp;

use crate::gateway::ShardHandle;

/// The shortest time between two ticks.
const INTERVAL_MIN: Duration = Duration::from_millis(20);
/// How often the hub looks whether a slow tick is delivered.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// How far the shards are with the last tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// All have offered it to each of their connections; the last of them at this time.
    Done(Timestamp),
    /// Some are still writing.
    UnderWay,
}

impl Delivery {
    /// Asks the shards.
    pub(super) fn of(shards: &[ShardHandle], seq: TickSeq) -> Self {
        shards
            .iter()
            .try_fold(Timestamp::default(), |latest, shard| {
                let (delivered, at) = shard.delivered();
                (delivered >= seq).then(|| latest.max(at))
            })
            .map_or(Self::UnderWay, Self::Done)
    }
}

/// Decides when to flush.
#[derive(Debug)]
pub(super) struct Pacing {
    interval_max: Duration,
    flushed_at: Timestamp,
}

impl Pacing {
    /// Changes are never held back longer than `interval_max`.
    pub(super) fn new(interval_max: Duration) -> Self {
        Self { interval_max: interval_max.max(INTERVAL_MIN), flushed_at: Timestamp::default() }
    }

    /// A tick left.
    pub(super) fn flushed(&mut self, now: Timestamp) {
        self.flushed_at = now;
    }

    /// When the next may: twice as long after the last as that took to deliver, so that at most half of the shards'
    /// time goes into ticks; in the past when the server is quiet.
    pub(super) fn due_at(&self, delivery: Delivery, now: Timestamp) -> Timestamp {
        let (earliest, latest) = (self.flushed_at + INTERVAL_MIN, self.flushed_at + self.interval_max);
        match delivery {
            Delivery::Done(at) => {
                let took = at.saturating_since(self.flushed_at);
                (self.flushed_at + took * 2).clamp(earliest, latest)
            }
            Delivery::UnderWay => (now + LOOK_AGAIN).clamp(earliest, latest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Timestamp {
        Timestamp::from_secs(1000) + Duration::from_millis(ms)
    }

    fn due_ms(delivery: Delivery, now_ms: u64) -> u128 {
        let mut pacing = Pacing::new(Duration::from_millis(500));
        pacing.flushed(ms(0));
        pacing.due_at(delivery, ms(now_ms)).saturating_since(ms(0)).as_millis()
    }

    #[test]
    fn a_quiet_server_sends_at_once() {
        let pacing = Pacing::new(Duration::from_millis(500));
        assert!(pacing.due_at(Delivery::Done(Timestamp::default()), ms(0)) <= ms(0));
    }

    #[test]
    fn a_quick_delivery_allows_the_next_tick_after_20_ms() {
        assert_eq!(due_ms(Delivery::Done(ms(1)), 3), 20);
    }

    #[test]
    fn a_delivery_of_100_ms_spaces_ticks_by_200() {
        assert_eq!(due_ms(Delivery::Done(ms(100)), 130), 200);
    }

    #[test]
    fn nothing_is_held_back_longer_than_500_ms() {
        assert_eq!(due_ms(Delivery::Done(ms(400)), 450), 500);
        assert_eq!(due_ms(Delivery::UnderWay, 499), 500);
        assert_eq!(due_ms(Delivery::UnderWay, 700), 500);
        assert_eq!(due_ms(Delivery::UnderWay, 100), 102);
    }
}
