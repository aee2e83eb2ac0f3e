//! The log of ticks: what each class of watchers was sent lately, encoded once and shared by all shards.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use hereabouts_engine::{TickSeq, UserIndex};

use super::connection::{ConnectionId, Subscriptions};

/// A connection that falls further behind than this gets the newest state instead of the ticks it missed.
const LOG_LEN_MAX: usize = 64;
/// The same bound in bytes: 64 ticks of the 64 KiB that a busy tick of 600 changes makes.
const LOG_BYTES_MAX: usize = 4 << 20;

/// The frames of one tick, one buffer per class of watchers whose bytes are equal. Empty: nothing for that class.
#[derive(Debug, Default)]
pub(crate) struct TickFrames {
    pub(crate) seq: TickSeq,
    /// For all those for whom no exception holds.
    pub(crate) common: ClassFrames,
    /// For those who have friends to hear of, or for whom the common frames are wrong.
    pub(crate) viewers: HashMap<UserIndex, ViewerFrames>,
    /// For connections that watch a set of people of whom somebody changed.
    pub(crate) sets: HashMap<ConnectionId, Bytes>,
}

/// What depends on nothing but what is subscribed.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClassFrames {
    /// For original clients: one `user.status.changed` frame per person.
    pub(crate) original: Bytes,
    /// For `everyone` of v1.
    pub(crate) everyone: Bytes,
    /// For `window`, by limit.
    pub(crate) windows: Vec<(u16, Bytes)>,
}

/// What one person is sent.
#[derive(Debug, Default)]
pub(crate) struct ViewerFrames {
    /// In place of the common frames.
    pub(crate) exceptional: Option<ClassFrames>,
    /// For `friends`.
    pub(crate) friends: Bytes,
}

impl TickFrames {
    /// What a connection with these subscriptions receives, in the contract's order.
    pub(crate) fn parts(
        &self,
        subscriptions: Subscriptions,
        user: Option<UserIndex>,
        connection: ConnectionId,
    ) -> [&Bytes; 4] {
        static NOTHING: Bytes = Bytes::new();
        let viewer = user.filter(|_| !self.viewers.is_empty()).and_then(|user| self.viewers.get(&user));
        let class = viewer.and_then(|viewer| viewer.exceptional.as_ref()).unwrap_or(&self.common);
        match subscriptions {
            Subscriptions::Original => [&class.original, &NOTHING, &NOTHING, &NOTHING],
            Subscriptions::V1 { everyone, window, friends, users } => {
                let window =
                    window.and_then(|limit| class.windows.iter().find(|(other, _)| *other == limit.get()));
                let set = users.filter(|_| !self.sets.is_empty()).and_then(|_| self.sets.get(&connection));
                [
                    if everyone { &class.everyone } else { &NOTHING },
                    window.map_or(&NOTHING, |(_, frames)| frames),
                    viewer.filter(|_| friends).map_or(&NOTHING, |viewer| &viewer.friends),
                    set.unwrap_or(&NOTHING),
                ]
            }
        }
    }

    fn n_bytes(&self) -> usize {
        let viewers = self
            .viewers
            .values()
            .map(|viewer| viewer.friends.len() + viewer.exceptional.as_ref().map_or(0, ClassFrames::n_bytes));
        self.common.n_bytes() + viewers.sum::<usize>() + self.sets.values().map(Bytes::len).sum::<usize>()
    }
}

impl ClassFrames {
    fn n_bytes(&self) -> usize {
        self.original.len() + self.everyone.len() + self.windows.iter().map(|(_, b)| b.len()).sum::<usize>()
    }
}

/// The last ticks, newest at the end.
#[derive(Debug, Default)]
pub(crate) struct TickLog {
    ticks: VecDeque<Arc<TickFrames>>,
    n_bytes: usize,
    end: TickSeq,
}

impl TickLog {
    /// The newest tick that was appended; 0 before the first.
    pub(crate) fn end(&self) -> TickSeq {
        self.end
    }

    /// Appends the next tick and forgets what is out of bounds.
    pub(crate) fn append(&mut self, tick: Arc<TickFrames>) {
        self.end = tick.seq;
        self.n_bytes += tick.n_bytes();
        self.ticks.push_back(tick);
        while self.ticks.len() > LOG_LEN_MAX || (self.n_bytes > LOG_BYTES_MAX && self.ticks.len() > 1) {
            let forgotten = self.ticks.pop_front().expect("the log is not empty");
            self.n_bytes -= forgotten.n_bytes();
        }
    }

    /// Forgets every tick: nobody is behind.
    pub(crate) fn forget_all(&mut self) {
        self.ticks = VecDeque::new();
        self.n_bytes = 0;
    }

    /// Whether every tick from `seq` on is still here.
    pub(crate) fn reaches(&self, seq: TickSeq) -> bool {
        self.since(seq).is_some()
    }

    /// The ticks from `seq` on; `None` when some of them are forgotten.
    pub(crate) fn since(&self, seq: TickSeq) -> Option<impl Iterator<Item = &Arc<TickFrames>>> {
        let n_behind = (self.end.0 + 1).checked_sub(seq.0)? as usize;
        let start = self.ticks.len().checked_sub(n_behind)?;
        Some(self.ticks.range(start..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick(seq: u64, n_bytes: usize) -> Arc<TickFrames> {
        let common = ClassFrames { original: vec![0; n_bytes].into(), ..ClassFrames::default() };
        Arc::new(TickFrames { seq: TickSeq(seq), common, ..TickFrames::default() })
    }

    fn since(log: &TickLog, seq: u64) -> Option<Vec<u64>> {
        log.since(TickSeq(seq)).map(|ticks| ticks.map(|tick| tick.seq.0).collect())
    }

    #[test]
    fn gives_what_was_missed_or_says_that_it_is_gone() {
        let mut log = TickLog::default();
        assert_eq!(since(&log, 1), Some(vec![]));
        (1..=100).for_each(|seq| log.append(tick(seq, 10)));
        assert_eq!(since(&log, 101), Some(vec![]));
        assert_eq!(since(&log, 99), Some(vec![99, 100]));
        assert_eq!(since(&log, 37).map(|ticks| ticks.len()), Some(64));
        assert_eq!(since(&log, 36), None);
        assert_eq!(since(&log, 102), None, "a position of the future is not ours");
    }

    #[test]
    fn is_bounded_in_bytes_but_always_keeps_the_newest() {
        let mut log = TickLog::default();
        (1..=8).for_each(|seq| log.append(tick(seq, 1 << 20)));
        assert_eq!(since(&log, 5), Some(vec![5, 6, 7, 8]));
        assert_eq!(since(&log, 4), None);
        log.append(tick(9, 5 << 20));
        assert_eq!(since(&log, 9), Some(vec![9]));
    }
}
