//! The two-world test. World A: Uma signs out. World B: she hides, and goes on: other devices, reconnects, idle and back,
//! custom statuses, modes that end. Everything that anybody else can obtain, in order and to the byte, must be equal:
//! frames, lists, totals, windows, versions, resumes, watch notices, activity and what is at rest.
//!
//! Histories are random; the seed of one that differs is printed. `SEED=n` runs that one alone, `SEEDS=n` so many
//! (thousands in the deep run, with `--release`).

mod leak;
mod script;
mod world;

pub(crate) use self::leak::Leak;
use self::script::Script;
use self::world::World;

/// Histories of an ordinary run, some seconds.
const N_SEEDS: u64 = 300;

/// The first difference between the two worlds, if there is one.
fn difference(seed: u64, leak: Option<Leak>) -> Option<String> {
    let script = Script::new(seed);
    let (signs_out, hides) = (World::play(&script, false, leak), World::play(&script, true, leak));
    let pairs = signs_out.transcript.iter().zip(&hides.transcript);
    let at = pairs.take_while(|(a, b)| a == b).count();
    let (a, b) = (signs_out.transcript.get(at), hides.transcript.get(at));
    (a.is_some() || b.is_some())
        .then(|| format!("seed {seed}, entry {at}\nsigns out: {a:?}\nhides:     {b:?}\n{script:?}"))
}

#[test]
fn nobody_can_tell_hiding_from_signing_out() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(N_SEEDS),
    };
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| difference(seed, None));
        let difference = outcome.unwrap_or_else(|_| panic!("the engine failed with SEED={seed}"));
        assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    }
}

/// Of a test that cannot fail nothing can be learnt: each class of leak, switched on, is found within some hundred seeds.
#[test]
fn every_leak_on_purpose_is_found() {
    for leak in Leak::ALL {
        let found = (0..600).find(|&seed| difference(seed, Some(leak)).is_some());
        assert!(found.is_some(), "{leak:?} is not found");
    }
}

/// A difference between the worlds shows only if something happens in them.
#[test]
fn histories_are_full_of_life() {
    let transcripts: Vec<_> =
        (0..100).map(|seed| World::play(&Script::new(seed), true, None).transcript).collect();
    let texts: Vec<_> = transcripts.iter().map(|entries| format!("{entries:?}")).collect();
    let has = |what: &str| {
        let n = texts.iter().filter(|text| text.contains(what)).count();
        assert!(n >= 5, "{what} is in {n} of 100 histories");
    };
    for what in [
        "Original(",
        "\"everyone\"",
        "\"window 2\"",
        "\"friends\"",
        "\"users\"",
        "Some(Idle)",
        "WatchFired",
        "Activity",
        "Record",
        "Dnd",
        "Some(CustomStatus",
        "reason: Lost",
        "reason: Joined",
        "last_seen: Some(",
    ] {
        has(what);
    }
}
