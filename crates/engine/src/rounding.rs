//! How coarse a time is to others.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use hereabouts_protocol::{Precision, Timestamp, UserId};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// What is shown of a time that is at most so old: recently, this week, this month. Older ones are not shown.
const BUCKETS: [Duration; 3] =
    [Duration::from_hours(3 * 24), Duration::from_hours(7 * 24), Duration::from_hours(30 * 24)];

/// Where the edges of the buckets stand for one person at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    edge: Timestamp,
}

impl Rounding {
    /// The edges move once a day, at a moment of that day that nobody can foresee who does not know `secret`: who
    /// watches a time change its bucket learns nothing of the hour.
    pub fn at(now: Timestamp, user_id: UserId, secret: u64) -> Self {
        let today = now.floor_to(DAY);
        let edge_of = |day: Timestamp| day + Duration::from_secs(second_of_day(secret, user_id, day));
        let edge = if edge_of(today) <= now { edge_of(today) } else { edge_of(today - DAY) };
        Self { edge }
    }
}

fn second_of_day(secret: u64, user_id: UserId, day: Timestamp) -> u64 {
    let mut hasher = DefaultHasher::new();
    (secret, user_id, day).hash(&mut hasher);
    hasher.finish() % DAY.as_secs()
}

/// A last-seen time as others may know it; `None` when that is too long ago for the buckets. A bucket is shown as the
/// day of its far edge: a time that is certainly not later than the true one.
pub fn round(last_seen: Timestamp, precision: Precision, rounding: Rounding) -> Option<Timestamp> {
    match precision {
        Precision::Exact => Some(last_seen.floor_to(SECOND)),
        Precision::Minute => Some(last_seen.floor_to(MINUTE)),
        Precision::Bucket => {
            let age = rounding.edge.saturating_since(last_seen);
            let bucket = BUCKETS.into_iter().find(|&bucket| age <= bucket)?;
            Some((rounding.edge - bucket).floor_to(DAY))
        }
    }
}

/// As it may be at rest, where others read it: as coarse as the public sees it, without edges that move.
pub(crate) fn round_at_rest(last_seen: Timestamp, precision: Precision) -> Timestamp {
    match precision {
        Precision::Exact => last_seen.floor_to(SECOND),
        Precision::Minute => last_seen.floor_to(MINUTE),
        Precision::Bucket => last_seen.floor_to(DAY),
    }
}
