//! How often one person may visibly change: a burst, then at a steady rate. What is above that is not lost but waits,
//! and on-off-on while it waits never happened.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use hereabouts_protocol::Timestamp;

use crate::UserIndex;

/// So many changes may follow each other at once.
const BURST: u32 = 5;

/// Remembers the people who changed several times lately: each for at most [`BURST`] periods after their last change.
#[derive(Debug, Default)]
pub(crate) struct Flaps {
    /// Time between two changes at the steady rate; zero is no limit.
    period: Duration,
    /// When each one's changes will be paid for.
    paid_at: HashMap<UserIndex, Timestamp>,
    by_time: BTreeSet<(Timestamp, UserIndex)>,
}

impl Flaps {
    pub(crate) fn new(period: Duration) -> Self {
        Self { period, ..Self::default() }
    }

    /// When this person may change next; in the past when they may now.
    pub(crate) fn free_at(&self, user: UserIndex) -> Timestamp {
        self.paid_at.get(&user).map_or(Timestamp::default(), |&paid_at| paid_at - self.period * (BURST - 1))
    }

    /// Counts a change. `last_move` is when somebody who is not remembered came or left before; `is_move`: this change
    /// is one too. Nobody needs to be remembered whose moves are far apart, which saves nearly everybody's entry.
    pub(crate) fn note(
        &mut self,
        user: UserIndex,
        now: Timestamp,
        last_move: Option<Timestamp>,
        is_move: bool,
    ) {
        if self.period.is_zero() {
            return;
        }
        self.forget_paid(now);
        let paid_at = match (self.paid_at.get(&user), last_move) {
            (Some(&paid_at), _) => paid_at,
            (None, Some(last)) if last + self.period * BURST > now => last + self.period,
            (None, _) if is_move => return,
            (None, _) => now,
        };
        self.by_time.remove(&(paid_at, user));
        let paid_at = paid_at.max(now) + self.period;
        self.paid_at.insert(user, paid_at);
        self.by_time.insert((paid_at, user));
    }

    fn forget_paid(&mut self, now: Timestamp) {
        while let Some(&(paid_at, user)) = self.by_time.first()
            && paid_at <= now
        {
            self.by_time.pop_first();
            self.paid_at.remove(&user);
        }
        if self.paid_at.is_empty() {
            self.paid_at.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_000);
    const ANN: UserIndex = UserIndex(1);

    /// Changes as soon and as often as allowed: when, in seconds from the start.
    fn changes_at(n: usize) -> Vec<u64> {
        let mut flaps = Flaps::new(Duration::from_secs(2));
        let mut now = START;
        let mut last = None;
        let mut times = Vec::new();
        for _ in 0..n {
            now = now.max(flaps.free_at(ANN));
            flaps.note(ANN, now, last, true);
            last = Some(now);
            times.push(now.saturating_since(START).as_secs());
        }
        times
    }

    #[test]
    fn five_at_once_then_one_every_two_seconds() {
        assert_eq!(changes_at(9), [0, 0, 0, 0, 0, 2, 4, 6, 8]);
    }

    #[test]
    fn rest_restores_the_burst_and_frees_the_memory() {
        let mut flaps = Flaps::new(Duration::from_secs(2));
        (0..5).for_each(|_| flaps.note(ANN, START, Some(START), true));
        assert_eq!(flaps.free_at(ANN), START + Duration::from_secs(4));
        flaps.note(UserIndex(2), START + Duration::from_secs(60), None, true);
        assert_eq!((flaps.paid_at.len(), flaps.by_time.len()), (0, 0));
        assert_eq!(flaps.free_at(ANN), Timestamp::default());
    }

    #[test]
    fn changes_that_are_no_moves_are_counted_however_long_somebody_has_been_here() {
        let mut flaps = Flaps::new(Duration::from_secs(2));
        let now = START + Duration::from_hours(1);
        (0..5).for_each(|_| flaps.note(ANN, now, Some(START), false));
        assert_eq!(flaps.free_at(ANN), now + Duration::from_secs(2));
    }

    #[test]
    fn a_period_of_zero_is_no_limit() {
        let mut flaps = Flaps::new(Duration::ZERO);
        (0..50).for_each(|_| flaps.note(ANN, START, Some(START), true));
        assert_eq!(flaps.free_at(ANN), Timestamp::default());
    }
}
