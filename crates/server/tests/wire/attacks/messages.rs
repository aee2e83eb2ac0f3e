//! Rows A26 and A27: JSON as an attacker writes it, and numbers as a browser reads them.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::QUICK;
use crate::server::{TestServer, token, user_id};

#[test]
fn a26_hostile_json_is_an_error_at_once_and_the_fifth_time_the_end() {
    let server = TestServer::start(QUICK);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_inside = format!(r#"{{"type":"ping","x":{deep}}}"#);
    let bad = [
        deep.as_str(),
        &deep_inside,
        r#"{"type":"activity","idle":1e400}"#,
        r#"{"type":"subscribe","scope":"window","limit":1e400}"#,
        r#"{"type":"subscribe","scope":"window","limit":-1}"#,
        r#"{"type":"subscribe","scope":"everyone","scope":"window"}"#,
        r#"{"type":"ping","type":"bye"}"#,
        r#"{"type":"\ud800"}"#,
        r#"{"type":"ping""#,
        r#"{"type":7}"#,
        "null",
        "",
    ];
    for text in bad {
        let mut ada = server.v1(&token(1));
        for _ in 0..4 {
            let said_at = Instant::now();
            ada.say(text);
            let answer = ada.next();
            assert_eq!(
                (&answer["type"], &answer["code"]),
                (&"error".into(), &"bad_message".into()),
                "{text:.60}"
            );
            assert!(!answer.to_string().contains("[[[["), "it is not repeated");
            assert!(said_at.elapsed() < Duration::from_millis(500), "{text:.60}");
        }
        ada.say(text);
        assert_eq!(ada.close_code(), 1008, "{text:.60}");
    }
}

#[test]
fn a26_what_is_only_strange_is_ignored() {
    let server = TestServer::start(QUICK);
    let many: Vec<_> = (0..5_000).map(|n| format!(r#""k{n}":{n}"#)).collect();
    let many = format!(r#"{{"type":"ping",{}}}"#, many.join(","));
    let mut ada = server.v1(&token(1));
    for text in [
        r#"{"__proto__":{"type":"bye"},"type":"ping"}"#,
        r#"{"type":"ping","constructor":{"prototype":{}},"toString":1}"#,
        r#"{"type":"ping","x":"\u0000"}"#,
        r#"{"x":1,"x":2,"type":"ping"}"#,
        &many,
    ] {
        ada.say(text);
        assert_eq!(ada.next()["type"], "pong", "{text:.60}");
    }
}

#[test]
fn a27_every_number_is_exact_in_a_browser_and_what_may_grow_is_text() {
    let server = TestServer::start(QUICK);
    let mut ada = server.v1(&token(1));
    ada.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    let snapshot = ada.next_of("presence.snapshot");
    let mut bob = server.v1(&token(2));
    let diff = ada.next_of("presence.diff");
    ada.say(r#"{"type":"ping"}"#);
    let pong = ada.next_of("pong");
    assert!(pong["cursor"].is_string(), "{pong}");
    assert_eq!(diff["changes"][0]["user_id"], user_id(2));
    bob.say(r#"{"type":"bye"}"#);
    for frame in [snapshot, diff, pong] {
        assert_exact(&frame);
    }
    // A cursor of numbers too large for a browser is only an unknown cursor.
    ada.say(r#"{"type":"subscribe","scope":"everyone","cursor":"18446744073709551615"}"#);
    assert_eq!(ada.next_of("presence.snapshot")["scope"], "everyone");
}

fn assert_exact(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.as_u64().is_some_and(|n| n < 1 << 53), "{number}"),
        Value::Array(items) => items.iter().for_each(assert_exact),
        Value::Object(members) => members.values().for_each(assert_exact),
        _ => {}
    }
}
