//! The machine's clock is set while the server runs: presence does not notice, credentials do. libfaketime moves the
//! wall clock of the real binary and leaves the monotonic one alone.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

use crate::process::{Running, eventually};

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// The wall clock of one server.
struct WallClock {
    file: PathBuf,
}

impl WallClock {
    const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    /// A server whose clock is right until it is set.
    fn of_new_server(folder: &Path, flags: &[&str]) -> (Self, Running) {
        let library = [Self::LIBRARY, &Self::LIBRARY.replace("x86_64", "aarch64")]
            .into_iter()
            .find(|path| Path::new(path).exists())
            .map(str::to_owned)
            .expect("libfaketime is there: `apt-get install faketime`, which `cargo xtask setup` does");
        let clock = Self { file: folder.join("offset") };
        clock.set(0);
        let environment = [
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME_TIMESTAMP_FILE", clock.file.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("DONT_FAKE_MONOTONIC", "1"),
        ];
        let server = Running::serve_under(&[], flags, &environment);
        (clock, server)
    }

    /// Sets it this far from the truth.
    fn set(&self, offset_s: i64) {
        // At once: a file that is half written would be another time.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{offset_s:+}")).unwrap();
        fs::rename(new, &self.file).unwrap();
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
fn last_seen_after_visit(server: &Running, visitor: &str, reader: &str) -> String {
    let mut socket = server.socket(visitor);
    assert!(is_ack_of(&mut socket));
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    eventually("they are gone", || server.online(reader).iter().all(|name| name != "Eve"));
    // This list waits until what has happened is written.
    assert_eq!(server.get("/api/users/recent/", reader).status, 200);
    server.get("/api/auth/user/", visitor).json()["last_seen"].as_str().unwrap().to_owned()
}

/// As the server writes times, to the second.
fn text_of(at_s: i64) -> String {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{at_s}"), "+%Y-%m-%dT%H:%M:%S"])
        .output()
        .unwrap();
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
    let (ada, bob, eve) = (token("Ada", "8d"), token("Bob", "8d"), token("Eve", "8d"));
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

    let mut last_seen = last_seen_after_visit(&server, &eve, &bob);
    let mut short = Some(short);
    for offset_s in [3600, -3600, 86_400, -86_400, 0] {
        clock.set(offset_s);
        let fresh = server.command(&["token", "--user", "Ada", "--ttl", "15m"]);
        let is_over = offset_s >= 3600;
        assert_eq!(server.get("/api/users/online/", &fresh).status, if is_over { 401 } else { 200 });
        assert_eq!(close_code_of_new(&server, &fresh), is_over.then_some(4401));
        if let Some(mut short) = short.take() {
            assert_eq!(close_code(&mut short), 4401, "by the wall clock its time is over");
        }
        // Only the visitor comes and goes: whoever is in the grace stays in it, and nobody was away too long.
        let visitor_id = server.get("/api/auth/user/", &eve).json()["id"].clone();
        let earlier = last_seen;
        last_seen = last_seen_after_visit(&server, &eve, &bob);
        let said = said_until_pong(&mut observer);
        assert!(said.iter().all(|message| message["user_id"] == visitor_id), "{offset_s}: {said:?}");
        assert_eq!(n_online(), everybody, "{offset_s}");
        assert!(said_until_pong(&mut stays).iter().all(|message| message["user_id"] == visitor_id));
        assert!(last_seen >= earlier, "{offset_s}: backwards from {earlier} to {last_seen}");
        let end_of_now = text_of(now_s() + offset_s + 1);
        assert!(last_seen == earlier || last_seen < end_of_now, "{offset_s}: {last_seen} is to come");
    }
    assert!(last_seen > text_of(now_s() + 80_000), "written while the clock was a day ahead");
    clock.set(7200);
    eventually("the operator is told", || server.log().contains("the clock of this machine"));

    // A server that starts with the right clock takes back what is in the future.
    let folder = server.kill();
    let server = Running::serve_in(&folder, &[]);
    let last_seen = server.get("/api/auth/user/", &eve).json()["last_seen"].as_str().unwrap().to_owned();
    assert!(last_seen < text_of(now_s() + 1), "{last_seen}");
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
