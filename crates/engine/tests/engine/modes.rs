//! Modes, custom statuses, loading, and how often somebody may change.

use insta::assert_snapshot;

use crate::script::run;

/// Two people here, and one of them is told everything.
const TWO: &str = "
    0  open a1 ann
    0  open b1 bob
    0  flush
    0  tell bob
";

fn after_two(script: &str) -> String {
    let whole = run(&format!("{TWO}{script}"));
    whole.lines().skip(6).collect::<Vec<_>>().join("\n")
}

#[test]
fn going_invisible_is_told_as_a_sign_out() {
    let hides = after_two(
        "
        70 mode ann invisible
        70 tick
        70 see ann by bob
        90 tick
        90 see ann by bob
    ",
    );
    let signs_out = after_two(
        "
        70 bye a1
        70 tick
        70 see ann by bob
        90 tick
        90 see ann by bob
    ",
    );
    assert_eq!(hides, signs_out);
    assert_snapshot!(hides, @"
    0     tick 1, total 2
    70    record ann offline, last seen 60
    70    bob is told [ann online -> offline: closed], total 1
    70    ann online -> offline: closed
    70    tick 2, total 1
    70    ann: offline, last seen 60, version 2
    90    ann: offline, last seen 60, version 2
    ");
}

#[test]
fn coming_out_of_hiding_is_told_as_a_sign_in() {
    let shows = after_two(
        "
        70 mode ann invisible
        70 tick
        80 mode ann auto
        80 tick
        80 see ann by bob
    ",
    );
    let signs_in = after_two(
        "
        70 bye a1
        70 tick
        80 open a2 ann
        80 tick
        80 see ann by bob
    ",
    );
    let without_welcome: String =
        signs_in.lines().filter(|line| !line.contains("welcome")).map(|line| format!("{line}\n")).collect();
    assert_eq!(shows, without_welcome.trim_end());
    assert_snapshot!(shows, @"
    0     tick 1, total 2
    70    record ann offline, last seen 60
    70    bob is told [ann online -> offline: closed], total 1
    70    ann online -> offline: closed
    70    tick 2, total 1
    80    record ann online, last seen 80
    80    bob is told [ann offline -> online: joined], total 2
    80    ann offline -> online: joined
    80    tick 3, total 2
    80    ann: online since 80, version 3
    ");
}

#[test]
fn what_the_hidden_do_moves_nothing() {
    assert_snapshot!(after_two("
        70  mode ann invisible
        70  tick
        80  idle a1
        80  tick
        90  open a2 ann
        90  tick
        95  lose a1
        95  tick
        120 bye a2
        120 tick
        200 see ann by bob
        200 see ann by ann
    "), @"
    0     tick 1, total 2
    70    record ann offline, last seen 60
    70    bob is told [ann online -> offline: closed], total 1
    70    ann online -> offline: closed
    70    tick 2, total 1
    90    welcome a2 of ann
    200   ann: offline, last seen 60, version 2
    200   ann: offline, last seen 70, version 2
    ");
}

#[test]
fn a_new_device_of_somebody_hidden_causes_no_flash() {
    assert_snapshot!(run("
        0  open b1 bob
        0  flush
        0  mode ann invisible
        1  open a1 ann
        1  pending
        1  tick
        1  see ann by bob
        1  see ann by ann
    "), @"
    0     record bob online, last seen 0
    0     welcome b1 of bob
    0     bob offline -> online: joined
    0     tick 1, total 1
    1     welcome a1 of ann
    1     has changes: false
    1     ann: offline, version 0
    1     ann: offline, version 0
    ");
}

#[test]
fn a_mode_with_an_end_gives_way_to_the_one_below_it() {
    assert_snapshot!(after_two("
        70  mode ann dnd until=100
        70  tick
        70  see ann by bob
        70  next
        80  idle a1
        80  pending
        100 tick
        110 mode ann invisible until=130
        110 tick
        130 tick
        130 see ann by bob
    "), @"
    0     tick 1, total 2
    70    bob is told [ann online -> dnd: changed], total 2
    70    ann online -> dnd: changed
    70    tick 2, total 2
    70    ann: dnd since 0, version 2
    70    next timeout: 100
    80    has changes: false
    100   bob is told [ann dnd -> away: changed], total 2
    100   ann dnd -> away: changed
    100   tick 3, total 2
    110   record ann offline, last seen 60
    110   bob is told [ann away -> offline: closed], total 1
    110   ann away -> offline: closed
    110   tick 4, total 1
    130   record ann online, last seen 130
    130   bob is told [ann offline -> away: joined], total 2
    130   ann offline -> away: joined
    130   tick 5, total 2
    130   ann: away since 130, last seen 120, version 5
    ");
}

#[test]
fn a_mode_that_ends_while_somebody_is_offline_or_hidden_shows_nothing() {
    assert_snapshot!(after_two("
        70  mode ann dnd until=100
        75  bye a1
        75  tick
        100 tick
        110 mode ann invisible
        111 mode ann dnd until=140
        112 mode ann invisible
        112 open a2 ann
        112 tick
        140 tick
        140 see ann by bob
    "), @"
    0     tick 1, total 2
    75    record ann offline, last seen 60
    75    bob is told [ann online -> offline: closed], total 1
    75    ann online -> offline: closed
    75    tick 2, total 1
    112   welcome a2 of ann
    140   ann: offline, last seen 60, version 2
    ");
}

#[test]
fn activity_does_not_clear_a_mode_and_online_by_choice_is_only_the_absence_of_one() {
    assert_snapshot!(after_two("
        70 mode ann away
        70 tick
        71 active a1
        71 tick
        72 mode ann dnd
        72 tick
        73 mode ann auto
        73 idle a1
        73 tick
        74 close a1
        74 tick
        75 mode ann auto
        75 tick
    "), @"
    0     tick 1, total 2
    70    bob is told [ann online -> away: changed], total 2
    70    ann online -> away: changed
    70    tick 2, total 2
    72    bob is told [ann away -> dnd: changed], total 2
    72    ann away -> dnd: changed
    72    tick 3, total 2
    73    bob is told [ann dnd -> away: changed], total 2
    73    ann dnd -> away: changed
    73    tick 4, total 2
    74    record ann offline, last seen 60
    74    bob is told [ann away -> offline: closed], total 1
    74    ann away -> offline: closed
    74    tick 5, total 1
    ");
}

#[test]
fn older_news_of_a_person_is_ignored() {
    assert_snapshot!(after_two("
        70 mode ann invisible
        70 stale ann auto
        70 tick
        70 see ann by bob
    "), @"
    0     tick 1, total 2
    70    record ann offline, last seen 60
    70    bob is told [ann online -> offline: closed], total 1
    70    ann online -> offline: closed
    70    tick 2, total 1
    70    ann: offline, last seen 60, version 2
    ");
}

#[test]
fn a_custom_status_is_shown_edited_and_ends_by_itself() {
    assert_snapshot!(after_two("
        70  custom ann tea until=100
        70  tick
        70  see ann by bob
        80  custom ann coffee until=100
        80  tick
        80  see ann by bob
        100 tick
        100 see ann by bob
    "), @"
    0     tick 1, total 2
    70    bob is told [ann online -> online: changed], total 2
    70    ann online -> online: changed
    70    tick 2, total 2
    70    ann: online since 0, says tea, version 2
    80    bob is told [ann online -> online: changed], total 2
    80    ann online -> online: changed
    80    tick 3, total 2
    80    ann: online since 0, says coffee, version 3
    100   bob is told [ann online -> online: changed], total 2
    100   ann online -> online: changed
    100   tick 4, total 2
    100   ann: online since 0, version 4
    ");
}

#[test]
fn a_custom_status_written_in_hiding_is_withheld_and_the_one_before_ends_on_time() {
    assert_snapshot!(after_two("
        70  custom ann tea until=100 offline
        70  tick
        75  mode ann invisible
        75  tick
        75  see ann by bob
        80  custom ann secret offline
        80  tick
        80  see ann by bob
        80  see ann by ann
        100 tick
        100 see ann by bob
        110 mode ann auto
        110 tick
        110 see ann by bob
    "), @"
    0     tick 1, total 2
    70    bob is told [ann online -> online: changed], total 2
    70    ann online -> online: changed
    70    tick 2, total 2
    75    record ann offline, last seen 60
    75    bob is told [ann online -> offline: closed], total 1
    75    ann online -> offline: closed
    75    tick 3, total 1
    75    ann: offline, last seen 60, says tea, version 3
    80    ann: offline, last seen 60, says tea, version 3
    80    ann: offline, last seen 75, says secret, version 3
    100   bob is told [ann offline -> offline: changed], total 1
    100   tick 4, total 1
    100   ann: offline, last seen 60, version 4
    110   record ann online, last seen 110
    110   bob is told [ann offline -> online: joined], total 2
    110   ann offline -> online: joined
    110   tick 5, total 2
    110   ann: online since 110, says secret, version 5
    ");
}

#[test]
fn a_custom_status_that_is_not_for_offline_goes_with_its_writer() {
    assert_snapshot!(after_two("
        70  custom ann tea
        70  tick
        75  bye a1
        75  tick
        75  see ann by bob
        76  custom ann
        76  tick
    "), @"
    0     tick 1, total 2
    70    bob is told [ann online -> online: changed], total 2
    70    ann online -> online: changed
    70    tick 2, total 2
    75    record ann offline, last seen 60
    75    bob is told [ann online -> offline: closed], total 1
    75    ann online -> offline: closed
    75    tick 3, total 1
    75    ann: offline, last seen 60, version 3
    ");
}

#[test]
fn nobody_is_shown_before_what_they_decided_is_known() {
    assert_snapshot!(run("
        0 log loads
        0 cold
        0 mode ann invisible
        0 open a1 ann
        0 open b1 bob
        0 tick
        0 who
        1 load bob
        1 tick
        2 unreadable ann
        2 tick
        3 load ann
        3 tick
        3 who
        4 open a2 ann
    "), @"
    0     load ann
    0     load bob
    0     0 here:
    1     record bob online, last seen 1
    1     welcome b1 of bob
    1     bob offline -> online: joined
    1     tick 1, total 1
    2     welcome a1 of ann
    3     1 here: bob
    4     welcome a2 of ann
    ");
}

#[test]
fn somebody_looked_at_for_the_first_time_has_the_time_that_was_at_rest() {
    assert_snapshot!(run("
        600 load cid seen=70
        600 see cid
        600 open c1 cid
        600 flush
        600 see cid
    "), @"
    600   cid: offline, last seen 60, version 0
    600   record cid online, last seen 600
    600   welcome c1 of cid
    600   cid offline -> online: joined
    600   tick 1, total 1
    600   cid: online since 600, version 1
    ");
}

/// Row A31: five changes at once, then one every two seconds; what is above that is not lost.
#[test]
fn somebody_who_flaps_changes_five_times_and_then_every_two_seconds() {
    assert_snapshot!(after_two("
        10   idle a1
        10   tick
        10.1 active a1
        10.1 tick
        10.2 idle a1
        10.2 tick
        10.3 active a1
        10.3 tick
        10.4 idle a1
        10.4 tick
        10.5 active a1
        10.5 pending
        10.5 next
        10.6 idle a1
        10.7 active a1
        12   tick
        12.1 idle a1
        12.2 active a1
        14   tick
        14   pending
        30   bye a1
        30   tick
    "), @"
    0     tick 1, total 2
    10    bob is told [ann online -> away: idle], total 2
    10    ann online -> away: idle
    10    tick 2, total 2
    10.1  bob is told [ann away -> online: active], total 2
    10.1  ann away -> online: active
    10.1  tick 3, total 2
    10.2  bob is told [ann online -> away: idle], total 2
    10.2  ann online -> away: idle
    10.2  tick 4, total 2
    10.3  bob is told [ann away -> online: active], total 2
    10.3  ann away -> online: active
    10.3  tick 5, total 2
    10.4  bob is told [ann online -> away: idle], total 2
    10.4  ann online -> away: idle
    10.4  tick 6, total 2
    10.5  has changes: false
    10.5  next timeout: 12
    12    bob is told [ann away -> online: active], total 2
    12    ann away -> online: active
    12    tick 7, total 2
    14    has changes: false
    30    record ann offline, last seen 0
    30    bob is told [ann online -> offline: closed], total 1
    30    ann online -> offline: closed
    30    tick 8, total 1
    ");
}

#[test]
fn who_leaves_while_flapping_is_gone_two_seconds_later_at_most() {
    assert_snapshot!(after_two("
        10   idle a1
        10   tick
        10.1 active a1
        10.1 tick
        10.2 idle a1
        10.2 tick
        10.3 active a1
        10.3 tick
        10.4 idle a1
        10.4 tick
        10.5 bye a1
        10.5 tick
        12   tick
    "), @"
    0     tick 1, total 2
    10    bob is told [ann online -> away: idle], total 2
    10    ann online -> away: idle
    10    tick 2, total 2
    10.1  bob is told [ann away -> online: active], total 2
    10.1  ann away -> online: active
    10.1  tick 3, total 2
    10.2  bob is told [ann online -> away: idle], total 2
    10.2  ann online -> away: idle
    10.2  tick 4, total 2
    10.3  bob is told [ann away -> online: active], total 2
    10.3  ann away -> online: active
    10.3  tick 5, total 2
    10.4  bob is told [ann online -> away: idle], total 2
    10.4  ann online -> away: idle
    10.4  tick 6, total 2
    12    record ann offline, last seen 0
    12    bob is told [ann away -> offline: closed], total 1
    12    ann away -> offline: closed
    12    tick 7, total 1
    ");
}
