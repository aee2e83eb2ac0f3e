//! Privacy, friends and blocks: who is told what, and what nobody can tell apart.

use std::time::Duration;

use hereabouts_engine::Settings;
use insta::assert_snapshot;

use crate::script::{run, run_with};

/// Ann, her friend Bob, and Eve.
const THREE: &str = "
    0  open a1 ann
    0  open b1 bob
    0  open e1 eve
    0  befriend ann bob
    0  flush
    0  tell bob
    0  tell eve
";

fn after_three(script: &str) -> String {
    let whole = run(&format!("{THREE}{script}"));
    whole.lines().skip(10).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_friends_see_somebody_who_wants_it_so() {
    assert_snapshot!(after_three("
        70 privacy ann online=friends last_seen=friends
        70 tick
        70 see ann by bob
        70 see ann by eve
        80 idle a1
        80 tick
        90 bye a1
        90 tick
        90 see ann by bob
        90 see ann by eve
        95 open a2 ann
        95 tick
        99 privacy ann online=everyone last_seen=everyone
        99 tick
        99 see ann by bob
        99 see ann by eve
    "), @"
    70    record ann offline, last seen 0
    70    bob is told [], total 3
    70    eve is told [ann online -> offline: closed], total 2
    70    ann online -> offline: closed
    70    tick 2, total 2
    70    ann: online since 0, version 1
    70    ann: offline, version 1
    80    bob is told [ann online -> away: idle], total 3
    80    eve is told [], total 2
    80    tick 3, total 2
    90    bob is told [ann away -> offline: closed], total 2
    90    eve is told [], total 2
    90    tick 4, total 2
    90    ann: offline, last seen 60, version 3
    90    ann: offline, version 1
    95    welcome a2 of ann
    95    bob is told [ann offline -> online: joined], total 3
    95    eve is told [], total 2
    95    tick 5, total 2
    99    record ann online, last seen 99
    99    bob is told [ann online -> online: changed], total 3
    99    eve is told [ann offline -> online: joined], total 3
    99    ann offline -> online: joined
    99    tick 6, total 3
    99    ann: online since 99, version 4
    99    ann: online since 99, version 4
    ");
}

#[test]
fn leak_30_a_block_and_a_rule_look_the_same() {
    let see = "
        70 tick
        70 see ann by eve
        75 idle a1
        75 tick
        80 bye a1
        80 tick
        80 see ann by eve
    ";
    let eves = |script: &str| -> String {
        let whole = after_three(&format!("{script}{see}"));
        whole
            .lines()
            .filter(|line| line.contains("eve is told") || line.contains("ann:"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let blocked = eves("70 block ann eve");
    assert_eq!(eves("70 privacy ann online=everyone-eve last_seen=everyone-eve"), blocked);
    assert_eq!(eves("70 privacy ann online=friends last_seen=friends"), blocked);
    assert_eq!(eves("70 block eve ann"), blocked);
    assert_snapshot!(blocked, @"
    70    eve is told [ann online -> offline: closed], total 2
    70    ann: offline, version 1
    75    eve is told [], total 2
    80    eve is told [], total 2
    80    ann: offline, version 1
    ");
}

#[test]
fn a_block_hides_both_from_each_other_and_its_end_is_a_join_without_an_alert() {
    assert_snapshot!(after_three("
        70 tell ann
        70 watch eve ann always
        70 block ann eve
        70 tick
        71 see eve by ann
        71 see ann by eve
        400 unblock ann eve
        400 tick
        500 tick
    "), @"
    70    bob is told [], total 3
    70    eve is told [ann online -> offline: closed], total 2
    70    ann is told [eve online -> offline: closed], total 2
    70    tick 2, total 3
    71    eve: offline, version 1
    71    ann: offline, version 1
    400   bob is told [], total 3
    400   eve is told [ann offline -> online: joined], total 3
    400   ann is told [eve offline -> online: joined], total 3
    400   tick 3, total 3
    ");
}

#[test]
fn what_is_hidden_never_moves_the_version_that_is_seen() {
    assert_snapshot!(after_three("
        70 block ann eve
        70 tick
        75 idle a1
        75 tick
        75 see ann by eve
        75 see ann by bob
        80 active a1
        80 tick
        80 see ann by eve
        85 unblock ann eve
        85 tick
        85 see ann by eve
    "), @"
    70    bob is told [], total 3
    70    eve is told [ann online -> offline: closed], total 2
    70    tick 2, total 3
    75    bob is told [ann online -> away: idle], total 3
    75    eve is told [], total 2
    75    ann online -> away: idle
    75    tick 3, total 3
    75    ann: offline, version 1
    75    ann: away since 0, last seen 60, version 2
    80    bob is told [ann away -> online: active], total 3
    80    eve is told [], total 2
    80    ann away -> online: active
    80    tick 4, total 3
    80    ann: offline, version 1
    85    bob is told [], total 3
    85    eve is told [ann offline -> online: joined], total 3
    85    tick 5, total 3
    85    ann: online since 0, version 3
    ");
}

#[test]
fn last_seen_can_be_for_friends_only() {
    assert_snapshot!(after_three("
        70 privacy ann last_seen=friends
        70 tick
        90 bye a1
        90 tick
        90 see ann by bob
        90 see ann by eve
        95 unfriend ann bob
        95 tick
        95 see ann by bob
    "), @"
    70    bob is told [], total 3
    70    eve is told [], total 3
    70    tick 2, total 3
    90    record ann offline, last seen 0
    90    bob is told [ann online -> offline: closed], total 2
    90    eve is told [ann online -> offline: closed], total 2
    90    ann online -> offline: closed
    90    tick 3, total 2
    90    ann: offline, last seen 60, version 2
    90    ann: offline, version 2
    95    bob is told [ann offline -> offline: changed], total 2
    95    eve is told [], total 2
    95    tick 4, total 2
    95    ann: offline, version 2
    ");
}

#[test]
fn leak_32_a_rule_that_narrows_is_one_offline_and_one_that_widens_no_alert() {
    assert_snapshot!(after_three("
        70  watch eve ann always
        70  privacy ann online=nobody+bob last_seen=nobody+bob
        70  tick
        71  tick
        400 privacy ann online=everyone last_seen=everyone
        400 tick
        500 tick
    "), @"
    70    record ann offline, last seen 0
    70    bob is told [], total 3
    70    eve is told [ann online -> offline: closed], total 2
    70    ann online -> offline: closed
    70    tick 2, total 2
    400   record ann online, last seen 400
    400   bob is told [ann online -> online: changed], total 3
    400   eve is told [ann offline -> online: joined], total 3
    400   ann offline -> online: joined
    400   tick 3, total 3
    ");
}

#[test]
fn who_is_deactivated_is_nobody() {
    assert_snapshot!(after_three("
        70 deactivate ann
        70 tick
        70 see ann by bob
    "), @"
    70    record ann offline, last seen 60
    70    bob is told [ann online -> offline: closed], total 2
    70    eve is told [ann online -> offline: closed], total 2
    70    ann online -> offline: closed
    70    tick 2, total 2
    70    ann: offline, version 1
    ");
}

/// Where hiding counts both ways.
const RECIPROCAL: Settings = Settings {
    grace: Duration::from_secs(15),
    retention: Duration::from_hours(24),
    change_period: Duration::ZERO,
    is_reciprocal: true,
    bucket_secret: 0,
};

#[test]
fn leak_31_who_hides_sees_nobody_and_opening_for_a_look_takes_ten_minutes() {
    assert_snapshot!(run_with(RECIPROCAL, "
        0   open a1 ann
        0   open b1 bob
        0   flush
        0   tell bob
        70  privacy bob online=nobody last_seen=nobody
        70  tick
        70  see ann by bob
        80  privacy bob online=everyone last_seen=everyone
        80  tick
        80  see ann by bob
        90  privacy bob online=nobody last_seen=nobody
        90  tick
        100 privacy bob online=everyone last_seen=everyone
        100 tick
        500 idle a1
        500 tick
        700 tick
        700 see ann by bob
    "), @"
    0     record ann online, last seen 0
    0     record bob online, last seen 0
    0     welcome a1 of ann
    0     welcome b1 of bob
    0     ann offline -> online: joined
    0     bob offline -> online: joined
    0     tick 1, total 2
    70    record bob offline, last seen 0
    70    bob is told [ann online -> offline: closed, bob online -> offline: closed], total 0
    70    bob online -> offline: closed
    70    tick 2, total 1
    70    ann: offline, version 1
    80    record bob online, last seen 80
    80    bob is told [bob offline -> online: joined], total 1
    80    bob offline -> online: joined
    80    tick 3, total 2
    80    ann: offline, version 1
    90    record bob offline, last seen 80
    90    bob is told [bob online -> offline: closed], total 0
    90    bob online -> offline: closed
    90    tick 4, total 1
    100   record bob online, last seen 100
    100   bob is told [bob offline -> online: joined], total 1
    100   bob offline -> online: joined
    100   tick 5, total 2
    500   bob is told [], total 1
    500   ann online -> away: idle
    500   tick 6, total 2
    700   bob is told [ann offline -> away: joined], total 2
    700   tick 7, total 2
    700   ann: away since 0, last seen 480, version 2
    ");
}
