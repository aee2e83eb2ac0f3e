//! Group 5: fragmentation.

use hereabouts_websocket::Opcode::{Continuation, Ping, Pong, Text};

use super::{
    harness::check_by_frames,
    script::{Script, closed, pong, text},
};

#[test]
fn case_5_1_fragmented_ping() {
    let script = Script::new().frame(Ping, false, "fragment1").frame(Continuation, true, "fragment2");
    check_by_frames("5.1", &script, &[closed(1002)]);
}

#[test]
fn case_5_2_fragmented_pong() {
    let script = Script::new().frame(Pong, false, "fragment1").frame(Continuation, true, "fragment2");
    check_by_frames("5.2", &script, &[closed(1002)]);
}

#[test]
fn case_5_3_to_5_5_two_fragments() {
    let script = Script::new().fragments(&["fragment1", "fragment2"]);
    check_by_frames("5.3 to 5.5", &script, &[text("fragment1fragment2")]);
}

#[test]
fn case_5_6_to_5_8_ping_between_two_fragments() {
    let script = Script::new().frame(Text, false, "fragment1").ping("ping payload").frame(
        Continuation,
        true,
        "fragment2",
    );
    check_by_frames("5.6 to 5.8", &script, &[pong("ping payload"), text("fragment1fragment2")]);
}

#[test]
fn case_5_9_to_5_11_final_continuation_of_nothing() {
    let script = Script::new().frame(Continuation, true, "non-continuation payload").text("Hello, world!");
    check_by_frames("5.9 to 5.11", &script, &[closed(1002)]);
}

#[test]
fn case_5_12_to_5_14_continuation_of_nothing() {
    let script = Script::new().frame(Continuation, false, "non-continuation payload").text("Hello, world!");
    check_by_frames("5.12 to 5.14", &script, &[closed(1002)]);
}

#[test]
fn case_5_15_continuation_of_a_finished_message() {
    let script = Script::new()
        .fragments(&["fragment1", "fragment2"])
        .frame(Continuation, false, "fragment3")
        .text("fragment4");
    check_by_frames("5.15", &script, &[text("fragment1fragment2"), closed(1002)]);
}

#[test]
fn case_5_16_and_5_17_orphan_then_a_good_message_twice() {
    for (case, is_final) in [("5.16", false), ("5.17", true)] {
        let mut script = Script::new();
        for _ in 0..2 {
            script = script.frame(Continuation, is_final, "fragment1").frame(Text, false, "fragment2").frame(
                Continuation,
                true,
                "fragment3",
            );
        }
        check_by_frames(case, &script, &[closed(1002)]);
    }
}

#[test]
fn case_5_18_second_fragment_is_text_again() {
    let script = Script::new().frame(Text, false, "fragment1").frame(Text, true, "fragment2");
    check_by_frames("5.18", &script, &[closed(1002)]);
}

#[test]
fn case_5_19_and_5_20_five_fragments_with_pings_inside() {
    // 5.19 waits a second after the second fragment: to a decoder without a clock, that is 5.20.
    let script = Script::new()
        .frame(Text, false, "fragment1")
        .frame(Continuation, false, "fragment2")
        .ping("pongme 1!")
        .frame(Continuation, false, "fragment3")
        .frame(Continuation, false, "fragment4")
        .ping("pongme 2!")
        .frame(Continuation, true, "fragment5");
    let whole = text("fragment1fragment2fragment3fragment4fragment5");
    check_by_frames("5.19 and 5.20", &script, &[pong("pongme 1!"), pong("pongme 2!"), whole]);
}

#[test]
fn a_close_inside_a_message_ends_the_conversation() {
    let script = Script::new().frame(Text, false, "half").close(1001, "").frame(Continuation, true, "");
    check_by_frames("close inside a message", &script, &[closed(1001)]);
}
