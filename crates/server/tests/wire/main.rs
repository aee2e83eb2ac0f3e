//! The real binary, spoken to as clients speak to it: the original's protocol and `hereabouts.v1`, over tungstenite.

#![expect(clippy::unwrap_used, reason = "in a test, whatever goes wrong is a failure of that test")]
#![expect(clippy::format_push_string, reason = "a request of a few lines")]

mod asyncapi;
mod attacks;
mod conformance;
mod faults;
mod fuzz_seeds;
mod hiding;
mod limits;
mod observer;
#[path = "../shared/schema.rs"]
mod schema;
mod server;

use server::{TestServer, eventually, request, token, token_with, user_id};

const QUICK: &[&str] = &["--grace", "300ms", "--requests-per-second-per-ip", "0"];

#[test]
fn real_input_an_original_client_lives_through_ack_list_events_and_ping() {
    let server = TestServer::start(QUICK);
    let mut ada = server.original(&token(1));
    assert_eq!(ada.next(), serde_json::json!({"type": "connection.ack", "user_id": user_id(1)}));
    assert_eq!(ada.next()["user_id"], user_id(1), "each change goes to everybody, the person too");
    assert!(server.online(&token(1)).is_empty(), "the requesting user is left out");

    let bob = server.original(&token(2));
    let came = serde_json::json!({"type": "user.status.changed", "user_id": user_id(2), "is_online": true});
    assert_eq!(ada.next(), came);
    let list = server.online(&token(1));
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["id"], user_id(2));
    assert_eq!(
        list[0]["username"],
        user_id(2)[..8],
        "no name in the token: the first eight characters of the id"
    );
    let mut keys: Vec<_> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        ["id", "is_online", "last_activity", "last_seen", "profile_image_url", "slug", "username"]
    );

    ada.say(r#"{"type":"ping"}"#);
    assert_eq!(ada.next(), serde_json::json!({"type": "pong"}));
    ada.say(r#"{"type":"no such thing"}"#);
    bob.close(1000);
    let left = serde_json::json!({"type": "user.status.changed", "user_id": user_id(2), "is_online": false});
    assert_eq!(ada.next(), left, "a page's own close has no grace, and unknown types are ignored");
    assert!(server.online(&token(1)).is_empty());
}

#[test]
fn real_input_curl_as_in_the_quick_start() {
    let server = TestServer::start(QUICK);
    let mut bob = server.original(&token(2));
    bob.next_of("connection.ack");
    for path in ["/api/users/online/", "/api/users/online"] {
        let bearer = format!("Bearer {}", token(1));
        let (status, head, body) = server.get(path, &[("Authorization", &bearer)]);
        assert_eq!(status, 200);
        assert!(body.starts_with(&format!("[{{\"id\":\"{}\"", user_id(2))), "a bare array: {body}");
        assert!(
            head.contains("x-total-count: 1") && head.contains("cache-control: private, no-cache"),
            "{head}"
        );
        let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
        let (status, _, body) = server.get(path, &[("Authorization", &bearer), ("If-None-Match", &etag)]);
        assert_eq!((status, body.as_str()), (304, ""));
        let (_, _, body) =
            server.get(&format!("{path}?include_self=true&limit=1"), &[("Authorization", &bearer)]);
        assert!(body.contains(&user_id(2)));
    }
    let (status, _, body) = server.get("/api/users/online/", &[]);
    assert_eq!(status, 401);
    assert!(body.starts_with("{\"detail\":"));
}

#[test]
fn a_query_that_makes_no_sense_is_400_with_a_detail() {
    let server = TestServer::start(QUICK);
    let bearer = format!("Bearer {}", token(1));
    for query in
        ["limit=0", "limit=x", "limit=1&limit=2", "after=nobody", "include_self=perhaps", "scope=nobody"]
    {
        let (status, _, body) =
            server.get(&format!("/api/users/online/?{query}"), &[("Authorization", &bearer)]);
        assert_eq!(status, 400, "{query}: {body}");
        assert!(body.starts_with("{\"detail\":"), "{query}: {body}");
    }
}

#[test]
fn ping_moves_last_activity() {
    let server = TestServer::start(QUICK);
    let mut bob = server.original(&token(2));
    bob.next_of("connection.ack");
    let before = server.online(&token(1))[0]["last_activity"].as_str().unwrap().to_owned();
    bob.say(r#"{"type":"ping"}"#);
    bob.next_of("pong");
    let row = &server.online(&token(1))[0];
    assert!(row["last_activity"].as_str().unwrap() > before.as_str());
    assert_eq!(row["last_activity"], row["last_seen"]);
}

#[test]
fn original_fault_closing_one_of_two_tabs_changes_nothing() {
    let server = TestServer::start(QUICK);
    let mut observer = server.original(&token(9));
    observer.next_of("user.status.changed");
    let mut first = server.original(&token(1));
    let mut second = server.original(&token(1));
    first.next_of("connection.ack");
    second.next_of("connection.ack");
    assert_eq!(observer.next()["user_id"], user_id(1));
    first.close(1000);
    observer.say(r#"{"type":"ping"}"#);
    assert_eq!(observer.next()["type"], "pong", "nothing came in between");
    assert_eq!(server.online(&token(9)).len(), 1);
    second.close(1000);
    assert_eq!(observer.next()["is_online"], false);
}

#[test]
fn a_lost_connection_is_shown_for_the_grace_and_a_return_within_it_shows_nothing() {
    let server = TestServer::start(&["--grace", "2s", "--requests-per-second-per-ip", "0"]);
    let mut observer = server.original(&token(9));
    observer.next_of("user.status.changed");
    let mut ada = server.original(&token(1));
    ada.next_of("connection.ack");
    assert_eq!(observer.next()["is_online"], true);
    for _ in 0..5 {
        ada.drop_connection();
        ada = server.original(&token(1));
        ada.next_of("connection.ack");
    }
    observer.say(r#"{"type":"ping"}"#);
    assert_eq!(observer.next()["type"], "pong", "five reloads that nobody notices");
    ada.drop_connection();
    assert_eq!(observer.next()["is_online"], false, "after the grace");
}

#[test]
fn original_fault_a_killed_server_leaves_nobody_online() {
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::start_in(folder.path().to_owned(), QUICK);
    let mut bob = server.original(&token(2));
    bob.next_of("connection.ack");
    let bearer = format!("Bearer {}", token(1));
    // The recent list waits for what is to be written, so that the row is at rest before the power goes.
    assert_eq!(server.get("/api/users/recent/", &[("Authorization", &bearer)]).0, 200);
    server.kill();
    let server = TestServer::start_in(folder.path().to_owned(), QUICK);
    assert!(server.online(&token(1)).is_empty());
    let (_, _, body) = server.get("/api/users/recent/?days=7", &[("Authorization", &bearer)]);
    assert!(body.contains(&user_id(2)) && body.contains("\"is_online\":false"), "{body}");
}

#[test]
fn bad_tokens_are_accepted_and_closed_with_4401_and_a_plain_get_is_401() {
    let server = TestServer::start(QUICK);
    for bad in ["", "nonsense", &token_with(1, -3600)] {
        assert_eq!(server.original(bad).close_code(), 4401);
    }
    assert_eq!(server.get("/ws/user-status/", &[]).0, 401);
    assert_eq!(server.original(&token_with(1, -6)).close_code(), 4401, "a live socket ends at exp + 5 s");
}

#[test]
fn a_foreign_origin_is_refused_before_the_upgrade() {
    let server = TestServer::start(QUICK);
    let upgrade = [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Origin", "https://evil.example"),
    ];
    let (status, _, body) = server.get("/ws/user-status/", &upgrade);
    assert_eq!(status, 403);
    let metrics = request(server.internal, "/metrics", &[]).2;
    assert!(metrics.contains("hereabouts_handshakes_refused_total 1\n"), "{metrics}");
    assert!(body.contains("https://evil.example") && body.contains("CORS_ALLOWED_ORIGINS"), "{body}");
}

#[test]
fn v1_window_snapshot_diff_pong_and_bye() {
    let server = TestServer::start(QUICK);
    let mut ada = server.v1(&token(1));
    ada.say(r#"{"type":"subscribe","scope":"window","limit":2}"#);
    let snapshot = ada.next();
    assert_eq!((&snapshot["type"], &snapshot["scope"]), (&"presence.snapshot".into(), &"window".into()));
    assert_eq!((snapshot["users"].as_array().unwrap().len(), &snapshot["total"]), (1, &1.into()));
    let mut bob = server.v1(&token(2));
    let diff = ada.next();
    assert_eq!(diff["type"], "presence.diff");
    assert_eq!(
        (&diff["changes"][0]["user_id"], &diff["changes"][0]["reason"]),
        (&user_id(2).into(), &"joined".into())
    );
    let _third = server.v1(&token(3));
    let diff = ada.next();
    assert_eq!(
        (diff["changes"].as_array().unwrap().len(), &diff["total"]),
        (0, &3.into()),
        "beyond the window"
    );
    bob.say(r#"{"type":"bye"}"#);
    assert_eq!(bob.close_code(), 1000);
    let diff = ada.next();
    let reasons: Vec<_> =
        diff["changes"].as_array().unwrap().iter().map(|change| change["reason"].clone()).collect();
    assert_eq!(reasons, ["closed", "changed"], "who left, then who moved up");
    ada.say(r#"{"type":"ping"}"#);
    assert_eq!(ada.next()["cursor"].as_str().unwrap().len(), 32);
}

#[test]
fn v1_resume_gives_what_was_missed_and_a_foreign_cursor_a_snapshot() {
    let server = TestServer::start(QUICK);
    let mut ada = server.v1(&token(1));
    ada.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    assert_eq!(ada.next()["type"], "presence.snapshot");
    ada.say(r#"{"type":"ping"}"#);
    let cursor = ada.next_of("pong")["cursor"].as_str().unwrap().to_owned();
    ada.drop_connection();
    let _bob = server.v1(&token(2));
    let mut ada = server.v1(&token(1));
    ada.say(&serde_json::json!({"type": "subscribe", "scope": "everyone", "cursor": cursor}).to_string());
    let missed = ada.next();
    assert_eq!(missed["type"], "presence.diff");
    assert_eq!(missed["changes"].as_array().unwrap().len(), 1);
    assert_eq!(missed["changes"][0]["user_id"], user_id(2));
    ada.say(r#"{"type":"subscribe","scope":"everyone","cursor":"00000000000000000000000000000000"}"#);
    assert_eq!(ada.next()["type"], "presence.snapshot");
}

#[test]
fn v1_idle_is_away_and_original_clients_do_not_hear_of_it() {
    let server = TestServer::start(QUICK);
    let mut original = server.original(&token(9));
    original.next_of("user.status.changed");
    let mut ada = server.v1(&token(1));
    assert_eq!(original.next()["user_id"], user_id(1));
    ada.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    ada.next_of("presence.snapshot");
    ada.say(r#"{"type":"activity","idle":true}"#);
    let change = &ada.next_of("presence.diff")["changes"][0];
    assert_eq!(
        (&change["status"], &change["is_online"], &change["reason"]),
        (&"away".into(), &true.into(), &"idle".into())
    );
    original.say(r#"{"type":"ping"}"#);
    assert_eq!(original.next()["type"], "pong");
}

#[test]
fn a_silent_peer_is_dead_after_the_limit() {
    let server = TestServer::start(&["--grace", "100ms", "--dead-after", "1s", "--ping-interval", "200ms"]);
    let mut observer = server.original(&token(9));
    observer.next_of("user.status.changed");
    // Connected, and never read again: no pong is ever sent.
    let mut silent = server.original(&token(1));
    silent.next_of("connection.ack");
    assert_eq!(observer.next()["is_online"], true);
    assert_eq!(observer.next()["is_online"], false);
    assert_eq!(server.online(&token(1)).len(), 1, "who answers pings stays");
}

#[test]
fn two_who_join_at_the_same_moment_learn_of_each_other() {
    let server = TestServer::start(QUICK);
    for round in 0..20_u128 {
        let (a, b) = (100 + 2 * round, 101 + 2 * round);
        let knows = |me: u128, other: u128| {
            let mut socket = server.original(&token(me));
            socket.next_of("connection.ack");
            let in_list = server.online(&token(me)).iter().any(|row| row["id"] == user_id(other));
            // Frames about people of earlier rounds, whose grace ends now, may come before the one that counts.
            let learns = in_list || (0..64).any(|_| socket.next()["user_id"] == user_id(other));
            (learns, socket)
        };
        std::thread::scope(|scope| {
            let first = scope.spawn(|| knows(a, b));
            let (second, _b_stays) = knows(b, a);
            let (first, _a_stays) = first.join().unwrap();
            assert!(first && second);
        });
    }
}

#[test]
fn sigterm_closes_sockets_with_1012_and_exits_0() {
    let server = TestServer::start(QUICK);
    let mut ada = server.original(&token(1));
    ada.next_of("connection.ack");
    let code = std::thread::spawn(move || ada.close_code());
    assert_eq!(server.terminate(), Some(0));
    assert_eq!(code.join().unwrap(), 1012);
}

#[test]
fn health_and_metrics_are_on_the_internal_port() {
    let server = TestServer::start(QUICK);
    assert_eq!(server.get("/livez", &[]).0, 200);
    assert_ne!(server.get("/metrics", &[]).0, 200);
    assert_eq!(request(server.internal, "/readyz", &[]).0, 200);
    let mut ada = server.original(&token(1));
    ada.next_of("connection.ack");
    eventually("the gauge shows one person", || {
        request(server.internal, "/metrics", &[]).2.contains("hereabouts_users_online 1\n")
    });
}

#[test]
fn an_unknown_host_is_421() {
    let server = TestServer::start(QUICK);
    assert_eq!(server.get("/livez", &[("Host", "evil.example")]).0, 421);
}
