//! The steps before the table: modes, and how coarse a time is.

use std::collections::BTreeSet;
use std::time::Duration;

use hereabouts_engine::project::public_status;
use hereabouts_engine::rounding::{Rounding, round};
use hereabouts_engine::{Person, TimedMode};
use hereabouts_protocol::{Mode, Precision, Status, Timestamp, UserId};

use crate::{Case, NOW, SEEN};

#[test]
fn a_mode_never_makes_anybody_present_and_activity_never_ends_a_mode() {
    use Status::{Away, Dnd, Offline, Online};
    for (raw, expected) in [
        (Offline, [Offline, Offline, Offline, Offline]),
        (Away, [Away, Away, Dnd, Offline]),
        (Online, [Online, Away, Dnd, Offline]),
    ] {
        assert_eq!(Mode::ALL.map(|mode| public_status(raw, mode)), expected);
    }
}

#[test]
fn a_timed_mode_holds_until_its_time_and_not_at_it() {
    let timed = Some(TimedMode { mode: Mode::Dnd, until: NOW });
    let person = Person { mode: Mode::Invisible, timed, ..Person::default() };
    assert_eq!(person.mode_at(NOW - Duration::from_micros(1)), Mode::Dnd);
    assert_eq!(person.mode_at(NOW), Mode::Invisible);
}

#[test]
fn exact_is_to_the_second_and_the_minute_is_the_default() {
    let seen = |precision| Case { raw: Status::Offline, precision, ..Case::new() }.view().last_seen;
    assert_eq!(seen(Precision::Exact), Some(SEEN));
    assert_eq!(seen(Precision::default()), Some(SEEN.floor_to(Duration::from_mins(1))));
}

const DAY: Duration = Duration::from_hours(24);
const SECRET: u64 = 42;

/// What a bucket shows a while after somebody was seen; as days before `now`, rounded up.
fn days_ago(after: Duration) -> Option<u64> {
    let seen_at = Timestamp::from_secs(1_200_000_000);
    let now = seen_at + after;
    let shown = round(seen_at, Precision::Bucket, Rounding::at(now, UserId::NIL, SECRET))?;
    assert!(shown <= seen_at, "later than the truth");
    Some(now.saturating_since(shown).as_secs().div_ceil(DAY.as_secs()))
}

#[test]
fn buckets_are_recently_this_week_this_month_and_long_ago() {
    assert!((3..=5).contains(&days_ago(Duration::ZERO).unwrap()));
    assert!((3..=5).contains(&days_ago(DAY * 2).unwrap()));
    assert!((7..=9).contains(&days_ago(DAY * 5).unwrap()));
    assert!((30..=32).contains(&days_ago(DAY * 20).unwrap()));
    assert_eq!(days_ago(DAY * 32), None);
}

/// Leak test 34: whoever watches the bucket flip does not learn the hour at which somebody was last here.
#[test]
fn leak_34_the_flip_of_a_bucket_says_nothing_of_the_hour() {
    let hour = Duration::from_hours(1);
    let midnight = NOW.floor_to(DAY);
    let flip_after = |seen_at: Timestamp, user: u128, secret: u64| {
        let user_id = UserId(format!("{user:032x}").parse().unwrap());
        let shown = |now| round(seen_at, Precision::Bucket, Rounding::at(now, user_id, secret)).unwrap();
        let age = |n: u32| {
            let now = seen_at + hour * n;
            // Edges move once a day, so what is shown does; a flip is more than that.
            (now.floor_to(DAY) - Duration::ZERO).saturating_since(shown(now)) > DAY * 5
        };
        (48..24 * 6).find(|&n| age(n)).unwrap()
    };
    // Seen at any hour of one day, the flip comes at the same moment for nearly all of them.
    let moments: BTreeSet<_> = (0..24)
        .map(|n| midnight + hour * n)
        .map(|seen_at| (seen_at + hour * flip_after(seen_at, 1, SECRET)).as_secs() / 3600)
        .collect();
    assert!(moments.len() <= 3, "{moments:?}");
    // And it is another moment for everybody, and for everybody who does not know the secret.
    let moment = |user, secret| flip_after(midnight, user, secret);
    assert!((1..20).map(|user| moment(user, SECRET)).collect::<BTreeSet<_>>().len() > 5);
    assert!((1..20).map(|secret| moment(1, secret)).collect::<BTreeSet<_>>().len() > 5);
}
