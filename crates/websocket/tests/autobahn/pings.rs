//! Group 2: pings and pongs.

use super::{
    harness::check,
    script::{Script, closed, pong},
};

#[test]
fn case_2_1_to_2_4_pong_carries_the_payload() {
    for (case, payload) in [
        ("2.1", Vec::new()),
        ("2.2", b"Hello, world!".to_vec()),
        ("2.3", vec![0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF]),
        ("2.4", vec![0xFE; 125]),
    ] {
        check(case, &Script::new().ping(&payload), &[pong(payload)]);
    }
}

#[test]
fn case_2_5_ping_of_126_bytes() {
    check("2.5", &Script::new().ping([0xFE; 126]).ping("later"), &[closed(1002)]);
}

#[test]
fn case_2_6_ping_of_125_bytes_octet_wise() {
    // `check` runs every case octet-wise; a message before and after shows that nothing slipped.
    let script = Script::new().ping([0xFE; 125]).ping("after");
    check("2.6", &script, &[pong([0xFE; 125]), pong("after")]);
}

#[test]
fn case_2_7_to_2_9_unsolicited_pongs_are_ignored() {
    check("2.7", &Script::new().pong(""), &[]);
    check("2.8", &Script::new().pong("unsolicited pong payload"), &[]);
    let script = Script::new().pong("unsolicited pong payload").ping("ping payload");
    check("2.9", &script, &[pong("ping payload")]);
}

#[test]
fn case_2_10_and_2_11_ten_pings_in_order() {
    let payloads: Vec<String> = (0..10).map(|i| format!("payload-{i}")).collect();
    let script = payloads.iter().fold(Script::new(), Script::ping);
    let expected: Vec<_> = payloads.iter().map(pong).collect();
    check("2.10 and 2.11", &script, &expected);
}
