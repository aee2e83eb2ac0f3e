//! Ten thousand people: order, totals and windows at size.

use std::sync::Arc;
use std::time::Duration;

use hereabouts_engine::{
    Departure, Effect, Engine, Event, Profile, SessionKey, Settings, Tick, Viewer, WINDOW_LIMIT_MAX,
};
use hereabouts_protocol::{Timestamp, UserId};

use crate::clients::Client;

const N: u64 = 10_000;
const START: Timestamp = Timestamp::from_secs(1_200_000_000);

/// Scattered, so that the order of ids is not the order of arrival.
fn user_id(n: u64) -> UserId {
    let scattered = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{scattered:016x}{n:016x}").parse().unwrap()
}

fn open(engine: &mut Engine, n: u64, now: Timestamp, out: &mut Vec<Effect>) {
    let profile = Profile {
        user_id: user_id(n),
        username: format!("user {n}").into(),
        profile_image_url: None,
        slug: format!("user-{n}").into(),
    };
    let profile = Arc::new(profile);
    let opened = Event::SessionOpened { session: SessionKey(n), profile: Arc::clone(&profile) };
    engine.handle(opened, now, out);
    let loaded = Event::PersonLoaded { profile, person: Arc::default(), epoch: 0, last_seen: None };
    engine.handle(loaded, now, out);
}

fn bye(engine: &mut Engine, n: u64, now: Timestamp, out: &mut Vec<Effect>) {
    let event = Event::SessionEnded { session: SessionKey(n), departure: Departure::Bye, last_frame_at: now };
    engine.handle(event, now, out);
}

fn crowd() -> (Engine, Vec<Effect>) {
    let mut engine = Engine::new(Settings::default());
    let mut out = Vec::new();
    for n in 0..N {
        // Groups of a hundred arrive within the same microsecond.
        open(&mut engine, n, START + Duration::from_micros(n / 100), &mut out);
        if n % 37 == 0 {
            engine.flush(START + Duration::from_micros(n / 100), &mut out);
        }
    }
    engine.flush(START + Duration::from_secs(1), &mut out);
    (engine, out)
}

fn assert_ordered(engine: &Engine, n_expected: u64) {
    let order: Vec<_> =
        engine.everyone().map(|user| (engine.since(user).unwrap(), engine.profile(user).user_id)).collect();
    assert!(order.is_sorted(), "everyone is ordered by since, then id");
    assert_eq!(order.len() as u64, n_expected);
    assert_eq!(engine.total(), n_expected);
}

#[test]
fn everybody_is_listed_once_in_order_and_welcomed_once() {
    let (engine, out) = crowd();
    assert_ordered(&engine, N);
    let n_welcomes = out.iter().filter(|effect| matches!(effect, Effect::Welcome { .. })).count();
    assert_eq!(n_welcomes as u64, N);
    assert_eq!(engine.window(9).collect::<Vec<_>>(), engine.everyone().take(9).collect::<Vec<_>>());
}

#[test]
fn windows_follow_while_everybody_leaves_from_the_front() {
    let (mut engine, mut out) = crowd();
    let limits = [1, 9, WINDOW_LIMIT_MAX];
    let mut clients = limits.map(|limit| Client::subscribe(&engine, Some(limit)));
    let mut now = START + Duration::from_secs(2);
    for (at, n) in (0..N).enumerate() {
        bye(&mut engine, n, now, &mut out);
        if at % 97 == 0 {
            now = now + Duration::from_millis(20);
            let tick = engine.flush(now, &mut out).expect("somebody left");
            follow(&engine, &tick, &mut clients);
        }
    }
    let tick = engine.flush(now, &mut out).expect("the last left");
    follow(&engine, &tick, &mut clients);
    assert_ordered(&engine, 0);
}

fn follow(engine: &Engine, tick: &Tick, clients: &mut [Client]) {
    assert_eq!(tick.total, engine.total());
    for client in clients {
        client.receive(engine, tick);
        client.assert_current(engine);
    }
}

#[test]
fn a_change_behind_the_window_tells_its_watchers_only_the_total() {
    let (mut engine, mut out) = crowd();
    let last = engine.everyone().last().unwrap();
    let last_id = engine.profile(last).user_id;
    let n = (0..N).find(|&n| user_id(n) == last_id).unwrap();
    let now = START + Duration::from_secs(2);

    engine.handle(Event::SessionActivity { session: SessionKey(n), idle: true }, now, &mut out);
    let idle = engine.flush(now, &mut out).unwrap();
    assert_eq!(idle.window_changes(WINDOW_LIMIT_MAX), None);

    bye(&mut engine, n, now, &mut out);
    let left = engine.flush(now, &mut out).unwrap();
    assert_eq!(left.window_changes(WINDOW_LIMIT_MAX), Some(Vec::new()));
    assert_eq!((left.total, left.changes.len()), (N - 1, 1));
}

#[test]
fn a_limit_beyond_the_greatest_is_the_greatest() {
    let mut engine = Engine::new(Settings::default());
    let mut out = Vec::new();
    for n in 0..300 {
        open(&mut engine, n, START, &mut out);
    }
    let tick = engine.flush(START, &mut out).unwrap();
    assert_eq!(tick.window_changes(usize::MAX), tick.window_changes(WINDOW_LIMIT_MAX));
    assert_eq!(tick.window_changes(usize::MAX).unwrap().len(), WINDOW_LIMIT_MAX);
    assert_eq!(tick.window_changes(0), Some(Vec::new()));
}

#[test]
fn forgetting_many_takes_several_calls_and_an_index_is_used_again() {
    let (mut engine, mut out) = crowd();
    let mut now = START + Duration::from_secs(2);
    for n in 0..N {
        bye(&mut engine, n, now, &mut out);
    }
    engine.flush(now, &mut out);
    now = now + Settings::default().retention;
    for n_calls in 1..=10 {
        assert_eq!(engine.next_timeout(), Some(now), "more is due");
        engine.handle_timeout(now, &mut out);
        assert_eq!(engine.n_users() as u64, N - n_calls * 1_000);
    }
    assert_eq!(engine.next_timeout(), None);

    open(&mut engine, N + 1, now, &mut out);
    engine.flush(now, &mut out);
    let user = engine.user(user_id(N + 1)).unwrap();
    assert!(u64::from(user.0) < N, "a slot of somebody forgotten");
    let presence = engine.presence(user, Viewer::Everyone);
    assert_eq!((&*presence.username, presence.last_seen), ("user 10001", None));
    assert_eq!(engine.everyone().collect::<Vec<_>>(), [user]);
}
