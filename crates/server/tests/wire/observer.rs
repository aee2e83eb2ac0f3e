//! A connection with the service key: it sees what a stranger sees, and is nobody.

use serde_json::{Value, json};

use crate::attacks::quick;
use crate::server::{Socket, TestServer, eventually, request, token, user_id};

const KEY: &str = "c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44";
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

fn observed(more: &[&'static str]) -> TestServer {
    TestServer::start(&quick(&[&["--service-key", KEY], more].concat()))
}

/// An observer of v1, acknowledged.
fn observer(server: &TestServer) -> Socket {
    let mut socket = Socket::open(server.address, "/ws/user-status/", Some("hereabouts.v1"));
    socket.say(&json!({"type": "auth", "token": KEY}).to_string());
    let ack = socket.next();
    assert_eq!((&ack["type"], &ack["user_id"]), (&"connection.ack".into(), &NOBODY.into()));
    socket
}

fn gauge(server: &TestServer, name: &str) -> u64 {
    let metrics = request(server.internal, "/metrics", &[]).2;
    let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("hereabouts_{name} ")));
    line.unwrap().parse().unwrap()
}

/// Who and why, of each change.
fn changes(diff: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = diff["changes"].as_array().unwrap();
    changes.iter().map(|change| (text(&change["user_id"]), text(&change["reason"]))).collect()
}

#[test]
fn an_observer_sees_everybody_and_nobody_sees_it() {
    let server = observed(&["--max-connections-per-user", "1"]);
    let mut ada = server.v1(&token(1));
    ada.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    ada.next_of("presence.snapshot");
    // More than one person may have.
    let mut observers: Vec<_> = (0..3).map(|_| observer(&server)).collect();
    for watching in &mut observers {
        watching.say(r#"{"type":"subscribe","scope":"everyone"}"#);
        let snapshot = watching.next_of("presence.snapshot");
        assert_eq!((&snapshot["total"], &snapshot["users"][0]["user_id"]), (&1.into(), &user_id(1).into()));
        watching.say(r#"{"type":"subscribe","scope":"window","limit":5}"#);
        assert_eq!(watching.next_of("presence.snapshot")["total"], 1);
    }
    let mut bob = server.v1(&token(2));
    let joined = vec![(user_id(2), "joined".to_owned())];
    for watching in &mut observers {
        for scope in ["everyone", "window"] {
            let diff = watching.next_of("presence.diff");
            assert_eq!(
                (&diff["scope"], &diff["total"], changes(&diff)),
                (&scope.into(), &2.into(), joined.clone())
            );
        }
        watching.say(r#"{"type":"ping"}"#);
        assert!(watching.next_of("pong")["cursor"].is_string());
    }
    assert_eq!(changes(&ada.next_of("presence.diff")), joined, "of the observers she is told nothing");
    assert_eq!(server.online(&token(9)).len(), 2);
    assert_eq!((gauge(&server, "users_online"), gauge(&server, "connections_open")), (2, 5));
    observers.pop().unwrap().close(1000);
    observers.pop().unwrap().drop_connection();
    eventually("they are gone", || gauge(&server, "connections_open") == 3);
    bob.say(r#"{"type":"bye"}"#);
    let left = ada.next_of("presence.diff");
    assert_eq!(changes(&left), [(user_id(2), "closed".to_owned())], "that observers left, nobody is told");
}

#[test]
fn an_observer_watches_people_it_names() {
    let server = observed(&[]);
    let mut watching = observer(&server);
    // Whoever was never here and is in no table does not exist.
    let mut bob = server.v1(&token(2));
    bob.say(r#"{"type":"ping"}"#);
    bob.next_of("pong");
    let ids = json!([user_id(2), user_id(3)]);
    watching.say(&json!({"type": "subscribe", "scope": "users", "ids": ids}).to_string());
    let snapshot = watching.next_of("presence.snapshot");
    assert_eq!((&snapshot["scope"], &snapshot["total"]), (&"users".into(), &1.into()));
    let _ada = server.v1(&token(1));
    bob.say(r#"{"type":"activity","idle":true}"#);
    let diff = watching.next_of("presence.diff");
    assert_eq!(changes(&diff), [(user_id(2), "idle".to_owned())], "of Ada nothing was asked");
    assert_eq!((&diff["scope"], &diff["changes"][0]["status"]), (&"users".into(), &"away".into()));
    bob.say(r#"{"type":"status.set","mode":"invisible"}"#);
    let diff = watching.next_of("presence.diff");
    assert_eq!(changes(&diff), [(user_id(2), "closed".to_owned())], "it sees what a stranger sees");
    assert_eq!((&diff["total"], &diff["changes"][0]["status"]), (&0.into(), &"offline".into()));
}

#[test]
fn an_observer_has_no_friends_and_nothing_to_say_about_itself() {
    let server = observed(&[]);
    let mut watching = observer(&server);
    watching.say(r#"{"type":"subscribe","scope":"friends"}"#);
    assert_eq!(watching.next()["code"], "bad_scope");
    for text in [
        r#"{"type":"activity","idle":true}"#,
        r#"{"type":"status.set","mode":"dnd"}"#,
        &json!({"type": "auth", "token": KEY}).to_string(),
        r#"{"type":"ping"}"#,
    ] {
        watching.say(text);
    }
    assert_eq!(watching.next()["type"], "pong", "and nothing before");
    watching.say(&json!({"type": "auth", "token": token(1)}).to_string());
    assert_eq!(watching.close_code(), 4401, "nor does it become somebody");
    let mut ada = server.v1(&token(1));
    ada.say(&json!({"type": "auth", "token": KEY}).to_string());
    assert_eq!(ada.close_code(), 4401, "nor somebody it");
    let mut wrong = Socket::open(server.address, "/ws/user-status/", Some("hereabouts.v1"));
    wrong.say(&json!({"type": "auth", "token": KEY.replace('c', "d")}).to_string());
    assert_eq!(wrong.close_code(), 4401);
}

#[test]
fn the_service_key_opens_a_socket_in_each_way_and_for_original_clients_too() {
    let server = observed(&[]);
    for (path, headers) in [
        (format!("/ws/user-status/?token={KEY}"), None),
        ("/ws/user-status/".to_owned(), Some(("Authorization", format!("Bearer {KEY}")))),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut original = Socket::open_with(server.address, &path, &headers);
        assert_eq!(original.next(), json!({"type": "connection.ack", "user_id": NOBODY}));
        let mut bob = server.original(&token(2));
        let came = json!({"type": "user.status.changed", "user_id": user_id(2), "is_online": true});
        assert_eq!(original.next(), came);
        bob.next_of("connection.ack");
        bob.close(1000);
        assert_eq!(original.next()["is_online"], false);
        original.say(r#"{"type":"ping"}"#);
        assert_eq!(original.next(), json!({"type": "pong"}));
    }
}
