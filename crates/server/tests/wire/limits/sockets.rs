//! Limits of sockets.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use hereabouts_websocket::Opcode;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::check_close;
use crate::attacks::{handshake, quick, upgrade};
use crate::conformance::raw::{Raw, UPGRADE, request as get};
use crate::conformance::script::Script;
use crate::server::{TestServer, claims, eventually, request, token, token_with, user_id};

/// A socket of person 1, as an original client opens it; it answers no ping.
fn original(server: &TestServer) -> Raw {
    Raw::open(server.address, &format!("/ws/user-status/?token={}", token(1)))
}

fn v1(server: &TestServer, query: &str) -> Raw {
    v1_over(Raw::connect(server.address), query)
}

fn v1_over(mut raw: Raw, query: &str) -> Raw {
    let upgrade = [&UPGRADE[..], &[("Sec-WebSocket-Protocol", "hereabouts.v1")]].concat();
    let head = raw.ask(&get(&format!("/ws/user-status/{query}"), &upgrade));
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    raw
}

/// How the server ends a socket that said this.
fn said(name: &str, script: &Script) {
    let server = TestServer::start(&quick(&[]));
    let mut socket = original(&server);
    socket.send(&script.bytes);
    check_close(name, &mut socket);
}

#[test]
fn socket_credentials() {
    let server = TestServer::start(&quick(&[]));
    check_close("socket_credentials", &mut Raw::open(server.address, "/ws/user-status/?token=no"));
    check_close("socket_credentials", &mut Raw::open(server.address, "/ws/user-status/"));
    let ending = format!("/ws/user-status/?token={}", token_with(1, -4));
    check_close("socket_credentials", &mut Raw::open(server.address, &ending));
}

#[test]
fn socket_blocked() {
    let server = TestServer::start(&quick(&[]));
    let mut socket = original(&server);
    let id = user_id(1);
    eventually("the person is in the table", || server.command(&["user", "disable", &id]) == Some(0));
    check_close("socket_blocked", &mut socket);
    check_close("socket_blocked", &mut original(&server));
}

#[test]
fn socket_auth_time() {
    let server = TestServer::start(&quick(&["--auth-timeout", "300ms"]));
    check_close("socket_auth_time", &mut v1(&server, ""));
}

#[test]
fn socket_overload() {
    // An issuer that accepts and says nothing: whoever names a key of it waits.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let silent = std::thread::spawn(move || listener.incoming().take(2).collect::<Vec<_>>());
    let flags = ["--jwks-url", &url, "--jwks-refresh", "1s", "--messages-per-second", "0"];
    let server = TestServer::start(&[&quick(&[])[..], &flags].concat());
    let header = Header { kid: Some("b".to_owned()), ..Header::new(Algorithm::RS256) };
    let key = EncodingKey::from_rsa_der(include_bytes!("../../keys/rsa-b.der"));
    let claims = json!({"sub": user_id(1), "exp": claims(1, 3600)["exp"]});
    let unknown = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    let _silent = silent.join().unwrap();
    let mut socket = v1(&server, &format!("?token={}", token(1)));
    let auth = Script::new().text(json!({"type": "auth", "token": unknown}).to_string()).bytes;
    for _ in 0..17 {
        let _ = socket.try_send(&auth.repeat(256));
    }
    check_close("socket_overload", &mut socket);
    original(&server);
}

#[test]
fn socket_message() {
    let long = "a".repeat(64 * 1024 + 1);
    said("socket_message", &Script::new().text(&long));
    let (begin, end) = long.split_at(40_000);
    let pieces = Script::new().frame(Opcode::Text, false, begin).frame(Opcode::Continuation, true, end);
    said("socket_message", &pieces);
}

#[test]
fn socket_fragments() {
    let mut script = Script::new().frame(Opcode::Text, false, "");
    for _ in 0..1_024 {
        script = script.frame(Opcode::Continuation, false, "");
    }
    said("socket_fragments", &script);
}

#[test]
fn socket_rate() {
    let ping = Script::new().text(r#"{"type":"ping"}"#).bytes;
    said("socket_rate", &Script::new().bytes(&ping.repeat(300)));
}

#[test]
fn socket_binary() {
    said("socket_binary", &Script::new().binary("x"));
}

#[test]
fn socket_text() {
    said("socket_text", &Script::new().text(b"\xC0\x80"));
}

#[test]
fn socket_frames() {
    said("socket_frames", &Script::new().raw(0xC1, "reserved bit"));
}

#[test]
fn socket_malformed() {
    let malformed = Script::new().text("{").bytes;
    said("socket_malformed", &Script::new().bytes(&malformed.repeat(5)));
    let server = TestServer::start(&quick(&[]));
    let mut patient = original(&server);
    patient.send(&malformed.repeat(4));
    patient.send(&Script::new().text(r#"{"type":"ping"}"#).bytes);
    while patient.frame().1 != br#"{"type":"pong"}"# {}
}

#[test]
fn socket_silence() {
    let server = TestServer::start(&quick(&["--dead-after", "600ms", "--ping-interval", "100ms"]));
    let mut silent = original(&server);
    let began = Instant::now();
    // The ack, the person's own coming, and pings; no close frame.
    let rest = silent.rest();
    assert!(rest.ends_with(b"\x89\x00"), "the last that it hears is a ping: {rest:?}");
    assert!(began.elapsed() >= Duration::from_millis(500), "{:?}", began.elapsed());
}

/// Makes a socket owe more than the system holds for somebody who does not read, and waits until it is closed.
fn deaf(server: &TestServer) -> Raw {
    let _people: Vec<_> = (100..160).map(|n| server.v1(&token(n))).collect();
    let mut deaf = v1_over(Raw::narrow(server.address), &format!("?token={}", token(1)));
    while deaf.frame().0 != Opcode::Text {}
    let subscribe = Script::new().text(r#"{"type":"subscribe","scope":"everyone"}"#).bytes;
    for _ in 0..40 {
        let _ = deaf.try_send(&subscribe);
    }
    eventually("it is closed", || {
        request(server.internal, "/metrics", &[]).2.contains("hereabouts_closed_slow_total 1\n")
    });
    deaf
}

const IMPATIENT: [&str; 6] = ["--dead-after", "1s", "--ping-interval", "500ms", "--messages-per-second", "0"];

#[test]
fn socket_reading() {
    let server = TestServer::start(&quick(&IMPATIENT));
    check_close("socket_reading", &mut deaf(&server));
}

#[test]
fn socket_reading_ends_with_a_reset_after_a_second() {
    let server = TestServer::start(&quick(&IMPATIENT));
    let mut deaf = deaf(&server);
    eventually("it is gone", || {
        request(server.internal, "/metrics", &[]).2.contains("hereabouts_connections_open 0\n")
    });
    assert_eq!(deaf.end(), ErrorKind::ConnectionReset);
}

#[test]
fn socket_superseded() {
    let server = TestServer::start(&quick(&["--max-connections-per-user", "1", "--ping-interval", "100ms"]));
    let mut broken = original(&server);
    let again = upgrade(&format!("/ws/user-status/?token={}", token(1)), "localhost", &[]);
    assert_eq!(handshake(server.address, &again).0, 429, "it may still be well");
    eventually("the broken one gives way", || handshake(server.address, &again).0 == 101);
    check_close("socket_superseded", &mut broken);
}

#[test]
fn socket_superseded_is_nobody_who_answers() {
    let server = TestServer::start(&quick(&["--max-connections-per-user", "1", "--ping-interval", "100ms"]));
    let mut well = server.original(&token(1));
    let again = upgrade(&format!("/ws/user-status/?token={}", token(1)), "localhost", &[]);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        assert_eq!(handshake(server.address, &again).0, 429);
        // Reading answers the pings.
        well.say(r#"{"type":"ping"}"#);
        well.next_of("pong");
    }
}

#[test]
fn socket_restart() {
    let server = TestServer::start(&quick(&[]));
    let mut socket = original(&server);
    while socket.frame().0 != Opcode::Text {}
    server.signal("TERM");
    check_close("socket_restart", &mut socket);
}
