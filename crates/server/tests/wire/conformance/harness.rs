//! How a case is run over a socket: whole and cut, on the echo, and on the real server where nothing is echoed.

use std::cell::RefCell;
use std::net::SocketAddr;

use hereabouts::shutdown::Shutdown;
use hereabouts_websocket::client::parse_server_frame;
use hereabouts_websocket::{Limits, Opcode};

use super::echo_server;
use super::raw::Raw;
use super::script::{Reply, Script, closed};
use crate::server::{TestServer, token};

/// Groups that say nothing about data messages hold for everybody, so they are tried on people's sockets too.
const GROUPS_FOR_EVERYBODY: [&str; 4] = ["2.", "3.", "4.", "7."];

thread_local! {
    /// One per test, and gone with it.
    static SERVERS: RefCell<Servers> = const { RefCell::new(Servers { echo: None, real: None }) };
}

struct Servers {
    echo: Option<(Limits, Echo)>,
    real: Option<TestServer>,
}

/// An echo in this process, stopped when dropped.
pub(crate) struct Echo {
    pub(crate) address: SocketAddr,
    shutdown: Shutdown,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Echo {
    pub(crate) fn start(limits: Limits) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let (address, shutdown) = (listener.local_addr().unwrap(), Shutdown::new());
        let until = shutdown.clone();
        let serve = move || runtime.block_on(echo_server::serve(listener, limits, until)).unwrap();
        Self { address, shutdown, thread: Some(std::thread::spawn(serve)) }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.shutdown.trigger();
        if let Some(thread) = self.thread.take() {
            // Its panic was printed, and has failed the test by what it did not answer.
            let _ = thread.join();
        }
    }
}

/// A server of people that lets this test open as many connections as it has cases.
pub(crate) fn real_server() -> TestServer {
    TestServer::start(&[
        "--max-connections-per-ip",
        "0",
        "--max-connections-per-user",
        "0",
        "--requests-per-second-per-ip",
        "0",
    ])
}

/// An acknowledged socket of an original client.
pub(crate) fn real_socket(server: &TestServer) -> Raw {
    let mut raw = Raw::open(server.address, &format!("/ws/user-status/?token={}", token(1)));
    assert_eq!(raw.frame().0, Opcode::Text, "the ack");
    raw
}

/// Runs one case with the contract's limits.
pub(crate) fn check(case: &str, script: &Script, expected: &[Reply]) {
    check_within(Limits::default(), case, script, expected);
    if GROUPS_FOR_EVERYBODY.iter().any(|group| case.starts_with(group)) {
        check_on_real(case, script, expected);
    }
}

/// Runs one case with each frame in a write of its own, too.
pub(crate) fn check_by_frames(cases: &str, script: &Script, expected: &[Reply]) {
    check(cases, script, expected);
    let writes: Vec<&[u8]> = script.frames().collect();
    assert_eq!(converse(echo_socket(Limits::default()), &writes, expected), whole(expected), "case {cases}");
}

/// Runs one case with other limits.
pub(crate) fn check_within(limits: Limits, case: &str, script: &Script, expected: &[Reply]) {
    let cut_bytes = if script.bytes.len() > 997 { 997 } else { 7 };
    for write_bytes in [usize::MAX, cut_bytes] {
        let writes: Vec<&[u8]> = script.bytes.chunks(write_bytes).collect();
        let replies = converse(echo_socket(limits), &writes, expected);
        let is_right = replies == whole(expected);
        assert!(is_right, "case {case}, writes of {write_bytes}: {replies:.200?} not {expected:.200?}");
    }
}

/// The same on `/ws/user-status/`, where no message comes back but pongs and closes do.
fn check_on_real(case: &str, script: &Script, expected: &[Reply]) {
    let socket = SERVERS.with_borrow_mut(|servers| real_socket(servers.real.get_or_insert_with(real_server)));
    let is_control = |reply: &Reply| matches!(reply, Reply::Pong(_) | Reply::Close(_));
    let mut replies = converse(socket, &[&script.bytes[..]], expected);
    replies.retain(is_control);
    let mut expected = whole(expected);
    expected.retain(is_control);
    assert_eq!(replies, expected, "case {case} on the real server");
}

fn echo_socket(limits: Limits) -> Raw {
    let address = SERVERS.with_borrow_mut(|servers| {
        if servers.echo.as_ref().is_none_or(|(held, _)| *held != limits) {
            servers.echo = Some((limits, Echo::start(limits)));
        }
        servers.echo.as_ref().map(|(_, echo)| echo.address).unwrap()
    });
    Raw::open(address, "/any/path?at=all")
}

/// Sends the writes, and a close where the case leaves the socket open; everything that is answered.
fn converse(mut raw: Raw, writes: &[&[u8]], expected: &[Reply]) -> Vec<Reply> {
    for write in writes {
        raw.send(write);
    }
    if !ends_with_close(expected) {
        raw.send(&Script::new().close(1000, "").bytes);
    }
    replies(&raw.rest())
}

/// What is expected, with the answer to the client's own close.
fn whole(expected: &[Reply]) -> Vec<Reply> {
    let own = (!ends_with_close(expected)).then(|| closed(1000));
    expected.iter().cloned().chain(own).collect()
}

fn ends_with_close(replies: &[Reply]) -> bool {
    matches!(replies.last(), Some(Reply::Close(_)))
}

/// The frames must fill `rest` exactly. Pings of the server's own are no answers.
fn replies(mut rest: &[u8]) -> Vec<Reply> {
    let mut replies = Vec::new();
    while !rest.is_empty() {
        let frame = parse_server_frame(rest).expect("the server writes whole frames");
        rest = &rest[frame.len..];
        replies.push(match frame.opcode {
            Opcode::Text => Reply::Text(String::from_utf8(frame.payload.to_vec()).unwrap()),
            Opcode::Binary => Reply::Binary(frame.payload.to_vec()),
            Opcode::Pong => Reply::Pong(frame.payload.to_vec()),
            Opcode::Close => Reply::Close(frame.payload.first_chunk().map(|&code| u16::from_be_bytes(code))),
            Opcode::Ping => continue,
            Opcode::Continuation => panic!("the server never sends a fragment"),
        });
    }
    replies
}
