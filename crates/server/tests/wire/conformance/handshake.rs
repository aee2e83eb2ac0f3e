//! The opening handshake on the wire, request by request: on the echo, and on people's path.

use hereabouts_websocket::{Limits, Opcode};

use super::harness::{Echo, real_server};
use super::raw::{ACCEPT, Raw, UPGRADE, request};
use super::script::Script;
use crate::server::token;

/// A request, and the status it deserves.
struct Case {
    what: &'static str,
    status: u16,
    head: String,
}

/// A request made of [`UPGRADE`] by replacing, adding and leaving out headers.
struct Head {
    line: String,
    headers: Vec<(&'static str, &'static str)>,
}

impl Head {
    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self = self.without(name);
        self.and(name, value)
    }

    fn and(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        self
    }

    fn is(self, status: u16, what: &'static str) -> Case {
        let request = request("", &self.headers);
        let (_, headers) = request.split_once("\r\n").unwrap();
        Case { what, status, head: format!("{}\r\n{headers}", self.line) }
    }
}

fn get(path: &str) -> Head {
    line(format!("GET {path} HTTP/1.1"))
}

fn line(line: String) -> Head {
    Head { line, headers: UPGRADE.to_vec() }
}

fn accepted(path: &str) -> Vec<Case> {
    let get = || get(path);
    vec![
        get().is(101, "a browser's request"),
        get()
            .with("upgrade", "websocket")
            .with("connection", "upgrade")
            .is(101, "lower-case names and values"),
        get().with("Upgrade", "WEBSOCKET").with("Connection", "UPGRADE").is(101, "upper-case values"),
        get().with("Connection", "keep-alive, Upgrade").is(101, "upgrade in a list"),
        get()
            .with("Connection", "keep-alive")
            .and("Connection", "Upgrade")
            .is(101, "upgrade in a second header"),
        get().with("Upgrade", "h2c, websocket").is(101, "WebSocket among other protocols"),
        get().with("Content-Length", "0").is(101, "no body, said so"),
        get().with("Sec-WebSocket-Protocol", "chat, superchat").is(101, "only unknown subprotocols"),
        get().with("Sec-WebSocket-Extensions", "permessage-deflate").is(101, "an extension on offer"),
        get().with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR==").is(101, "a key with its unused bits set"),
        get().with("User-Agent", "").is(101, "an empty header beside"),
    ]
}

fn refused(path: &str) -> Vec<Case> {
    let get = || get(path);
    vec![
        get().without("Sec-WebSocket-Key").is(400, "no key"),
        get().and("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==").is(400, "the key twice"),
        get().with("Sec-WebSocket-Key", "").is(400, "an empty key"),
        get().with("Sec-WebSocket-Key", "SGVsbG8sIHdvcmxkIQ==").is(400, "a key of 13 bytes"),
        get().with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ*==").is(400, "a key that is not base64"),
        get().with("Sec-WebSocket-Version", "8").is(426, "version 8"),
        get().with("Sec-WebSocket-Version", "0").is(426, "version 0"),
        get().without("Sec-WebSocket-Version").is(426, "no version"),
        get().and("Sec-WebSocket-Version", "8").is(426, "two versions"),
        line(format!("POST {path} HTTP/1.1")).is(405, "POST"),
        line(format!("HEAD {path} HTTP/1.1")).is(405, "HEAD"),
        line(format!("OPTIONS {path} HTTP/1.1")).is(405, "OPTIONS without a preflight"),
        line(format!("GET {path} HTTP/1.0")).is(400, "HTTP/1.0"),
        get().without("Connection").is(400, "no Connection"),
        get().with("Connection", "keep-alive").is(400, "Connection without upgrade"),
        get().without("Upgrade").is(401, "no Upgrade: an ordinary request, without a token in its header"),
        get().with("Upgrade", "h2c").is(401, "an upgrade to HTTP/2"),
        get().with("Content-Length", "5").is(400, "a body"),
        get().with("Transfer-Encoding", "chunked").is(400, "a body of unknown length"),
        get().with("Sec-WebSocket-Protocol", "a, a").is(400, "the same subprotocol twice"),
        get().with("Sec-WebSocket-Protocol", "a b").is(400, "a subprotocol that is no token"),
        line("GARBAGE".to_owned()).is(400, "no request at all"),
        line("PRI * HTTP/2.0".to_owned()).is(400, "HTTP/2 without asking"),
    ]
}

fn check(address: std::net::SocketAddr, Case { what, status, head }: &Case) {
    let answer = Raw::connect(address).ask(head);
    let line = answer.lines().next().unwrap_or_default();
    assert!(line.starts_with("http/1.") && line.contains(&format!(" {status} ")), "{what}: {answer}");
    match status {
        101 => {
            assert!(
                answer.contains("upgrade: websocket") && answer.contains("connection: upgrade"),
                "{answer}"
            );
            assert!(!answer.contains("sec-websocket-protocol"), "{what}: {answer}");
            assert!(!answer.contains("sec-websocket-extensions"), "{what}: {answer}");
        }
        426 => assert!(answer.contains("sec-websocket-version: 13"), "{what}: {answer}"),
        405 => assert!(answer.contains("allow: get"), "{what}: {answer}"),
        _ => {}
    }
}

#[test]
fn handshakes_on_the_echo() {
    let echo = Echo::start(Limits::default());
    let path = "/some/where?with=a+query";
    accepted(path).iter().chain(&refused(path)).for_each(|case| check(echo.address, case));
}

#[test]
fn handshakes_on_the_real_server() {
    let server = real_server();
    let path = format!("/ws/user-status/?token={}", token(1));
    accepted(&path).iter().chain(&refused(&path)).for_each(|case| check(server.address, case));
    check(server.address, &get("/ws/").is(404, "another path"));
    check(server.address, &get("/ws/user-status/x").is(404, "a path below"));
    check(server.address, &get("/ws/user-status").is(101, "without the slash, and without a token"));
}

#[test]
fn the_answer_proves_that_the_key_was_read() {
    let echo = Echo::start(Limits::default());
    let answer = Raw::connect(echo.address).ask(&request("/", &UPGRADE));
    assert!(answer.contains(&format!("sec-websocket-accept: {}", ACCEPT.to_lowercase())), "{answer}");
}

#[test]
fn frames_sent_with_the_handshake_are_not_lost() {
    let (echo, server) = (Echo::start(Limits::default()), real_server());
    let early = Script::new().ping("early").text(r#"{"type":"ping"}"#).bytes;
    for (address, path) in
        [(echo.address, "/".to_owned()), (server.address, format!("/ws/user-status/?token={}", token(1)))]
    {
        let mut raw = Raw::connect(address);
        raw.send(&[request(&path, &UPGRADE).as_bytes(), &early].concat());
        assert!(raw.head().starts_with("http/1.1 101 "));
        let mut answers = Vec::new();
        while answers.len() < 2 {
            match raw.frame() {
                (Opcode::Pong, payload) => answers.push(payload),
                (Opcode::Text, text) if text.ends_with(b"g\"}") => answers.push(text),
                // The ack, and that this person came online.
                (Opcode::Text, _) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(answers[0], b"early", "at {path}");
    }
}
