//! Row A50: a panic in the server costs what it was working on, one connection or one request; where it breaks what all
//! need, the server ends with an error and its clients are told to come back.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use crate::server::{Said, Socket, TestServer, eventually, token, user_id};

/// One thread for all sockets, so that bystanders share it with the victim.
const ONE_SHARD: [&str; 8] = [
    "--shards",
    "1",
    "--grace",
    "300ms",
    "--requests-per-second-per-ip",
    "0",
    "--max-connections-per-user",
    "1",
];

/// Where the server finds which panic a test wants.
struct Trap {
    _folder: TempDir,
    file: PathBuf,
}

impl Trap {
    fn in_new_server() -> (Self, TestServer) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("failpoint");
        let environment = [("FAILPOINT_FILE", file.to_str().unwrap())];
        let server = TestServer::start_with(folder.path().to_owned(), &ONE_SHARD, &environment);
        (Self { _folder: folder, file }, server)
    }

    /// The next thread that comes to this place panics.
    fn set(&self, place: &str) {
        // At once: half a name would be none.
        let new = self.file.with_extension("new");
        std::fs::write(&new, place).unwrap();
        std::fs::rename(&new, &self.file).unwrap();
    }

    fn is_sprung(&self) -> bool {
        !self.file.exists()
    }
}

fn acknowledged(server: &TestServer, n: u128) -> Socket {
    let mut socket = server.original(&token(n));
    socket.next_of("connection.ack");
    socket
}

fn assert_answers(socket: &mut Socket) {
    socket.say(r#"{"type":"ping"}"#);
    socket.next_of("pong");
}

/// Everything is as before: the bystander lives, nothing is counted for the victim, who may come again.
fn assert_whole(server: &TestServer, bystander: &mut Socket, victim: u128, n_panics: u64) {
    assert_answers(bystander);
    eventually("the connection's place is free", || server.metric("connections_open") == 1);
    assert_eq!(server.metric("panics_total"), n_panics, "with {victim}");
    let mut again = acknowledged(server, victim);
    assert_answers(&mut again);
    again.close(1000);
    eventually("they are gone", || server.metric("users_online") == 1);
}

#[test]
fn a50_a_panic_at_work_for_a_connection_of_an_original_client_closes_it_with_4500() {
    let (trap, server) = Trap::in_new_server();
    let mut bystander = acknowledged(&server, 9);
    let places = ["shard.read", "shard.message", "shard.welcome", "shard.adopt"];
    for (n, place) in (1..).zip(places) {
        let code = if ["shard.read", "shard.message"].contains(&place) {
            let mut victim = acknowledged(&server, n);
            trap.set(place);
            victim.say(r#"{"type":"ping"}"#);
            victim.close_code()
        } else {
            trap.set(place);
            server.original(&token(n)).close_code()
        };
        assert_eq!(code, 4500, "{place}");
        assert!(trap.is_sprung());
        assert_whole(&server, &mut bystander, n, n as u64);
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a50_a_panic_at_work_for_a_v1_connection_closes_it_with_1011() {
    let (trap, server) = Trap::in_new_server();
    let mut bystander = acknowledged(&server, 9);
    trap.set("shard.deliver");
    let mut victim = server.v1(&token(1));
    victim.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    assert_eq!(victim.close_code(), 1011);
    assert_whole(&server, &mut bystander, 1, 1);
    // The place where tokens are judged is not the socket's thread: it is told.
    for (n, place, n_panics) in [(2, "shard.identified", 2), (3, "auth.judge", 2)] {
        trap.set(place);
        let mut victim = Socket::open(server.address, "/ws/user-status/", Some("hereabouts.v1"));
        victim.say(&serde_json::json!({"type": "auth", "token": token(n)}).to_string());
        assert_eq!(victim.close_code(), 1011, "{place}");
        assert!(trap.is_sprung());
        assert_whole(&server, &mut bystander, n, n_panics);
    }
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a50_a_panic_in_a_walk_over_all_connections_costs_one_of_them() {
    for place in ["shard.sweep", "shard.broadcast"] {
        let (trap, server) = Trap::in_new_server();
        let mut all: Vec<_> = (1..=4).map(|n| acknowledged(&server, n)).collect();
        trap.set(place);
        // A sweep comes by itself; a broadcast for somebody who comes.
        all.push(server.original(&token(50)));
        eventually("the trap is sprung", || trap.is_sprung());
        let codes: Vec<_> = all.iter_mut().filter_map(pong_or_code).collect();
        assert_eq!(codes, [4500], "{place}");
        assert_eq!(server.metric("panics_total"), 1, "{place}");
        eventually("its place is free", || server.metric("connections_open") == 4);
        // The walk goes on behind whom it hit: all others have heard of each other.
        all.push(server.original(&token(51)));
        let n_hear = all.iter_mut().filter_map(|socket| hears_of(socket, &user_id(51))).count();
        assert_eq!(n_hear, 5, "{place}");
        assert_eq!(server.terminate(), Some(0), "{place}");
    }
}

/// Asks for a sign of life; the code, if it was closed instead.
fn pong_or_code(socket: &mut Socket) -> Option<u16> {
    socket.say(r#"{"type":"ping"}"#);
    loop {
        match socket.poll(Duration::from_secs(5)) {
            Said::Message(message) if message["type"] == "pong" => return None,
            Said::Message(_) => {}
            Said::Closed(code) => return Some(code),
            Said::Nothing => panic!("it says nothing"),
        }
    }
}

/// Reads until it is told that somebody is there; `None` if it is closed instead.
fn hears_of(socket: &mut Socket, visitor: &str) -> Option<()> {
    loop {
        match socket.poll(Duration::from_secs(5)) {
            Said::Message(message) if message["user_id"] == visitor => return Some(()),
            Said::Message(_) => {}
            Said::Closed(_) => return None,
            Said::Nothing => panic!("it was told nothing"),
        }
    }
}

#[test]
fn a50_a_panic_in_a_handler_is_a_500_for_one_request() {
    let (trap, server) = Trap::in_new_server();
    let bearer = format!("Bearer {}", token(1));
    trap.set("http.online");
    let (status, _, body) = server.get("/api/users/online/", &[("Authorization", &bearer)]);
    assert_eq!(status, 500);
    assert!(body.contains("not your fault"), "{body}");
    assert!(server.online(&token(1)).is_empty(), "the next one is served");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a50_a_panic_of_the_hub_ends_the_server_in_good_order_and_with_an_error() {
    for place in ["hub.message", "hub.flush"] {
        let (trap, server) = Trap::in_new_server();
        let mut ada = acknowledged(&server, 1);
        trap.set(place);
        // Their coming is what the hub breaks on; nobody acknowledges it any more.
        let mut bob = server.original(&token(2));
        assert_eq!(ada.close_code(), 1012, "{place}: come back to the next one");
        assert_eq!(bob.close_code(), 1012, "{place}");
        let (code, log) = server.end();
        assert_eq!(code, Some(1), "{place}: whoever started it starts it again");
        assert!(log.contains("the hub ended by a bug: the server stops"), "{log}");
        assert!(log.contains("a bug, please report it: a test wants it"), "{log}");
        for line in log.lines().filter(|line| line.starts_with('{')) {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
    }
}
