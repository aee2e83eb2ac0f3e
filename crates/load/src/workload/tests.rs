//! Every workload against the mock server: that it ends, counts right, and notices what is wrong.

use super::Workload;
use crate::figure::Figure;
use crate::floor::Floors;
use crate::mock_server::{Fault, MockServer};
use crate::profile::Profile;

fn tiny() -> Profile {
    Profile {
        name: "tiny",
        idle_connections: (5, 15),
        watchers: 12,
        changes: 3,
        burst: (4, 2),
        storm_users: vec![25],
        heartbeat_seconds: 1,
        list_people: 9,
        list_seconds: 1,
        list_connections: 2,
        ..Profile::small()
    }
}

fn run(workload: Workload, fault: Fault, profile: &Profile) -> anyhow::Result<Vec<Figure>> {
    workload.run(&MockServer::start(fault).choice(), profile, &Floors::default())
}

fn value(figures: &[Figure], key: &str) -> f64 {
    figures.iter().find(|figure| figure.key == key).unwrap_or_else(|| panic!("no {key}")).measured
}

#[test]
fn a_storm_is_complete_with_kept_and_with_closing_connections() {
    for storm_keep_alive in [true, false] {
        let figures = run(Workload::Storm, Fault::None, &Profile { storm_keep_alive, ..tiny() }).unwrap();
        assert!((value(&figures, "storm.25.complete") - 100.0).abs() < 1e-9);
    }
}

#[test]
fn a_refused_handshake_is_tried_again_and_counted() {
    let figures = run(Workload::Storm, Fault::RefusesOnce, &tiny()).unwrap();
    assert!((value(&figures, "storm.25.refused") - 25.0).abs() < 1e-9);
    assert!((value(&figures, "storm.25.complete") - 100.0).abs() < 1e-9);
}

#[test]
fn a_storm_that_somebody_misses_is_an_error() {
    let error = super::storm::run_for_at_most(
        &MockServer::start(Fault::EmptyList).choice().get().unwrap(),
        6,
        true,
        std::time::Duration::from_secs(1),
    );
    let error = error.unwrap_err().to_string();
    assert!(error.contains("pairs are missing"), "{error}");
}

#[test]
fn fanout_counts_each_delivery_once() {
    let figures = run(Workload::Fanout, Fault::None, &tiny()).unwrap();
    assert!(value(&figures, "fanout.last_p99") >= value(&figures, "fanout.p50"));
    assert!(value(&figures, "fanout.p50") > 0.0);
}

#[test]
fn heartbeats_are_all_answered_or_the_run_fails() {
    let figures = run(Workload::Heartbeat, Fault::None, &tiny()).unwrap();
    assert!(value(&figures, "heartbeat.p99") > 0.0);
    let error = format!("{:#}", run(Workload::Heartbeat, Fault::NoPongs, &tiny()).unwrap_err());
    assert!(error.contains("a pong for every ping"), "{error}");
}

#[test]
fn lists_are_asked_for_whole_and_unchanged() {
    let figures = run(Workload::List, Fault::None, &tiny()).unwrap();
    assert!(value(&figures, "list.bytes") > 8.0 * 50.0);
    assert!((value(&figures, "list.unchanged_share") - 100.0).abs() < 1e-9);
    let error = format!("{:#}", run(Workload::List, Fault::EmptyList, &tiny()).unwrap_err());
    assert!(error.contains("the list has 0 of 8 people"), "{error}");
}

#[test]
fn idle_handshake_and_reconnect_end() {
    assert!(value(&run(Workload::Idle, Fault::None, &tiny()).unwrap(), "idle.process_memory") > 0.0);
    assert!(value(&run(Workload::Handshake, Fault::None, &tiny()).unwrap(), "handshake.rate") > 0.0);
    let figures = run(Workload::Reconnect, Fault::None, &tiny()).unwrap();
    assert!(value(&figures, "reconnect.events").abs() < 1e-9);
}
