//! Rows A29 and A30: more than a server can or will hold.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use super::{handshake, quick, upgrade};
use crate::server::{TestServer, eventually, request, token};

#[test]
fn a29_one_person_holds_so_many_sockets() {
    let server = TestServer::start(&quick(&["--max-connections-per-user", "2"]));
    let mut held: Vec<_> = (0..2).map(|_| server.original(&token(1))).collect();
    for socket in &mut held {
        socket.next_of("connection.ack");
    }
    let request = upgrade(&format!("/ws/user-status/?token={}", token(1)), "localhost", &[]);
    let (status, answer) = handshake(server.address, &request);
    assert_eq!(status, 429, "before the upgrade");
    assert!(answer.to_lowercase().contains("\r\nretry-after: "), "{answer}");
    let mut bob = server.original(&token(2));
    bob.next_of("connection.ack");
    held.pop().unwrap().close(1000);
    eventually("a place is free again", || handshake(server.address, &request).0 == 101);
}

#[test]
fn a29_one_address_holds_so_many_sockets() {
    let server = TestServer::start(&quick(&["--max-connections-per-ip", "3"]));
    let held: Vec<_> = (1..=3).map(|n| server.original(&token(n))).collect();
    let request = upgrade(&format!("/ws/user-status/?token={}", token(4)), "localhost", &[]);
    let (status, answer) = handshake(server.address, &request);
    assert_eq!(status, 429);
    assert!(answer.to_lowercase().contains("\r\nretry-after: "), "{answer}");
    assert_eq!(server.get("/livez", &[]).0, 200, "requests are not sockets");
    drop(held);
    eventually("a place is free again", || handshake(server.address, &request).0 == 101);
}

#[test]
fn a29_one_address_holds_few_sockets_without_a_token() {
    let server = TestServer::start(&quick(&["--max-unauthenticated-per-ip", "1"]));
    let path = "/ws/user-status/";
    let silent = upgrade(path, "localhost", &[("Sec-WebSocket-Protocol", "hereabouts.v1")]);
    let mut held = TcpStream::connect(server.address).unwrap();
    held.write_all(silent.as_bytes()).unwrap();
    let mut answer = [0; 12];
    held.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
    assert_eq!(handshake(server.address, &silent).0, 429);
    let bad = upgrade("/ws/user-status/?token=no", "localhost", &[]);
    assert_eq!(handshake(server.address, &bad).0, 429);
    server.original(&token(1)).next_of("connection.ack");
    drop(held);
    eventually("a place is free again", || handshake(server.address, &silent).0 == 101);
}

#[test]
fn a29_the_whole_server_holds_so_many_sockets() {
    let server = TestServer::start(&quick(&["--max-connections", "2"]));
    let held: Vec<_> = (1..=2).map(|n| server.original(&token(n))).collect();
    let request = upgrade(&format!("/ws/user-status/?token={}", token(3)), "localhost", &[]);
    let (status, answer) = handshake(server.address, &request);
    assert_eq!(status, 503, "before the upgrade");
    assert!(answer.to_lowercase().contains("\r\nretry-after: "), "{answer}");
    drop(held);
    eventually("a place is free again", || handshake(server.address, &request).0 == 101);
}

#[test]
fn a29_without_descriptors_the_server_waits_and_recovers() {
    let server = TestServer::start(super::QUICK);
    let mut ada = server.original(&token(1));
    ada.next_of("connection.ack");
    let n_open = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    let limit = format!("--nofile={}", n_open + 10);
    let pid = server.pid().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    let greedy: Vec<_> = (0..60).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    ada.say(r#"{"type":"ping"}"#);
    ada.next_of("pong");
    drop(greedy);
    eventually("requests are answered again", || {
        std::panic::catch_unwind(|| request(server.address, "/livez", &[]).0 == 200).unwrap_or(false)
    });
    ada.say(r#"{"type":"ping"}"#);
    ada.next_of("pong");
}

#[test]
fn a30_a_forwarded_address_counts_only_behind_a_proxy_of_ours() {
    const SMALL: [&str; 4] = ["--requests-per-second-per-ip", "1", "--request-burst-per-ip", "4"];
    let statuses = |server: &TestServer, forwarded: &dyn Fn(u32) -> String| -> Vec<u16> {
        (0..12).map(|n| server.get("/api/users/online/", &[("X-Forwarded-For", &forwarded(n))]).0).collect()
    };
    let direct = TestServer::start(&SMALL);
    let seen = statuses(&direct, &|n| format!("10.0.0.{n}"));
    assert!(seen.contains(&429), "whatever it claims, it is one address: {seen:?}");
    let behind = TestServer::start(&[&SMALL[..], &["--trusted-proxies", "127.0.0.1"]].concat());
    let seen = statuses(&behind, &|n| format!("10.0.0.{n}"));
    assert!(!seen.contains(&429), "twelve clients of a proxy: {seen:?}");
    let seen = statuses(&behind, &|n| format!("10.9.9.{n}, 192.0.2.7"));
    assert!(seen.contains(&429), "what stands left of the proxy's own word is the client's: {seen:?}");
    let seen = statuses(&behind, &|n| format!("2001:db8::{n:x}"));
    assert!(seen.contains(&429), "a /64 is one customer: {seen:?}");
}
