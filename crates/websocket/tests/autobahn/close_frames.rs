//! Group 7: closing.

use hereabouts_websocket::{
    Limits,
    Opcode::{Close, Continuation, Text},
};

use super::{
    harness::{check, check_within},
    script::{Reply, Script, closed, text},
};

const HELLO: &str = "Hello World!";

#[test]
fn case_7_1_1_message_then_close() {
    check("7.1.1", &Script::new().text(HELLO).close(1000, ""), &[text(HELLO), closed(1000)]);
}

#[test]
fn case_7_1_2_to_7_1_4_nothing_is_processed_after_a_close() {
    let close = || Script::new().close(1000, "");
    check("7.1.2", &close().close(1000, ""), &[closed(1000)]);
    check("7.1.3", &close().ping(""), &[closed(1000)]);
    check("7.1.4", &close().text(HELLO), &[closed(1000)]);
    // Not even to be found wrong.
    check("7.1.4 with garbage", &close().bytes(&[0xFF; 64]), &[closed(1000)]);
}

#[test]
fn case_7_1_5_close_inside_a_message() {
    let script =
        Script::new().frame(Text, false, "fragment1").close(1000, "").frame(Continuation, true, "fragment2");
    check("7.1.5", &script, &[closed(1000)]);
}

#[test]
fn case_7_1_6_large_message_close_ping() {
    let large = "BAsd7&jh23".repeat(26_214);
    let limits = Limits { max_message_bytes: 262_144, max_frame_bytes: 262_144, ..Limits::default() };
    let script = Script::new().text(&large).close(1000, "").ping("");
    check_within(limits, "7.1.6", &script, &[text(&large), closed(1000)]);
    check("7.1.6 beyond the contract", &script, &[closed(1009)]);
}

#[test]
fn case_7_3_close_payloads() {
    check("7.3.1", &Script::new().frame(Close, true, ""), &[Reply::Close(None)]);
    check("7.3.2", &Script::new().frame(Close, true, "a"), &[closed(1002)]);
    check("7.3.3", &Script::new().close(1000, ""), &[closed(1000)]);
    check("7.3.4", &Script::new().close(1000, "Hello World!"), &[closed(1000)]);
    check("7.3.5", &Script::new().close(1000, "*".repeat(123)), &[closed(1000)]);
    check("7.3.6", &Script::new().close(1000, "*".repeat(124)), &[closed(1002)]);
}

#[test]
fn case_7_5_1_reason_that_is_not_utf8() {
    let reason = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64\x69\x74\x65\x64";
    check("7.5.1", &Script::new().close(1000, reason), &[closed(1007)]);
    check("7.5.1, cut character", &Script::new().close(1000, b"\xce\xba\xe1"), &[closed(1007)]);
}

#[test]
fn case_7_7_valid_codes() {
    let codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    for (index, code) in codes.into_iter().enumerate() {
        check(&format!("7.7.{}", index + 1), &Script::new().close(code, ""), &[closed(code)]);
    }
}

#[test]
fn case_7_9_invalid_codes() {
    let codes = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
    for (index, code) in codes.into_iter().enumerate() {
        check(&format!("7.9.{}", index + 1), &Script::new().close(code, ""), &[closed(1002)]);
    }
}

#[test]
fn case_7_13_codes_nobody_owns() {
    check("7.13.1", &Script::new().close(5000, ""), &[closed(1002)]);
    check("7.13.2", &Script::new().close(65_535, ""), &[closed(1002)]);
}

/// Registered after RFC 6455 (1012 to 1014), or reserved for what a close frame cannot say (1015).
#[test]
fn later_registered_codes() {
    for code in [1012, 1013, 1014] {
        check(&format!("code {code}"), &Script::new().close(code, ""), &[closed(code)]);
    }
    check("code 1015", &Script::new().close(1015, ""), &[closed(1002)]);
}
