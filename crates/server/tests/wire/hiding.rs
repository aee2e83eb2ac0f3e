//! Hiding on the real server: what others get of it on their sockets and in their lists, and what they do not.

use serde_json::json;

use crate::QUICK;
use crate::server::{Socket, TestServer, eventually, token, user_id};

/// What one person's change brings to a watcher of everyone, window and users, and to an original client.
fn told(v1: &mut Socket, original: &mut Socket, who: u128) -> String {
    let mut frames = Vec::new();
    for scope in ["everyone", "window", "users"] {
        let mut diff = v1.next_of("presence.diff");
        assert_eq!(diff["scope"], scope, "diffs of a tick come in the order of the scopes");
        for change in diff["changes"].as_array_mut().unwrap() {
            assert_eq!(change["user_id"], user_id(who));
            for key in ["user_id", "username", "last_seen"] {
                change[key].take();
            }
        }
        frames.push(diff.to_string());
    }
    let change = original.next();
    assert_eq!(change["user_id"], user_id(who));
    frames.push(change["is_online"].to_string());
    frames.join("\n")
}

/// Whatever is on its way to this socket comes before the answer.
fn assert_quiet(socket: &mut Socket) {
    socket.say(r#"{"type":"ping"}"#);
    assert_eq!(socket.next()["type"], "pong");
}

#[test]
fn hiding_is_told_as_a_bye_and_what_the_hidden_do_is_not_told() {
    let server = TestServer::start(QUICK);
    let mut original = server.original(&token(9));
    original.next_of("user.status.changed");
    let mut v1 = server.v1(&token(8));
    original.next();
    let mut bob = server.v1(&token(2));
    let mut cid = server.v1(&token(3));
    original.next();
    original.next();
    v1.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    v1.next_of("presence.snapshot");
    v1.say(r#"{"type":"subscribe","scope":"window","limit":9}"#);
    v1.next_of("presence.snapshot");
    let ids = [user_id(2), user_id(3), user_id(77)];
    v1.say(&json!({"type": "subscribe", "scope": "users", "ids": ids}).to_string());
    let snapshot = v1.next_of("presence.snapshot");
    assert_eq!(
        (snapshot["users"].as_array().unwrap().len(), &snapshot["total"]),
        (2, &2.into()),
        "who does not exist is left out"
    );

    // Whoever sets a status is in the users table; presence is entered there a moment after it is told.
    let hidden = eventually_hidden(&mut bob, &mut v1, &mut original);
    assert!(!hidden.contains("invisible"), "{hidden}");
    assert_eq!(server.online(&token(8)).len(), 2, "cid and the original client");
    let mut second = server.v1(&token(2));
    second.say(r#"{"type":"activity","idle":true}"#);
    assert_quiet(&mut second);
    second.close(1000);
    bob.say(r#"{"type":"status.set","custom":{"text":"only mine","show_offline":true}}"#);
    assert_quiet(&mut bob);
    assert_quiet(&mut v1);
    assert_quiet(&mut original);

    cid.say(r#"{"type":"bye"}"#);
    let signed_out = told(&mut v1, &mut original, 3);
    let totals = |text: &str| {
        text.replace("\"total\":3", "")
            .replace("\"total\":2", "")
            .replace("\"total\":1", "")
            .replace("\"total\":0", "")
    };
    assert_eq!(totals(&hidden), totals(&signed_out), "hiding and signing out look the same");

    bob.say(r#"{"type":"status.set","mode":"auto"}"#);
    assert!(told(&mut v1, &mut original, 2).contains("joined"));
    eventually("bob is in the list again", || server.online(&token(8)).len() == 2);
}

/// Hides, as soon as the person can: what the watchers are told.
fn eventually_hidden(bob: &mut Socket, v1: &mut Socket, original: &mut Socket) -> String {
    for _ in 0..100 {
        bob.say(r#"{"type":"status.set","mode":"invisible"}"#);
        bob.say(r#"{"type":"ping"}"#);
        if bob.next()["type"] == "pong" {
            return told(v1, original, 2);
        }
        bob.next_of("pong");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("a status cannot be set");
}

#[test]
fn more_than_a_thousand_people_cannot_be_watched_at_once() {
    let server = TestServer::start(QUICK);
    let mut ada = server.v1(&token(1));
    let ids = |n: u128| (100..100 + n).map(user_id).collect::<Vec<_>>();
    ada.say(&json!({"type": "subscribe", "scope": "users", "ids": ids(1001)}).to_string());
    assert_eq!(ada.next_of("error")["code"], "too_many_ids");
    ada.say(&json!({"type": "subscribe", "scope": "users", "ids": ids(1000)}).to_string());
    assert_eq!(ada.next_of("presence.snapshot")["total"], 0);
    ada.say(r#"{"type":"subscribe","scope":"friends"}"#);
    assert_eq!(ada.next_of("presence.snapshot")["scope"], "friends");
}
