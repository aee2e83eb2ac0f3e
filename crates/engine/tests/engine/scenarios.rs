//! The rules of presence, each as the shortest script that shows it.

use std::time::Duration;

use hereabouts_engine::Settings;
use insta::assert_snapshot;

use crate::script::{run, run_with};

#[test]
fn opening_a_session_makes_its_user_online_with_the_next_flush() {
    assert_snapshot!(run("
        0   open a1 ann
        0   who
        0   see ann
        0   pending
        0.1 flush
        0.1 who
        0.1 see ann
        0.1 pending
        0.2 flush
    "), @"
    0     0 here:
    0     ann: offline, version 0
    0     has changes: true
    0.1   record ann online, last seen 0
    0.1   welcome a1 of ann
    0.1   ann offline -> online: joined
    0.1   tick 1, total 1
    0.1   1 here: ann
    0.1   ann: online since 0, version 1
    0.1   has changes: false
    ");
}

#[test]
fn a_second_session_is_welcomed_at_once_and_changes_nothing() {
    assert_snapshot!(run("
        0 open a1 ann
        0 flush
        1 open a2 ann
        1 pending
        1 flush
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    1     welcome a2 of ann
    1     has changes: false
    ");
}

#[test]
fn closing_one_of_two_tabs_changes_nothing() {
    assert_snapshot!(run("
        0 open a1 ann
        0 open a2 ann
        0 flush
        5 close a1
        5 pending
        5 tick
        60 tick
        60 who
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    5     has changes: false
    60    1 here: ann
    ");
}

#[test]
fn a_lost_session_is_held_for_the_grace() {
    assert_snapshot!(run("
        0    open a1 ann
        0    flush
        70   lose a1
        70   next
        70   tick
        84.9 tick
        84.9 see ann
        85   tick
        85   see ann
        85   see ann by ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    70    next timeout: 85
    84.9  ann: online since 0, version 1
    85    record ann offline, last seen 60
    85    ann online -> offline: lost
    85    tick 2, total 0
    85    ann: offline, last seen 60, version 2
    85    ann: offline, last seen 70, version 2
    ");
}

#[test]
fn coming_back_within_the_grace_shows_nothing() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        70 lose a1
        75 open a2 ann
        75 tick
        90 tick
        90 see ann
        90 next
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    75    welcome a2 of ann
    90    ann: online since 0, version 1
    90    next timeout: never
    ");
}

#[test]
fn bye_ends_the_presence_at_once() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        70 bye a1 last=65
        70 tick
        70 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    70    record ann offline, last seen 60
    70    ann online -> offline: closed
    70    tick 2, total 0
    70    ann: offline, last seen 60, version 2
    ");
}

#[test]
fn bye_with_another_live_session_only_ends_its_own() {
    assert_snapshot!(run("
        0  open a1 ann
        0  open a2 ann
        0  flush
        70 bye a1
        70 tick
        71 bye a2
        71 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    71    record ann offline, last seen 60
    71    ann online -> offline: closed
    71    tick 2, total 0
    ");
}

#[test]
fn bye_beats_the_guess_that_a_held_session_may_come_back() {
    assert_snapshot!(run("
        0  open a1 ann
        0  open a2 ann
        0  flush
        70 lose a1
        71 bye a2
        71 tick
        90 next
        90 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    71    record ann offline, last seen 60
    71    ann online -> offline: closed
    71    tick 2, total 0
    90    next timeout: 86471
    ");
}

#[test]
fn closing_with_a_code_of_ones_own_has_no_grace_but_leaves_a_held_session_its_own() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        60 close a1
        60 tick
        61 open a2 ann
        61 open a3 ann
        61 flush
        70 lose a2
        72 close a3
        72 tick
        85 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    60    record ann offline, last seen 60
    60    ann online -> offline: closed
    60    tick 2, total 0
    61    record ann online, last seen 61
    61    welcome a2 of ann
    61    welcome a3 of ann
    61    ann offline -> online: joined
    61    tick 3, total 1
    85    record ann offline, last seen 60
    85    ann online -> offline: lost
    85    tick 4, total 0
    ");
}

#[test]
fn a_dead_peer_has_had_its_grace_already() {
    assert_snapshot!(run("
        0   open a1 ann
        0   flush
        105 dead a1 last=60
        105 tick
        105 see ann by ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    105   record ann offline, last seen 60
    105   ann online -> offline: lost
    105   tick 2, total 0
    105   ann: offline, last seen 60, version 2
    ");
}

#[test]
fn a_grace_longer_than_the_death_of_a_peer_counts_from_its_last_frame() {
    let settings = Settings { grace: Duration::from_mins(1), ..Settings::default() };
    assert_snapshot!(run_with(settings, "
        0   open a1 ann
        0   flush
        105 dead a1 last=60
        105 next
        119 tick
        120 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    105   next timeout: 120
    120   record ann offline, last seen 60
    120   ann online -> offline: lost
    120   tick 2, total 0
    ");
}

#[test]
fn last_seen_is_the_latest_frame_of_all_sessions_and_then_frozen() {
    assert_snapshot!(run("
        0   open a1 ann
        0   open a2 ann
        0   flush
        190 close a1 last=185
        200 dead a2 last=130
        200 tick
        200 see ann by ann
        200 see ann
        999 dead a2 last=990
        999 close a1 last=990
        999 tick
        999 see ann by ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    200   record ann offline, last seen 180
    200   ann online -> offline: lost
    200   tick 2, total 0
    200   ann: offline, last seen 185, version 2
    200   ann: offline, last seen 180, version 2
    999   ann: offline, last seen 185, version 2
    ");
}

#[test]
fn a_last_frame_in_the_future_counts_as_now() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        70 bye a1 last=9999
        70 tick
        70 see ann by ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    70    record ann offline, last seen 60
    70    ann online -> offline: closed
    70    tick 2, total 0
    70    ann: offline, last seen 70, version 2
    ");
}

#[test]
fn idle_in_every_session_is_away_and_active_in_any_is_online() {
    assert_snapshot!(run("
        0   open a1 ann
        0   open a2 ann
        0   flush
        300 idle a1
        300 tick
        310 idle a2
        310 tick
        310 see ann
        310 see ann by ann
        400 active a1
        400 tick
        400 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    310   ann online -> away: idle
    310   tick 2, total 1
    310   ann: away since 0, last seen 300, version 2
    310   ann: away since 0, last seen 310, version 2
    400   ann away -> online: active
    400   tick 3, total 1
    400   ann: online since 0, version 3
    ");
}

#[test]
fn closing_the_active_tab_leaves_the_idle_one() {
    assert_snapshot!(run("
        0   open a1 ann
        0   open a2 ann
        0   idle a2
        0   flush
        100 close a1
        100 tick
        200 bye a2
        200 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    100   ann online -> away: idle
    100   tick 2, total 1
    200   record ann offline, last seen 180
    200   ann away -> offline: closed
    200   tick 3, total 0
    ");
}

#[test]
fn a_held_session_keeps_its_last_idle_value() {
    assert_snapshot!(run("
        0   open a1 ann
        0   open a2 ann
        0   idle a1
        0   flush
        100 lose a2
        100 tick
        115 tick
        120 lose a1
        120 tick
        135 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     welcome a2 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    115   ann online -> away: idle
    115   tick 2, total 1
    135   record ann offline, last seen 120
    135   ann away -> offline: lost
    135   tick 3, total 0
    ");
}

#[test]
fn somebody_idle_whose_network_blinks_stays_away() {
    assert_snapshot!(run("
        0   open a1 ann
        0   idle a1
        0   flush
        100 lose a1
        102 open a2 ann
        102 tick
        103 idle a2
        115 tick
        200 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> away: joined
    0     tick 1, total 1
    102   welcome a2 of ann
    200   ann: away since 0, last seen 0, version 1
    ");
}

#[test]
fn an_inherited_idle_value_ends_when_the_session_reports_or_the_grace_would_have() {
    assert_snapshot!(run("
        0   open a1 ann
        0   idle a1
        0   flush
        100 lose a1
        102 open a2 ann
        104 active a2
        104 tick
        115 tick
        200 idle a2
        200 tick
        300 lose a2
        302 open a3 ann
        302 tick
        315 tick
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> away: joined
    0     tick 1, total 1
    102   welcome a2 of ann
    104   ann away -> online: active
    104   tick 2, total 1
    200   ann online -> away: idle
    200   tick 3, total 1
    302   welcome a3 of ann
    315   ann away -> online: active
    315   tick 4, total 1
    ");
}

#[test]
fn a_session_that_never_reports_counts_as_active() {
    assert_snapshot!(run("
        0     open a1 ann
        0     flush
        86000 tick
        86000 who
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    86000 1 here: ann
    ");
}

#[test]
fn a_short_visit_between_two_flushes_never_happened() {
    assert_snapshot!(run("
        0 open a1 ann
        0 bye a1
        0 pending
        0 flush
        0 see ann
    "), @"
    0     has changes: false
    0     ann: offline, version 0
    ");
}

#[test]
fn a_short_absence_between_two_flushes_never_happened() {
    assert_snapshot!(run("
        0 open a1 ann
        0 flush
        9 bye a1
        9 pending
        9 open a2 ann
        9 pending
        9 flush
        9 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    9     has changes: true
    9     welcome a2 of ann
    9     has changes: false
    9     ann: online since 0, version 1
    ");
}

#[test]
fn a_change_of_mind_about_being_idle_between_two_flushes_never_happened() {
    assert_snapshot!(run("
        0   open a1 ann
        0   flush
        300 idle a1
        301 active a1
        301 tick
        600 idle a1
        600 tick
        700 active a1
        701 idle a1
        701 tick
        701 see ann by ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    600   ann online -> away: idle
    600   tick 2, total 1
    701   ann: away since 0, last seen 600, version 2
    ");
}

#[test]
fn the_reason_is_that_of_the_net_change() {
    assert_snapshot!(run("
        0   open a1 ann
        0   idle a1
        0   flush
        0   see ann
        10  open b1 bob
        10  flush
        20  lose b1
        35  timeout
        36  open b2 bob
        36  bye b2
        36  flush
        40  bye a1
        41  open a2 ann
        41  flush
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> away: joined
    0     tick 1, total 1
    0     ann: away since 0, last seen 0, version 1
    10    record bob online, last seen 10
    10    welcome b1 of bob
    10    bob offline -> online: joined
    10    tick 2, total 2
    36    welcome b2 of bob
    36    record bob offline, last seen 0
    36    bob online -> offline: closed
    36    tick 3, total 1
    41    welcome a2 of ann
    41    ann away -> online: active
    41    tick 4, total 1
    ");
}

#[test]
fn since_is_when_they_came_and_outlives_being_idle() {
    assert_snapshot!(run("
        1   open a1 ann
        1.4 flush
        301 idle a1
        301 tick
        400 active a1
        400 tick
        400 see ann
        410 bye a1
        410 tick
        420 open a2 ann
        420 tick
        420 see ann
    "), @"
    1.4   record ann online, last seen 1
    1.4   welcome a1 of ann
    1.4   ann offline -> online: joined
    1.4   tick 1, total 1
    301   ann online -> away: idle
    301   tick 2, total 1
    400   ann away -> online: active
    400   tick 3, total 1
    400   ann: online since 1, version 3
    410   record ann offline, last seen 360
    410   ann online -> offline: closed
    410   tick 4, total 0
    420   record ann online, last seen 420
    420   welcome a2 of ann
    420   ann offline -> online: joined
    420   tick 5, total 1
    420   ann: online since 420, version 5
    ");
}

#[test]
fn a_new_name_or_picture_of_somebody_present_is_a_public_change() {
    assert_snapshot!(run("
        0 open a1 ann
        0 flush
        5 open a2 ann name=Anna picture=/anna.png
        5 see ann
        5 flush
        5 see ann
        6 open a3 ann name=Anna picture=/anna.png
        6 pending
        7 open a4 ann
        7 open a5 ann name=Anna picture=/anna.png
        7 pending
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    5     welcome a2 of ann
    5     ann: online since 0, version 1
    5     ann online -> online: changed
    5     tick 2, total 1
    5     Anna: online since 0, picture /anna.png, version 2
    6     welcome a3 of ann
    6     has changes: false
    7     welcome a4 of ann
    7     welcome a5 of ann
    7     has changes: false
    ");
}

#[test]
fn a_new_name_of_somebody_absent_comes_with_their_next_appearance() {
    assert_snapshot!(run("
        0  open a1 ann
        0  flush
        60 bye a1
        60 flush
        61 open a2 ann name=Anna
        61 see ann
        61 bye a2
        61 flush
        61 see ann
        62 open a3 ann name=Annabel
        62 flush
        62 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    60    record ann offline, last seen 60
    60    ann online -> offline: closed
    60    tick 2, total 0
    61    ann: offline, last seen 60, version 2
    61    ann: offline, last seen 60, version 2
    62    record ann online, last seen 62
    62    welcome a3 of ann
    62    ann offline -> online: joined
    62    tick 3, total 1
    62    Annabel: online since 62, version 3
    ");
}

#[test]
fn a_new_name_travels_with_a_change_of_status() {
    assert_snapshot!(run("
        0 open a1 ann
        0 flush
        5 open a2 ann name=Anna
        5 idle a1
        5 idle a2
        5 flush
        5 see ann
        6 open a3 ann name=Annabel
        6 bye a1
        6 bye a2
        6 bye a3
        6 flush
        6 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    5     welcome a2 of ann
    5     ann online -> away: idle
    5     tick 2, total 1
    5     Anna: away since 0, last seen 0, version 2
    6     welcome a3 of ann
    6     record ann offline, last seen 0
    6     ann away -> offline: closed
    6     tick 3, total 0
    6     Annabel: offline, last seen 0, version 3
    ");
}

#[test]
fn late_and_unknown_news_is_ignored() {
    assert_snapshot!(run("
        0 bye nobody
        0 idle nobody
        0 open a1 ann
        0 flush
        5 bye a1
        5 bye a1
        5 lose a1
        5 active a1
        5 flush
        6 idle a1
        6 pending
        6 next
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    5     record ann offline, last seen 0
    5     ann online -> offline: closed
    5     tick 2, total 0
    6     has changes: false
    6     next timeout: 86405
    ");
}

#[test]
fn a_session_key_that_is_live_cannot_be_opened_again() {
    assert_snapshot!(run("
        0 open a1 ann
        0 open a1 ann name=Anna
        0 open a1 bob
        0 flush
        1 open a1 ann name=Anna
        1 pending
        1 bye a1
        1 flush
        1 see bob
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    1     has changes: false
    1     record ann offline, last seen 0
    1     ann online -> offline: closed
    1     tick 2, total 0
    1     bob: not known
    ");
}

#[test]
fn a_clock_that_runs_back_turns_no_order_round() {
    assert_snapshot!(run("
        10 open a1 ann
        10 flush
        2  open b1 bob
        2  flush
        10 who
        10 see bob
    "), @"
    10    record ann online, last seen 10
    10    welcome a1 of ann
    10    ann offline -> online: joined
    10    tick 1, total 1
    2     record bob online, last seen 10
    2     welcome b1 of bob
    2     bob offline -> online: joined
    2     tick 2, total 2
    10    2 here: ann bob
    10    bob: online since 10, version 1
    ");
}

#[test]
fn everybody_is_ordered_by_since_then_id() {
    assert_snapshot!(run("
        5 open c1 cid
        5 open b1 bob
        5 flush
        5 open a1 ann
        5 flush
        4 open d1 dan
        6 open e1 eva
        6 flush
        6 who
    "), @"
    5     record cid online, last seen 5
    5     record bob online, last seen 5
    5     welcome c1 of cid
    5     welcome b1 of bob
    5     cid offline -> online: joined
    5     bob offline -> online: joined
    5     tick 1, total 2
    5     record ann online, last seen 5
    5     welcome a1 of ann
    5     ann offline -> online: joined
    5     tick 2, total 3
    6     record dan online, last seen 5
    6     record eva online, last seen 6
    6     welcome d1 of dan
    6     welcome e1 of eva
    6     dan offline -> online: joined
    6     eva offline -> online: joined
    6     tick 3, total 5
    6     5 here: ann bob cid dan eva
    ");
}

#[test]
fn a_window_tells_only_what_its_watchers_need() {
    assert_snapshot!(run("
        0 windows 1
        0 windows 2
        1 open a1 ann
        1 flush
        2 open b1 bob
        2 flush
        3 open c1 cid
        3 open d1 dan
        3 flush
        4 idle d1
        4 flush
        5 bye a1
        5 flush
        6 idle b1
        6 bye d1
        6 flush
        7 bye b1
        7 idle c1
        7 flush
    "), @"
    1     record ann online, last seen 1
    1     welcome a1 of ann
    1     ann offline -> online: joined
    1     tick 1, total 1
    1     window 1: [ann joined]
    1     window 2: [ann joined]
    2     record bob online, last seen 2
    2     welcome b1 of bob
    2     bob offline -> online: joined
    2     tick 2, total 2
    2     window 1: []
    2     window 2: [bob joined]
    3     record cid online, last seen 3
    3     record dan online, last seen 3
    3     welcome c1 of cid
    3     welcome d1 of dan
    3     cid offline -> online: joined
    3     dan offline -> online: joined
    3     tick 3, total 4
    3     window 1: []
    3     window 2: []
    4     dan online -> away: idle
    4     tick 4, total 4
    4     window 1: nothing to tell
    4     window 2: nothing to tell
    5     record ann offline, last seen 0
    5     ann online -> offline: closed
    5     tick 5, total 3
    5     window 1: [ann closed, bob changed]
    5     window 2: [ann closed, cid changed]
    6     record dan offline, last seen 0
    6     bob online -> away: idle
    6     dan away -> offline: closed
    6     tick 6, total 2
    6     window 1: [bob idle]
    6     window 2: [bob idle]
    7     record bob offline, last seen 0
    7     bob away -> offline: closed
    7     cid online -> away: idle
    7     tick 7, total 1
    7     window 1: [bob closed, cid idle]
    7     window 2: [bob closed, cid idle]
    ");
}

#[test]
fn who_is_pushed_out_of_a_window_is_not_mentioned() {
    assert_snapshot!(run("
        0 windows 1
        5 open b1 bob
        5 flush
        5 open a1 ann
        5 flush
        6 bye b1
        6 flush
        7 bye a1
        7 flush
    "), @"
    5     record bob online, last seen 5
    5     welcome b1 of bob
    5     bob offline -> online: joined
    5     tick 1, total 1
    5     window 1: [bob joined]
    5     record ann online, last seen 5
    5     welcome a1 of ann
    5     ann offline -> online: joined
    5     tick 2, total 2
    5     window 1: [ann joined]
    6     record bob offline, last seen 0
    6     bob online -> offline: closed
    6     tick 3, total 1
    6     window 1: []
    7     record ann offline, last seen 0
    7     ann online -> offline: closed
    7     tick 4, total 0
    7     window 1: [ann closed]
    ");
}

#[test]
fn who_changed_since_a_tick_comes_once_the_latest_first() {
    assert_snapshot!(run("
        0 open a1 ann
        0 flush
        1 open b1 bob
        1 flush
        2 idle a1
        2 flush
        3 bye a1
        3 flush
        3 open c1 cid
        3 since-tick 0
        3 since-tick 1
        3 since-tick 2
        3 since-tick 4
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    1     record bob online, last seen 1
    1     welcome b1 of bob
    1     bob offline -> online: joined
    1     tick 2, total 2
    2     ann online -> away: idle
    2     tick 3, total 2
    3     record ann offline, last seen 0
    3     ann away -> offline: closed
    3     tick 4, total 1
    3     changed since tick 0: ann bob
    3     changed since tick 1: ann bob
    3     changed since tick 2: ann
    3     changed since tick 4:
    ");
}

#[test]
fn a_record_is_forgotten_after_the_retention_and_leaves_its_version() {
    let settings = Settings { retention: Duration::from_secs(100), ..Settings::default() };
    assert_snapshot!(run_with(settings, "
        0   open a1 ann
        0   flush
        5   idle a1
        5   flush
        10  bye a1
        10  flush
        10  next
        109 tick
        109 see ann
        110 tick
        110 see ann
        110 since-tick 0
        110 next
        111 open b1 bob
        111 flush
        111 see bob
        112 open a2 ann
        112 flush
        112 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    5     ann online -> away: idle
    5     tick 2, total 1
    10    record ann offline, last seen 0
    10    ann away -> offline: closed
    10    tick 3, total 0
    10    next timeout: 110
    109   ann: offline, last seen 0, version 3
    110   ann: not known
    110   changed since tick 0:
    110   next timeout: never
    111   record bob online, last seen 111
    111   welcome b1 of bob
    111   bob offline -> online: joined
    111   tick 4, total 1
    111   bob: online since 111, version 4
    112   record ann online, last seen 112
    112   welcome a2 of ann
    112   ann offline -> online: joined
    112   tick 5, total 2
    112   ann: online since 112, version 4
    ");
}

#[test]
fn who_is_about_to_come_back_is_not_forgotten() {
    let settings = Settings { retention: Duration::from_secs(100), ..Settings::default() };
    assert_snapshot!(run_with(settings, "
        0   open a1 ann
        0   flush
        10  bye a1
        10  flush
        110 open a2 ann
        110 timeout
        110 see ann
        110 next
        110 flush
        110 see ann
    "), @"
    0     record ann online, last seen 0
    0     welcome a1 of ann
    0     ann offline -> online: joined
    0     tick 1, total 1
    10    record ann offline, last seen 0
    10    ann online -> offline: closed
    10    tick 2, total 0
    110   ann: offline, last seen 0, version 2
    110   next timeout: 210
    110   record ann online, last seen 110
    110   welcome a2 of ann
    110   ann offline -> online: joined
    110   tick 3, total 1
    110   ann: online since 110, version 3
    ");
}
