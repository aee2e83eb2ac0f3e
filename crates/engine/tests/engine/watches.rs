//! Watches: told once, of somebody who came and stayed, and of nothing else.

use insta::assert_snapshot;

use crate::script::run;

/// Bob waits for Ann, who has been here.
fn waiting(script: &str) -> String {
    let whole = run(&format!(
        "
        0   open b1 bob
        0   open a1 ann
        0   watch bob ann always
        0   flush
        10  bye a1
        10  tick
        {script}
    "
    ));
    whole
        .lines()
        .filter(|line| line.contains("tell ") || line.contains("next"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn who_comes_after_five_minutes_and_stays_ten_seconds_is_told() {
    assert_snapshot!(waiting("
        310 open a2 ann
        310 tick
        319 tick
        320 tick
        330 tick
    "), @"
    320   tell bob that ann came
    ");
}

#[test]
fn who_comes_back_too_soon_or_leaves_again_is_not() {
    assert_snapshot!(waiting("
        309 open a2 ann
        309 tick
        330 tick
        340 bye a2
        340 tick
        640 open a3 ann
        640 tick
        645 bye a3
        645 tick
        700 tick
    "), @"");
}

#[test]
fn once_is_once() {
    assert_snapshot!(waiting("
        20   watch bob ann
        310  open a2 ann
        320  tick
        330  tick
        400  bye a2
        400  tick
        1000 open a3 ann
        1000 tick
        1010 tick
    "), @"
    330   tell bob that ann came
    ");
}

#[test]
fn leak_11_coming_in_hiding_tells_nobody_and_coming_out_tells_as_a_sign_in_does() {
    let comes_out = waiting(
        "
        20  mode ann invisible
        310 open a2 ann
        310 tick
        320 tick
        400 mode ann auto
        400 tick
        410 tick
    ",
    );
    let signs_in = waiting(
        "
        400 open a2 ann
        400 tick
        410 tick
    ",
    );
    assert_eq!(comes_out, signs_in);
    assert_snapshot!(comes_out, @"
    410   tell bob that ann came
    ");
}

#[test]
fn whoever_must_not_be_disturbed_is_told_afterwards() {
    assert_snapshot!(waiting("
        300 mode bob dnd until=600
        310 open a2 ann
        310 tick
        320 tick
        600 tick
        610 tick
    "), @"
    600   tell bob that ann came
    ");
}

#[test]
fn whoever_is_not_here_is_told_when_they_are() {
    assert_snapshot!(waiting("
        20  bye b1
        310 open a2 ann
        310 tick
        320 tick
        400 open b2 bob
        400 tick
    "), @"
    400   tell bob that ann came
    ");
}

#[test]
fn who_forbids_it_is_not_told_of() {
    assert_snapshot!(waiting("
        20  privacy ann alerts=nobody
        310 open a2 ann
        310 tick
        320 tick
    "), @"");
}

#[test]
fn a_watch_of_somebody_not_known_yet_counts_from_when_they_were_last_seen() {
    let whole = run("
        0   cold
        0   log loads
        600 open b1 bob
        600 load bob
        600 tick
        600 watch bob ann
        600 load ann seen=10
        601 open a1 ann
        601 tick
        611 tick
    ");
    assert_snapshot!(whole, @"
    600   load bob
    600   record bob online, last seen 600
    600   welcome b1 of bob
    600   bob offline -> online: joined
    600   tick 1, total 1
    600   load ann
    601   record ann online, last seen 601
    601   welcome a1 of ann
    601   ann offline -> online: joined
    601   tick 2, total 2
    611   tell bob that ann came
    ");
}
