//! How far back a cursor is honoured: the engine forgets people who are long gone, and with them what changed.

use std::collections::VecDeque;
use std::time::Duration;

use hereabouts_engine::TickSeq;
use hereabouts_protocol::Timestamp;

/// Half of the engine's default retention, so that whatever a cursor asks for is still known.
const REACH: Duration = Duration::from_hours(12);
/// Distance of the marks; their number is bounded by 12 h / 10 min.
const MARK_EVERY: Duration = Duration::from_mins(10);

/// Marks of which tick was when.
#[derive(Debug, Default)]
pub(super) struct Horizon {
    marks: VecDeque<(Timestamp, TickSeq)>,
    oldest: TickSeq,
}

impl Horizon {
    /// Notes a tick.
    pub(super) fn note(&mut self, now: Timestamp, seq: TickSeq) {
        if self.marks.back().is_none_or(|(at, _)| now.saturating_since(*at) >= MARK_EVERY) {
            self.marks.push_back((now, seq));
        }
        while let Some((at, seq)) = self.marks.front().copied()
            && now.saturating_since(at) > REACH
        {
            self.oldest = seq;
            self.marks.pop_front();
        }
    }

    /// Whether everything that changed after this tick is still known.
    pub(super) fn reaches(&self, seq: TickSeq) -> bool {
        seq >= self.oldest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_day_is_reached_and_a_day_is_not() {
        let start = Timestamp::from_secs(1_000_000);
        let mut horizon = Horizon::default();
        for minute in 0..24 * 60 {
            horizon.note(start + Duration::from_mins(minute), TickSeq(minute + 1));
        }
        assert!(horizon.reaches(TickSeq(12 * 60 + 11)));
        assert!(!horizon.reaches(TickSeq(11 * 60)));
        assert!(horizon.marks.len() <= 74);
    }
}
