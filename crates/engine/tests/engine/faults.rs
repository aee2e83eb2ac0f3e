//! Faults measured in other presence servers. Each is a scenario that must stay dull here.

use insta::assert_snapshot;

use crate::script::run;

/// The original: a handshake cut at its time limit reports its end *after* the client came back.
#[test]
fn a_late_loss_of_an_old_session_does_not_mark_a_new_one_offline() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        50 open a2 ann
        51 lose a1 last=0
        51 tick
        51 dead a1 last=0
        51 bye a1
        51 tick
        99 tick
        99 who
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    50    welcome a2 of ann
    99    1 here: ann
    ");
}

/// The original: a broadcast hits a connection that is closing, its end is never handled, a ghost remains.
#[test]
fn a_disconnect_in_the_middle_of_a_broadcast_is_told_with_the_next() {
    assert_snapshot!(run("
        0   open a1 ann
        0   open b1 bob
        0   flush
        1   open c1 cid
        1   flush
        1   bye b1
        1   open d1 dan
        1   who
        1.1 flush
        1.1 who
    "), @"
    0     record ann online, last seen 0
    0     record bob online, last seen 0
    0     welcome a1 of ann
    0     welcome b1 of bob
    0     ann offline -> online: joined
    0     bob offline -> online: joined
    0     tick 1, total 2
    1     record cid online, last seen 1
    1     welcome c1 of cid
    1     cid offline -> online: joined
    1     tick 2, total 3
    1     3 here: ann bob cid
    1.1   record bob offline, last seen 0
    1.1   record dan online, last seen 1
    1.1   welcome d1 of dan
    1.1   bob online -> offline: closed
    1.1   dan offline -> online: joined
    1.1   tick 3, total 3
    1.1   3 here: ann cid dan
    ");
}

#[test]
fn a_connection_lost_before_its_welcome_gets_none() {
    assert_snapshot!(run("
        0  open a1 ann
        0  open b1 bob
        0  lose a1
        0  bye b1
        0  flush
        15 tick
        15 who
    "), @"
    0     record ann online, last seen 0
    0     ann offline -> online: joined
    0     tick 1, total 1
    15    record ann offline, last seen 0
    15    ann online -> offline: lost
    15    tick 2, total 0
    15    0 here:
    ");
}

/// Sockudo: each reads the list before the other is in it, and is registered after the other's event.
/// Here a welcome (after which a client reads) never runs ahead of what a list read shows.
#[test]
fn two_who_join_at_the_same_moment_both_learn_of_each_other() {
    assert_snapshot!(run("
        0   open a1 ann
        0   open b1 bob
        0   who
        0.1 flush
        0.1 who
    "), @"
    0     0 here:
    0.1   record ann online, last seen 0
    0.1   record bob online, last seen 0
    0.1   welcome a1 of ann
    0.1   welcome b1 of bob
    0.1   ann offline -> online: joined
    0.1   bob offline -> online: joined
    0.1   tick 1, total 2
    0.1   2 here: ann bob
    ");
    assert_snapshot!(run("
        0   open a1 ann
        0   flush
        0   who
        0   open b1 bob
        0   flush
        0   who
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    0     1 here: ann
    0     record bob online, last seen 0
    0     welcome b1 of bob
    0     bob offline -> online: joined
    0     tick 2, total 2
    0     2 here: ann bob
    ");
}

#[test]
fn five_reloads_show_nothing() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        1  lose a1
        1  open a2 ann
        2  lose a2
        3  tick
        3  open a3 ann
        4  open a4 ann
        4  lose a3
        5  lose a4
        5  tick
        6  open a5 ann
        7  lose a5
        7  open a6 ann
        7  tick
        60 tick
        60 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    1     welcome a2 of ann
    3     welcome a3 of ann
    4     welcome a4 of ann
    6     welcome a5 of ann
    7     welcome a6 of ann
    60    ann: online since 0, version 1
    ");
}

/// A ghost of the reloads would keep them here for another grace.
#[test]
fn after_reloads_a_close_is_a_close() {
    assert_snapshot!(run("
        0 open a1 ann
        0 flush
        1 lose a1
        2 open a2 ann
        3 lose a2
        4 open a3 ann
        5 close a3
        5 tick
        5 next
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    2     welcome a2 of ann
    4     welcome a3 of ann
    5     record ann offline, last seen 0
    5     ann online -> offline: closed
    5     tick 2, total 0
    5     next timeout: 86405
    ");
}

/// A new session takes one hold, not all: the other tab may still come back.
#[test]
fn two_tabs_reloaded_together_take_one_hold_each() {
    assert_snapshot!(run("
        0  open a1 ann
        0  open a2 ann
        0  flush
        10 lose a1
        11 lose a2
        12 open a3 ann
        13 close a3
        13 tick
        25 tick
        26 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    12    welcome a3 of ann
    26    record ann offline, last seen 0
    26    ann online -> offline: lost
    26    tick 2, total 0
    ");
}

/// The original: `kill -9` leaves everybody online for ever; here nothing is present that has no session.
#[test]
fn whoever_stays_away_ends_without_anybody_doing_anything() {
    assert_snapshot!(run("
        0  open a1 ann
        0  open a2 ann
        0  flush
        9  lose a1
        9  lose a2
        9  next
        24 tick
        24 who
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    9     next timeout: 24
    24    record ann offline, last seen 0
    24    ann online -> offline: lost
    24    tick 2, total 0
    24    0 here:
    ");
}
