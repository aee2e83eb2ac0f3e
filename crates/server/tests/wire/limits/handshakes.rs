//! Limits of handshakes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::json;

use super::{check_answer, status};
use crate::attacks::{handshake, quick, upgrade};
use crate::server::{PATIENCE, TestServer, claims, eventually, token, user_id};

fn path_of(n: u128) -> String {
    format!("/ws/user-status/?token={}", token(n))
}

fn ask(server: &TestServer, n: u128) -> String {
    handshake(server.address, &upgrade(&path_of(n), "localhost", &[])).1
}

#[test]
fn handshake_host() {
    let server = TestServer::start(&quick(&[]));
    let request = upgrade(&path_of(1), "evil.example", &[]);
    check_answer("handshake_host", &handshake(server.address, &request).1);
}

#[test]
fn handshake_origin() {
    let server = TestServer::start(&quick(&[]));
    let request = upgrade(&path_of(1), "localhost", &[("Origin", "https://evil.example")]);
    check_answer("handshake_origin", &handshake(server.address, &request).1);
}

#[test]
fn handshake_version() {
    let server = TestServer::start(&quick(&[]));
    let request = upgrade(&path_of(1), "localhost", &[]).replace("Version: 13", "Version: 8");
    check_answer("handshake_version", &handshake(server.address, &request).1);
}

#[test]
fn handshake_user() {
    let server = TestServer::start(&quick(&["--max-connections-per-user", "1"]));
    server_holds_one(&server, 1, || check_answer("handshake_user", &ask(&server, 1)));
}

#[test]
fn handshake_address() {
    let server = TestServer::start(&quick(&["--max-connections-per-ip", "1"]));
    server_holds_one(&server, 1, || check_answer("handshake_address", &ask(&server, 2)));
}

#[test]
fn handshake_unauthenticated() {
    let server = TestServer::start(&quick(&["--max-unauthenticated-per-ip", "1"]));
    let silent = upgrade("/ws/user-status/", "localhost", &[("Sec-WebSocket-Protocol", "hereabouts.v1")]);
    let mut held = TcpStream::connect(server.address).unwrap();
    held.write_all(silent.as_bytes()).unwrap();
    held.read_exact(&mut [0; 12]).unwrap();
    check_answer("handshake_unauthenticated", &handshake(server.address, &silent).1);
}

#[test]
fn handshake_total() {
    let server = TestServer::start(&quick(&["--max-connections", "1"]));
    server_holds_one(&server, 1, || check_answer("handshake_total", &ask(&server, 2)));
}

fn server_holds_one(server: &TestServer, n: u128, refused: impl Fn()) {
    let mut held = server.original(&token(n));
    held.next_of("connection.ack");
    refused();
    drop(held);
    eventually("there is room again", || {
        handshake(server.address, &upgrade(&path_of(n), "localhost", &[])).0 == 101
    });
}

/// An issuer of 64 large keys that all have the name `a`. After `n_answers` it is silent.
struct Issuer {
    url: String,
    n_asked: Arc<AtomicUsize>,
}

impl Issuer {
    fn start(n_answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let key = EncodingKey::from_rsa_der(include_bytes!("../../keys/rsa-large.der"));
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
        jwk.common.key_id = Some("a".to_owned());
        let body = json!({ "keys": vec![jwk; 64] }).to_string();
        let n_asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_asked);
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if counter.fetch_add(1, Ordering::SeqCst) >= n_answers {
                    silent.push(stream);
                    continue;
                }
                let _ = stream.read(&mut [0; 4096]).unwrap();
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all((head + &body).as_bytes());
            }
        });
        Self { url, n_asked }
    }
}

/// A token that no key of the issuer made, though it looks so until the last step.
fn forged(kid: &str) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::RS256) };
    let key = EncodingKey::from_rsa_der(include_bytes!("../../keys/rsa-large.der"));
    let signed = |n| {
        let claims = json!({"sub": user_id(n), "exp": claims(n, 3600)["exp"]});
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    };
    let (mine, theirs) = (signed(1), signed(2));
    format!("{}.{}", mine.rsplit_once('.').unwrap().0, theirs.rsplit_once('.').unwrap().1)
}

#[test]
fn handshake_load() {
    let issuer = Issuer::start(1000);
    let flags = ["--max-unauthenticated-per-ip", "0", "--max-connections-per-ip", "0"];
    let server = TestServer::start(&[&quick(&flags)[..], &["--jwks-url", &issuer.url]].concat());
    // Each of these costs the server 64 operations with a large key: together, seconds of all its cores.
    let n_crowd = 250 * std::thread::available_parallelism().unwrap().get();
    let costly = upgrade(&format!("/ws/user-status/?token={}", forged("a")), "localhost", &[]);
    let mut crowd: Vec<_> = (0..n_crowd).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    for stream in &mut crowd {
        stream.write_all(costly.as_bytes()).unwrap();
    }
    let mut n_refused = 0;
    for stream in &mut crowd {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = [0; 1024];
        let n = stream.read(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer[..n]);
        if !answer.starts_with("HTTP/1.1 101") {
            check_answer("handshake_load", &answer);
            n_refused += 1;
        }
    }
    assert!(n_refused > 0, "everybody waited");
    eventually("the wait is over", || {
        handshake(server.address, &upgrade(&path_of(2), "localhost", &[])).0 == 101
    });
}

#[test]
fn handshake_load_is_not_an_issuers_silence() {
    let issuer = Issuer::start(1);
    let server =
        TestServer::start(&[&quick(&[])[..], &["--jwks-url", &issuer.url, "--jwks-refresh", "1s"]].concat());
    eventually("the issuer is silent", || issuer.n_asked.load(Ordering::SeqCst) >= 2);
    // A key that nobody knows: the server asks the issuer, and waits.
    let unknown = upgrade(&format!("/ws/user-status/?token={}", forged("b")), "localhost", &[]);
    let mut waiting = TcpStream::connect(server.address).unwrap();
    waiting.write_all(unknown.as_bytes()).unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(1500) {
        let (answer, _) = handshake(server.address, &upgrade(&path_of(2), "localhost", &[]));
        assert_eq!(answer, 101, "not {}: that wait is not ours", status("handshake_load"));
    }
}
