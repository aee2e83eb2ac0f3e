//! Limits of requests.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use sqlx::{Connection, Executor, SqliteConnection};

use super::{check_answer, status};
use crate::attacks::{quick, raw, rest_of, status_of};
use crate::server::{PATIENCE, TestServer, eventually, request, token, user_id};

const BUILTIN: [&str; 4] = ["--directory", "builtin", "--logins-per-minute", "0"];

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The head of a request whose connection ends with it.
fn head(line: &str, more: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n")
}

fn post(path: &str, body: &str) -> String {
    let more = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    head(&format!("POST {path}"), &more) + body
}

fn login(name: &str) -> String {
    post("/api/auth/login/", &format!(r#"{{"username":"{name}","password":"wrong horse battery"}}"#))
}

#[test]
fn http_body() {
    let server = TestServer::start(&quick(&BUILTIN));
    let ask = |body: &str| raw(server.address, post("/api/auth/login/", body).as_bytes());
    assert_ne!(status_of(&ask(&" ".repeat(64 * 1024))), status("http_body"));
    check_answer("http_body", &ask(&" ".repeat(64 * 1024 + 1)));
    // A length that is only told chunk by chunk is counted as it comes.
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    let chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    let request = head("POST /api/auth/login/", chunked) + &chunk.repeat(2) + "1\r\n \r\n0\r\n\r\n";
    check_answer("http_body", &raw(server.address, request.as_bytes()));
}

#[test]
fn http_target() {
    let server = TestServer::start(&quick(&[]));
    let ask = |n: usize| raw(server.address, head(&format!("GET /{}", "a".repeat(n - 1)), "").as_bytes());
    assert_eq!(status_of(&ask(8 * 1024)), 404);
    check_answer("http_target", &ask(8 * 1024 + 1));
}

#[test]
fn http_head() {
    let server = TestServer::start(&quick(&[]));
    let ask =
        |n: usize| raw(server.address, head("GET /livez", &format!("X: {}\r\n", "a".repeat(n))).as_bytes());
    assert_eq!(status_of(&ask(15 * 1024)), 200);
    check_answer("http_head", &ask(16 * 1024));
}

#[test]
fn http_header_lines() {
    let server = TestServer::start(&quick(&[]));
    // Two lines are there already.
    let ask = |n: usize| raw(server.address, head("GET /livez", &"X: 1\r\n".repeat(n - 2)).as_bytes());
    assert_eq!(status_of(&ask(64)), 200);
    check_answer("http_header_lines", &ask(65));
}

#[test]
fn http_head_time() {
    let server = TestServer::start(&quick(&["--header-timeout", "300ms"]));
    for begin in ["", "GET /livez HTTP/1.1\r\nHost: local"] {
        let mut slow = connect(server.address);
        let began = Instant::now();
        slow.write_all(begin.as_bytes()).unwrap();
        assert_eq!(rest_of(&mut slow), "", "closed without a word");
        assert!(began.elapsed() >= Duration::from_millis(290) && began.elapsed() < Duration::from_secs(3));
    }
    // The same for the second request of a connection, from its first byte.
    let mut kept = connect(server.address);
    kept.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(kept.read(&mut [0; 4096]).unwrap() > 0);
    kept.write_all(b"GET /li").unwrap();
    assert_eq!(rest_of(&mut kept), "");
}

#[test]
fn http_keep_alive() {
    let server = TestServer::start(&quick(&["--header-timeout", "200ms", "--keep-alive", "1s"]));
    let mut kept = connect(server.address);
    let mut buffer = [0; 4096];
    // Each is asked later than a head may take: what is not begun yet is not late.
    for _ in 0..2 {
        kept.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let n = kept.read(&mut buffer).unwrap();
        assert!(buffer[..n].starts_with(b"HTTP/1.1 200"));
        kept.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
        let open = kept.read(&mut buffer).unwrap_err();
        assert_eq!(open.kind(), ErrorKind::WouldBlock, "still open: {open}");
    }
    kept.set_read_timeout(Some(PATIENCE)).unwrap();
    let began = Instant::now();
    assert_eq!(kept.read(&mut buffer).unwrap(), 0, "closed without a word");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn http_body_time_a18() {
    let server = TestServer::start(&quick(&[&BUILTIN[..], &["--request-timeout", "1s"]].concat()));
    let head = head("POST /api/auth/login/", "Content-Type: application/json\r\nContent-Length: 100\r\n");
    let mut silent = connect(server.address);
    let began = Instant::now();
    silent.write_all(format!("{head}{{").as_bytes()).unwrap();
    check_answer("http_body_time", &rest_of(&mut silent));
    assert!(began.elapsed() >= Duration::from_millis(790) && began.elapsed() < Duration::from_secs(3));
    // A byte now and then gains no time.
    let mut dripping = connect(server.address);
    dripping.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    dripping.write_all(head.as_bytes()).unwrap();
    let (began, mut buffer) = (Instant::now(), [0; 4096]);
    let answer = loop {
        assert!(began.elapsed() < Duration::from_secs(3));
        let _ = dripping.write_all(b" ");
        match dripping.read(&mut buffer) {
            Ok(n) => break String::from_utf8_lossy(&buffer[..n]).into_owned(),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
    };
    check_answer("http_body_time", &answer);
}

#[test]
fn http_request_time() {
    let server = TestServer::start(&quick(&[&BUILTIN[..], &["--request-timeout", "1s"]].concat()));
    let register = post("/api/auth/register/", r#"{"username":"ada","password":"correct horse battery"}"#);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("sqlite://{}", server.database().display());
    let mut other = runtime.block_on(SqliteConnection::connect(&url)).unwrap();
    // Another process writes for a long time, and nobody else can.
    runtime.block_on(other.execute("BEGIN IMMEDIATE")).unwrap();
    let began = Instant::now();
    let answer = raw(server.address, register.as_bytes());
    check_answer("http_request_time", &answer);
    assert!(began.elapsed() >= Duration::from_millis(990) && began.elapsed() < Duration::from_secs(3));
    runtime.block_on(other.execute("ROLLBACK")).unwrap();
    eventually("it is well again", || status_of(&raw(server.address, login("grace").as_bytes())) == 401);
}

#[test]
fn http_rate() {
    let server = TestServer::start(&["--requests-per-second-per-ip", "1", "--request-burst-per-ip", "2"]);
    let ask = || raw(server.address, head("GET /api/users/online/", "").as_bytes());
    assert_eq!((status_of(&ask()), status_of(&ask())), (401, 401));
    check_answer("http_rate", &(0..3).map(|_| ask()).find(|answer| status_of(answer) != 401).unwrap());
    assert_eq!(server.get("/livez", &[]).0, 200, "health is always told");
}

#[test]
fn http_logins() {
    let server = TestServer::start(&quick(&["--directory", "builtin", "--logins-per-minute", "2"]));
    let ask = |name: &str| raw(server.address, login(name).as_bytes());
    assert_eq!((status_of(&ask("ada")), status_of(&ask("Ada"))), (401, 401));
    check_answer("http_logins", &ask("ada"));
    assert_eq!(status_of(&ask("grace")), 401, "another person has their own");
}

#[test]
fn http_lookups() {
    let server = TestServer::start(&quick(&["--lookups-per-minute", "2"]));
    let body = format!(r#"{{"ids":["{}"]}}"#, user_id(2));
    let ask = |n: u128| {
        let more = format!(
            "Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            token(n),
            body.len()
        );
        raw(server.address, (head("POST /api/users/status/", &more) + &body).as_bytes())
    };
    assert_eq!((status_of(&ask(1)), status_of(&ask(1))), (200, 200));
    check_answer("http_lookups", &ask(1));
    assert_eq!(status_of(&ask(3)), 200, "another person has their own");
}

#[test]
fn http_full() {
    let server = TestServer::start(&quick(&BUILTIN));
    let mut crowd: Vec<_> = (0..150).map(|_| connect(server.address)).collect();
    for (n, stream) in crowd.iter_mut().enumerate() {
        stream.write_all(login(&format!("person{n}")).as_bytes()).unwrap();
    }
    let answers: Vec<_> = crowd.iter_mut().map(rest_of).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| status_of(answer) != 401).collect();
    assert!(!refused.is_empty() && refused.len() < 150, "{}", refused.len());
    for answer in refused {
        check_answer("http_full", answer);
    }
}

#[test]
fn http_stopping() {
    let server = TestServer::start(&quick(&[]));
    // Somebody who does not answer the close holds the server up for a second.
    let mut held = server.original(&token(1));
    held.next_of("connection.ack");
    let mut late: Vec<_> = (0..4).map(|_| connect(server.address)).collect();
    for stream in &mut late {
        stream.write_all(b"GET /api/users/online/ HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    }
    // They are accepted once a later one is answered.
    assert_eq!(server.get("/livez", &[]).0, 200);
    server.signal("TERM");
    eventually("it stops", || request(server.internal, "/readyz", &[]).0 == 503);
    for stream in &mut late {
        stream.write_all(b"\r\n").unwrap();
        check_answer("http_stopping", &rest_of(stream));
    }
}

#[test]
fn http_host() {
    let server = TestServer::start(&quick(&[]));
    check_answer(
        "http_host",
        &raw(server.address, b"GET /livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
    );
}

#[test]
fn http_origin() {
    let server = TestServer::start(&quick(&["--cors-allowed-origins", "https://app.example.com"]));
    let allowed = |origin: &str| {
        let answer = raw(server.address, head("GET /livez", &format!("Origin: {origin}\r\n")).as_bytes());
        answer.to_lowercase().contains("access-control-allow-origin")
    };
    assert!(allowed("https://app.example.com") && !allowed("https://evil.example"));
}

#[test]
fn http_encoding() {
    let server = TestServer::start(&quick(&BUILTIN));
    let more = "Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n";
    check_answer(
        "http_encoding",
        &raw(server.address, (head("POST /api/auth/login/", more) + "{}").as_bytes()),
    );
}
