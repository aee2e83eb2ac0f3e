//! The machine's clock is set while the server runs: presence does not notice, credentials do. A shim moves the wall
//! clock of the real binary and leaves the monotonic one alone.

use std::{
    fs::{self, File},
    net::TcpStream,
    os::unix::fs::FileExt,
    path::Path,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

use crate::process::{Running, eventually};

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// Adds what stands in a mapped file to the wall clock, and to no other. (libfaketime does the same, but asks for memory
/// while jemalloc, which asks it for the time, is not ready yet.)
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long *offset_s;

__attribute__((constructor)) static void map_offset(void) {
    int file = open(getenv("TEST_CLOCK_OFFSET"), O_RDONLY);
    void *mapped = mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (file < 0 || mapped == MAP_FAILED) abort();
    offset_s = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (clock == CLOCK_REALTIME && offset_s) time->tv_sec += *offset_s;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
"#;

/// The wall clock of one server.
struct WallClock {
    file: File,
}

impl WallClock {
    /// A server whose clock is right until it is set.
    fn of_new_server(folder: &Path, flags: &[&str]) -> (Self, Running) {
        let (source, shim, offset) = (folder.join("shim.c"), folder.join("shim.so"), folder.join("offset"));
        fs::write(&source, SHIM).unwrap();
        // The compiler that SQLite is built with.
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).args([&shim, &source]).output();
        let built = built.expect("a C compiler");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let clock = Self { file: File::create(&offset).unwrap() };
        clock.set(0);
        let environment =
            [("LD_PRELOAD", shim.to_str().unwrap()), ("TEST_CLOCK_OFFSET", offset.to_str().unwrap())];
        let server = Running::serve_under(&[], flags, &environment);
        (clock, server)
    }

    /// Sets it this far from the truth.
    fn set(&self, offset_s: i64) {
        self.file.write_all_at(&offset_s.to_ne_bytes(), 0).unwrap();
    }
}

fn now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

fn is_ack_of(socket: &mut Socket) -> bool {
    matches!(socket.read().unwrap(), Message::Text(text) if text.contains("connection.ack"))
}

/// Everything said up to the answer to a ping.
fn said_until_pong(socket: &mut Socket) -> Vec<Value> {
    socket.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
    let mut said = Vec::new();
    loop {
        let Message::Text(text) = socket.read().unwrap() else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["type"] == "pong" {
            return said;
        }
        said.push(message);
    }
}

fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Message::Close(frame) = socket.read().unwrap() {
            return frame.unwrap().code.into();
        }
    }
}

/// Somebody comes and leaves; when they were here last, as it then stands in the database.
fn last_seen_after_visit(server: &Running, visitor: &str, reader: &str, others: usize) -> String {
    let mut socket = server.socket(visitor);
    assert!(is_ack_of(&mut socket));
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    eventually("they are gone", || server.online(reader).len() == others);
    // This list waits until what has happened is written.
    assert_eq!(server.get("/api/users/recent/", reader).status, 200);
    server.get("/api/auth/user/", visitor).json()["last_seen"].as_str().unwrap().to_owned()
}

/// As the server writes times, to the second.
fn text_of(at_s: i64) -> String {
    let output =
        Command::new("date").args(["-u", "-d", &format!("@{at_s}"), "+%Y-%m-%dT%H:%M:%S"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn f22_a_jump_of_the_wall_clock_changes_nobodys_presence_and_every_tokens_end() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--grace", "60s", "--requests-per-second-per-ip", "0"];
    let (clock, server) = WallClock::of_new_server(folder.path(), &flags);
    let token = |name: &str, ttl: &str| {
        server.token(name);
        server.command(&["token", "--user", name, "--ttl", ttl])
    };
    let (ada, bob) = (token("Ada", "8d"), token("Bob", "8d"));
    // Nobody comes and goes more often than may be seen at once.
    let (eve, mallory, trent) = (token("Eve", "8d"), token("Mallory", "8d"), token("Trent", "8d"));
    let mut observer = server.socket(&bob);
    let mut stays = server.socket(&ada);
    let mut lost = server.socket(&token("Lost", "8d"));
    let mut short = server.socket(&token("Short", "15m"));
    for socket in [&mut observer, &mut stays, &mut lost, &mut short] {
        assert!(is_ack_of(socket));
    }
    drop(lost);
    let everybody = ["Ada", "Lost", "Short"];
    let n_online = || {
        let mut names = server.online(&bob);
        names.sort();
        names
    };
    eventually("all are there", || n_online() == everybody);
    said_until_pong(&mut observer);
    said_until_pong(&mut stays);

    let mut short = Some(short);
    let jumps = [(3600, &eve), (-3600, &eve), (86_400, &mallory), (-86_400, &mallory), (0, &trent)];
    for (offset_s, visitor) in jumps {
        clock.set(offset_s);
        let fresh = server.command(&["token", "--user", "Ada", "--ttl", "15m"]);
        let is_over = offset_s >= 3600;
        assert_eq!(server.get("/api/users/online/", &fresh).status, if is_over { 401 } else { 200 });
        assert_eq!(close_code_of_new(&server, &fresh), is_over.then_some(4401));
        if let Some(mut short) = short.take() {
            assert_eq!(close_code(&mut short), 4401, "by the wall clock its time is over");
        }
        // Only the visitor comes and goes: whoever is in the grace stays in it, and nobody was away too long.
        let before = server.get("/api/auth/user/", visitor).json();
        let (visitor_id, earlier) = (&before["id"], before["last_seen"].as_str().unwrap_or_default());
        let last_seen = last_seen_after_visit(&server, visitor, &bob, everybody.len());
        let said = said_until_pong(&mut observer);
        assert!(said.iter().all(|message| message["user_id"] == *visitor_id), "{offset_s}: {said:?}");
        assert_eq!(n_online(), everybody, "{offset_s}");
        assert!(said_until_pong(&mut stays).iter().all(|message| message["user_id"] == *visitor_id));
        assert!(*last_seen >= *earlier, "{offset_s}: backwards from {earlier} to {last_seen}");
        let end_of_now = text_of(now_s() + offset_s + 1);
        assert!(last_seen == earlier || last_seen < end_of_now, "{offset_s}: {last_seen} is to come");
    }
    let last_seen = |server: &Running| {
        server.get("/api/auth/user/", &mallory).json()["last_seen"].as_str().unwrap().to_owned()
    };
    assert!(last_seen(&server) > text_of(now_s() + 80_000), "written while the clock was a day ahead");
    clock.set(7200);
    eventually("the operator is told", || server.log().contains("the clock of this machine"));

    // A server that starts with the right clock takes back what is in the future.
    let folder = server.kill();
    let server = Running::serve_in(&folder, &[]);
    assert!(last_seen(&server) < text_of(now_s() + 1), "{}", last_seen(&server));
}

/// How a socket with this token is closed within a moment; `None` when it is let in.
fn close_code_of_new(server: &Running, token: &str) -> Option<u16> {
    let mut socket = server.socket(token);
    match socket.read().unwrap() {
        Message::Close(frame) => Some(frame.unwrap().code.into()),
        _ => {
            // Without grace, and so without a second of Ada's that is lost.
            socket.close(None).unwrap();
            while socket.read().is_ok() {}
            None
        }
    }
}
