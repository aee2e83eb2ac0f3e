//! A server, or a client, that does not run for a while.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::{Over, SHORT, live};
use crate::server::{Said, Socket, TestServer, eventually, token};

const N_CLIENTS: u128 = 60;

/// Runs `trouble` while many live clients are connected; none of them may be cut or shown offline.
fn nobody_is_lost_during(server: &TestServer, trouble: impl FnOnce(&mut Socket)) {
    let mut observer = server.original(&token(9000));
    observer.next_of("user.status.changed");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let over = Over(&is_over);
        let clients: Vec<_> = (1..=N_CLIENTS)
            .map(|n| {
                let mut socket = server.original(&token(n));
                socket.next_of("connection.ack");
                assert_eq!(observer.next()["is_online"], true);
                scope.spawn(|| live(socket, &is_over))
            })
            .collect();
        trouble(&mut observer);
        // For longer than a silent client lives.
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            match observer.poll(Duration::from_millis(100)) {
                Said::Nothing => {}
                Said::Message(message) => panic!("the observer heard {message}"),
                Said::Closed(code) => panic!("the observer was closed with {code}"),
            }
        }
        drop(over);
        for client in clients {
            assert_eq!(client.join().unwrap(), None);
        }
    });
    assert_eq!(server.metric("closed_dead_total"), 0);
}

#[test]
fn f31_a_server_that_stood_still_asks_before_it_calls_anybody_dead() {
    let server = TestServer::start(&SHORT);
    nobody_is_lost_during(&server, |_| {
        server.signal("STOP");
        std::thread::sleep(Duration::from_secs(3));
        server.signal("CONT");
    });
}

/// Ended when this is dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It runs until it is told to stop.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn on_first_core(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]).args(arguments).stdin(Stdio::null());
    command
}

#[test]
fn f31_a_starved_server_cuts_nobody_and_answers() {
    let server = TestServer::start(&SHORT);
    let pid = server.pid().to_string();
    let moved = Command::new("taskset").args(["-acp", "0", &pid]).stdout(Stdio::null()).status().unwrap();
    assert!(moved.success());
    nobody_is_lost_during(&server, |observer| {
        let _spinners: Vec<_> = (0..4)
            .map(|_| Ended(on_first_core("sh", &["-c", "while :; do :; done"]).spawn().unwrap()))
            .collect();
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let asked = Instant::now();
            observer.say(r#"{"type":"ping"}"#);
            assert_eq!(observer.next()["type"], "pong");
            slowest = slowest.max(asked.elapsed());
            std::thread::sleep(Duration::from_millis(100));
        }
        assert!(slowest < Duration::from_secs(5), "a pong took {slowest:?}");
    });
}

/// Where the client of another process finds its server.
const CLIENT_OF: &str = "HEREABOUTS_TEST_CLIENT_OF";

/// Not a test of its own: the client that [`f33`] starts as a process of its own, to be stopped and woken. Connects
/// again whenever it finds itself cut.
///
/// [`f33`]: f33_a_sleeping_client_is_cut_and_comes_back_when_it_wakes
#[test]
fn the_client_of_f33() {
    let Ok(address) = std::env::var(CLIENT_OF) else { return };
    let path = format!("/ws/user-status/?token={}", token(1));
    loop {
        let mut socket = Socket::open(address.parse().unwrap(), &path, None);
        while !matches!(socket.poll(Duration::from_millis(100)), Said::Closed(_)) {}
    }
}

#[test]
fn f33_a_sleeping_client_is_cut_and_comes_back_when_it_wakes() {
    let server = TestServer::start(&SHORT);
    let mut observer = server.original(&token(9));
    observer.next_of("user.status.changed");
    let program = std::env::current_exe().unwrap();
    let client = Command::new(program)
        .args(["--exact", "faults::standstill::the_client_of_f33"])
        .env(CLIENT_OF, server.address.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let client = Ended(client);
    let signal = |name: &str| {
        let (name, pid) = (format!("-{name}"), client.0.id().to_string());
        assert!(Command::new("kill").args([&name, &pid]).status().unwrap().success());
    };
    assert_eq!(observer.next()["is_online"], true);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3) {
        assert!(matches!(observer.poll(Duration::from_millis(100)), Said::Nothing), "it answers pings");
    }
    signal("STOP");
    let asleep = Instant::now();
    assert_eq!(observer.next()["is_online"], false);
    let after = asleep.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(6)).contains(&after), "cut after {after:?}");
    eventually("the socket is gone", || server.metric("connections_open") == 1);
    signal("CONT");
    assert_eq!(observer.next()["is_online"], true, "it finds itself cut and comes back");
}
