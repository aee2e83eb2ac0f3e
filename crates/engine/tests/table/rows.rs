//! Each row, and which of two neighbours wins.

use hereabouts_protocol::{Mode, Status};

use crate::{Case, of};

const HIDDEN: &str = "offline, no since, seen never, says nothing";

#[test]
fn row_0_people_see_themselves_whatever_they_hide() {
    let me = |raw, mode| {
        of(|case| (case.is_themselves, case.raw, case.mode, case.sees_online) = (true, raw, mode, false))
    };
    assert_eq!(me(Status::Online, Mode::Auto), "0: online, since then, seen never, says at tea");
    assert_eq!(me(Status::Away, Mode::Auto), "0: away, since then, seen exactly, says at tea");
    assert_eq!(me(Status::Online, Mode::Invisible), "0: offline, no since, seen exactly, says at tea");
}

#[test]
fn rows_0_1_people_see_themselves_even_while_nobody_else_is_shown_anything() {
    assert!(of(|case| (case.is_themselves, case.is_unknown) = (true, true)).starts_with("0:"));
}

#[test]
fn row_1_without_presence_everybody_looks_the_same() {
    for raw in [Status::Online, Status::Away, Status::Offline] {
        for mode in Mode::ALL {
            assert_eq!(
                of(|case| (case.is_unknown, case.raw, case.mode) = (true, raw, mode)),
                format!("1: {HIDDEN}")
            );
        }
    }
}

#[test]
fn rows_1_2_unknown_beats_deactivated() {
    assert!(of(|case| (case.is_unknown, case.is_deactivated) = (true, true)).starts_with("1:"));
}

#[test]
fn row_2_who_is_deactivated_is_nobody() {
    assert_eq!(of(|case| case.is_deactivated = true), format!("2: {HIDDEN}"));
}

#[test]
fn rows_2_3_deactivated_beats_a_block() {
    assert!(of(|case| (case.is_deactivated, case.is_blocked) = (true, true)).starts_with("2:"));
}

#[test]
fn row_3_a_block_hides_everything() {
    assert_eq!(of(|case| case.is_blocked = true), format!("3: {HIDDEN}"));
    assert_eq!(of(|case| (case.is_blocked, case.shows_offline) = (true, true)), format!("3: {HIDDEN}"));
}

#[test]
fn rows_3_4_a_block_beats_a_rule_and_both_show_the_same() {
    assert!(of(|case| (case.is_blocked, case.sees_online) = (true, false)).starts_with("3:"));
    let without_row = |text: String| text[2..].to_owned();
    assert_eq!(
        without_row(of(|case| case.is_blocked = true)),
        without_row(of(|case| case.sees_online = false))
    );
}

#[test]
fn row_4_who_may_not_see_them_online_sees_nothing() {
    for raw in [Status::Online, Status::Away, Status::Offline] {
        assert_eq!(of(|case| (case.sees_online, case.raw) = (false, raw)), format!("4: {HIDDEN}"));
    }
}

#[test]
fn rows_4_5_their_rule_beats_mine_and_both_show_the_same() {
    assert!(of(|case| (case.sees_online, case.is_open_in_turn) = (false, false)).starts_with("4:"));
}

#[test]
fn row_5_who_hides_from_them_sees_nothing_of_them() {
    assert_eq!(of(|case| case.is_open_in_turn = false), format!("5: {HIDDEN}"));
}

#[test]
fn rows_5_6_hidden_and_offline_shows_no_time_and_no_custom_status() {
    let hidden = |case: &mut Case| {
        (case.is_open_in_turn, case.raw, case.shows_offline) = (false, Status::Offline, true);
    };
    assert_eq!(of(hidden), format!("5: {HIDDEN}"));
    let open = |case: &mut Case| (case.raw, case.shows_offline) = (Status::Offline, true);
    assert_eq!(of(open), "6: offline, no since, seen to the minute, says at tea");
}

#[test]
fn row_3_to_5_show_the_version_at_which_the_person_disappeared() {
    for hide in [
        (|case: &mut Case| case.is_blocked = true) as fn(&mut Case),
        |case| case.sees_online = false,
        |case| case.is_open_in_turn = false,
    ] {
        let mut case = Case::new();
        assert_eq!(case.view().version, 7);
        hide(&mut case);
        assert_eq!(case.view().version, 3);
    }
}

#[test]
fn row_6_hiding_and_not_being_there_are_the_same_to_the_byte() {
    for shows_offline in [false, true] {
        for sees_last_seen in [false, true] {
            let view = |raw, mode| {
                let case = Case { raw, mode, shows_offline, sees_last_seen, ..Case::new() };
                case.view()
            };
            let signed_out = view(Status::Offline, Mode::Auto);
            assert_eq!(signed_out.row, 6);
            for raw in [Status::Online, Status::Away, Status::Offline] {
                assert_eq!(view(raw, Mode::Invisible), signed_out);
            }
            for mode in Mode::ALL {
                assert_eq!(view(Status::Offline, mode), signed_out, "a mode makes nobody present");
            }
        }
    }
}

#[test]
fn row_6_shows_the_time_only_to_whom_it_may_be_shown() {
    let offline = |sees| of(|case| (case.raw, case.sees_last_seen) = (Status::Offline, sees));
    assert_eq!(offline(true), "6: offline, no since, seen to the minute, says nothing");
    assert_eq!(offline(false), "6: offline, no since, seen never, says nothing");
}

#[test]
fn rows_6_7_no_mode_beats_being_offline() {
    assert!(of(|case| (case.raw, case.mode) = (Status::Offline, Mode::Dnd)).starts_with("6:"));
}

#[test]
fn row_7_dnd_shows_no_time() {
    for raw in [Status::Online, Status::Away] {
        let shown = of(|case| (case.raw, case.mode) = (raw, Mode::Dnd));
        assert_eq!(shown, "7: dnd, since then, seen never, says at tea");
    }
}

#[test]
fn rows_7_8_dnd_is_not_away() {
    assert!(of(|case| case.mode = Mode::Dnd).starts_with("7:"));
    assert!(of(|case| case.mode = Mode::Away).starts_with("8:"));
}

#[test]
fn row_8_away_by_choice_shows_since_when_to_the_minute() {
    for raw in [Status::Online, Status::Away] {
        let shown = of(|case| (case.raw, case.mode) = (raw, Mode::Away));
        assert_eq!(shown, "8: away, since then, seen to the minute, says at tea");
    }
    let shown = of(|case| (case.mode, case.sees_last_seen) = (Mode::Away, false));
    assert_eq!(shown, "8: away, since then, seen never, says at tea");
}

#[test]
fn rows_8_9_away_by_choice_and_by_rest_show_the_same() {
    let chosen = of(|case| (case.mode, case.raw) = (Mode::Away, Status::Away));
    let idle = of(|case| case.raw = Status::Away);
    assert!(chosen.starts_with("8:") && idle.starts_with("9:"));
    assert_eq!(chosen[2..], idle[2..]);
}

#[test]
fn row_9_idle_shows_since_when_to_the_minute() {
    assert_eq!(of(|case| case.raw = Status::Away), "9: away, since then, seen to the minute, says at tea");
}

#[test]
fn rows_9_10_activity_decides() {
    assert!(of(|case| case.raw = Status::Away).starts_with("9:"));
    assert!(of(|case| case.raw = Status::Online).starts_with("10:"));
}

#[test]
fn row_10_online_shows_no_time() {
    assert_eq!(of(|_| {}), "10: online, since then, seen never, says at tea");
    assert_eq!(of(|case| case.has_custom = false), "10: online, since then, seen never, says nothing");
}
