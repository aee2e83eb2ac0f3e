//! Rows A1, A4, A5, A7, A9 and A12: what opens a socket, what keeps it open, and what ends it.

use std::time::Instant;

use serde_json::json;

use super::{handshake, upgrade};
use crate::QUICK;
use crate::server::{SECRET, Socket, TestServer, claims, signed, token, token_with, user_id};

const V1: Option<&str> = Some("hereabouts.v1");

fn auth(token: &str) -> String {
    json!({"type": "auth", "token": token}).to_string()
}

/// How each way in answers to a credential: REST, an original socket, and a first message.
fn verdicts(server: &TestServer, token: &str) -> [u16; 4] {
    let bearer = format!("Bearer {token}");
    let rest = |path| server.get(path, &[("Authorization", &bearer)]).0;
    let path = format!("/ws/user-status/?token={token}");
    let mut first = Socket::open(server.address, "/ws/user-status/", V1);
    first.say(&auth(token));
    let said = match first.read_or_close() {
        Ok(message) if message["type"] == "connection.ack" => 101,
        Ok(message) => panic!("{message}"),
        Err(code) => code,
    };
    let asked = match Socket::open(server.address, &path, None).read_or_close() {
        Ok(_) => 101,
        Err(code) => code,
    };
    [rest("/api/users/online/"), rest("/api/users/recent/"), asked, said]
}

#[test]
fn a1_a5_every_kind_of_token_at_every_way_in() {
    let server = TestServer::start(QUICK);
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = claims(1, 3600);
        claims[name] = value;
        signed(&claims, SECRET)
    };
    assert_eq!(verdicts(&server, &token(1)), [200, 200, 101, 101]);
    let good = token(1);
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let none = format!("eyJhbGciOiJub25lIn0.{}.", unsigned.split_once('.').unwrap().1);
    for (what, bad) in [
        ("alg none", none),
        ("no signature", format!("{unsigned}.")),
        ("a cut signature", format!("{unsigned}.{}", &signature[1..])),
        ("another key", signed(&claims(1, 3600), "somebody else's key, of more than 32 bytes")),
        ("refresh", with("token_type", json!("refresh"))),
        ("sliding", with("token_type", json!("sliding"))),
        ("no kind", with("token_type", json!(null))),
        ("an id token", with("typ", json!("ID"))),
        ("a ticket", "3f1c0ee2b7d94a6f8c25d1e07ab934f6".to_owned()),
        ("over", token_with(1, -31)),
        ("not yet", with("nbf", json!(claims(1, 3600)["exp"]))),
        ("exp as text", with("exp", json!("9999999999"))),
        ("exp beyond time", with("exp", json!(9_223_372_036_854_775_808_u64))),
        ("nobody", with("user_id", json!("root"))),
    ] {
        assert_eq!(verdicts(&server, &bad), [401, 401, 4401, 4401], "{what}");
    }
}

#[test]
fn a5_issuer_and_audience_are_asked_for_where_a_setting_says_so() {
    let server = TestServer::start(&super::quick(&["--token-issuer", "us", "--token-audience", "presence"]));
    let with = |iss: &str, aud: serde_json::Value| {
        let mut claims = claims(1, 3600);
        (claims["iss"], claims["aud"]) = (json!(iss), aud);
        signed(&claims, SECRET)
    };
    assert_eq!(verdicts(&server, &with("us", json!(["web", "presence"]))), [200, 200, 101, 101]);
    for bad in [with("them", json!("presence")), with("us", json!("web")), token(1)] {
        assert_eq!(verdicts(&server, &bad), [401, 401, 4401, 4401]);
    }
}

#[test]
fn a7_a_token_ends_on_a_live_socket_unless_it_is_renewed() {
    let server = TestServer::start(QUICK);
    // Two seconds from now it is five seconds over: by then a live socket is closed.
    let (ends_at, ttl_s) = (Instant::now(), -3);
    let short = token_with(1, ttl_s);
    let mut ada = server.v1(&short);
    let warning = ada.next_of("auth.expiring");
    assert_eq!(warning["expires_in_ms"], 0, "{warning}");
    let mut renewed = server.v1(&short);
    renewed.next_of("auth.expiring");
    renewed.say(&auth(&token_with(1, 30)));
    assert!(renewed.next_of("auth.expiring")["expires_in_ms"].as_u64().unwrap() > 0, "60 s before the end");
    renewed.say(&auth(&token(1)));
    let mut original = server.original(&token_with(2, ttl_s));
    original.next_of("connection.ack");
    assert_eq!((ada.close_code(), original.close_code()), (4401, 4401));
    assert!(ends_at.elapsed().as_millis() >= 900, "five seconds after exp, not before");
    renewed.say(r#"{"type":"ping"}"#);
    renewed.next_of("pong");
    assert_eq!(server.online(&token(3)).iter().filter(|row| row["id"] == user_id(1)).count(), 1);
}

#[test]
fn a9_a_socket_never_changes_its_owner() {
    let server = TestServer::start(QUICK);
    let refresh = {
        let mut claims = claims(1, 3600);
        claims["token_type"] = json!("refresh");
        signed(&claims, SECRET)
    };
    for other in [token(2), refresh, "nonsense".to_owned(), String::new()] {
        let mut ada = server.v1(&token(1));
        ada.say(&auth(&other));
        assert_eq!(ada.close_code(), 4401);
    }
    let rows = server.online(&token(9));
    assert!(rows.iter().all(|row| row["id"] != user_id(2)), "nobody became the other: {rows:?}");
}

#[test]
fn a12_the_first_credential_in_the_contracts_order_counts_and_no_other() {
    let server = TestServer::start(QUICK);
    let (ada, bob) = (token(1), token(2));
    // In the address: what comes later is a refresh, and for the same person only.
    let mut socket = Socket::open(server.address, &format!("/ws/user-status/?token={ada}"), V1);
    assert_eq!(socket.next()["user_id"], user_id(1));
    socket.say(&auth(&bob));
    assert_eq!(socket.close_code(), 4401);
    // A bad one in the address is not rescued by a good one elsewhere.
    let bearer = format!("Bearer {bob}");
    let request = upgrade("/ws/user-status/?token=bad", "localhost", &[("Authorization", &bearer)]);
    assert_eq!(handshake(server.address, &request).0, 101);
    let mut socket = Socket::open(server.address, "/ws/user-status/?token=bad", V1);
    socket.say(&auth(&bob));
    assert_eq!(socket.close_code(), 4401);
    // Two in the address are one too many.
    let two = format!("/ws/user-status/?token={ada}&token={bob}");
    assert_ne!(handshake(server.address, &upgrade(&two, "localhost", &[])).0, 101);
    // A token among the subprotocols opens nothing and is not echoed.
    for protocols in [format!("hereabouts.v1, {bob}"), format!("{bob}, hereabouts.v1"), bob.clone()] {
        let request = upgrade("/ws/user-status/", "localhost", &[("Sec-WebSocket-Protocol", &protocols)]);
        let (status, head) = handshake(server.address, &request);
        assert!(status == 101 && !head.contains(&bob), "{head}");
        assert_eq!(head.contains("hereabouts.v1"), protocols.contains("hereabouts.v1"));
    }
    assert!(server.online(&token(9)).iter().all(|row| row["id"] != user_id(2)), "Bob was never here");
}
