//! Sockets of one person that come and go in any order: as long as one is there, nobody hears anything.

use std::time::{Duration, Instant};

use super::is_deep;
use crate::server::{Said, Socket, TestServer, token, user_id};

/// The grace is long, so that none of what is heard is for want of it.
const PATIENT: [&str; 4] = ["--grace", "60s", "--requests-per-second-per-ip", "0"];
/// No grace: whatever is lost is lost at once.
const STRICT: [&str; 8] = [
    "--grace",
    "0s",
    "--requests-per-second-per-ip",
    "0",
    "--max-connections-per-user",
    "0",
    "--messages-per-second",
    "0",
];

/// xorshift: for choosing, never for secrets.
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let seed = u64::from(std::process::id()) | 1;
        println!("seed {seed}");
        Self(seed)
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

fn acknowledged(server: &TestServer, n: u128) -> Socket {
    let mut socket = server.original(&token(n));
    socket.next_of("connection.ack");
    socket
}

fn observing(server: &TestServer) -> Socket {
    let mut observer = server.original(&token(9));
    observer.next_of("user.status.changed");
    observer
}

/// Everything the observer has heard so far, in order; the ping comes after all of it.
fn heard(observer: &mut Socket) -> Vec<bool> {
    observer.say(r#"{"type":"ping"}"#);
    let mut heard = Vec::new();
    loop {
        let message = observer.next();
        if message["type"] == "pong" {
            return heard;
        }
        assert_eq!(message["user_id"], user_id(1));
        heard.push(message["is_online"].as_bool().unwrap());
    }
}

/// A socket ends in one of the ways there are.
fn end(socket: Socket, way: usize) {
    match way {
        0 => socket.close(1000),
        1 => socket.close(1001),
        2 => socket.close(4000),
        _ => socket.drop_connection(),
    }
}

#[test]
fn f34_the_late_close_of_an_old_socket_never_takes_the_new_one_with_it() {
    let server = TestServer::start(&PATIENT);
    let mut observer = observing(&server);
    let mut random = Random::seeded();
    let mut current = acknowledged(&server, 1);
    assert_eq!(observer.next()["is_online"], true);
    for _ in 0..60 {
        let mut new = acknowledged(&server, 1);
        let old = std::mem::replace(&mut current, acknowledged(&server, 1));
        end(old, random.below(4));
        // The new one says it as the last word, and the server has read it after the old one's end or before.
        new.say(r#"{"type":"ping"}"#);
        new.next_of("pong");
        end(new, random.below(4));
        current.say(r#"{"type":"ping"}"#);
        current.next_of("pong");
        assert_eq!(heard(&mut observer), [false; 0]);
    }
    assert_eq!(server.online(&token(9)).len(), 1);
    // What was lost is held for the grace; a `bye` is the last word of all. It comes before the other goes, since by
    // chance nothing may be held.
    let mut last = server.v1(&token(1));
    current.close(1000);
    last.say(r#"{"type":"bye"}"#);
    assert_eq!(last.close_code(), 1000);
    assert_eq!(observer.next_of("user.status.changed")["is_online"], false);
    assert_eq!(heard(&mut observer), [false; 0], "exactly once");
}

#[test]
fn f35_fifty_tabs_at_random_and_exactly_one_offline_when_the_last_is_closed() {
    let server = TestServer::start(&STRICT);
    let mut observer = observing(&server);
    let mut random = Random::seeded();
    let mut tabs = vec![acknowledged(&server, 1)];
    assert_eq!(observer.next()["is_online"], true);
    let (start, lasts) = (Instant::now(), if is_deep() { 600 } else { 3 });
    let mut n_steps = 0;
    while start.elapsed() < Duration::from_secs(lasts) {
        n_steps += 1;
        // Tends to the middle, and reaches both ends.
        let opens = tabs.len() < 2 || (tabs.len() < 50 && random.below(50) >= tabs.len());
        if opens {
            tabs.push(acknowledged(&server, 1));
        } else {
            let tab = tabs.swap_remove(random.below(tabs.len()));
            end(tab, random.below(4));
        }
        assert_eq!(heard(&mut observer), [false; 0], "with {} tabs open", tabs.len());
    }
    println!("{n_steps} steps, {} tabs at the end", tabs.len());
    for tab in tabs {
        end(tab, 0);
    }
    assert_eq!(observer.next()["is_online"], false);
    assert!(matches!(observer.poll(Duration::from_millis(500)), Said::Nothing), "exactly once");
    assert!(server.online(&token(9)).is_empty());
}
