//! A heartbeat costs no SQL: the statements that the real server really runs are counted while real clients ping.

use std::time::Instant;

use tungstenite::Message;

use crate::process::{Running, eventually};

const N_PINGS: usize = 3_000;
/// In the statement of `users/recent` and in no other.
const RECENT: &str = "ORDER BY substr(last_seen, 1, 16) DESC";

/// The statements run so far, as the database driver logs each. To know that none of them is still on its way to the
/// log, one more is run, and waited for; it is the last.
fn statements(server: &Running, token: &str) -> Vec<String> {
    let so_far = || {
        let log = server.log();
        log.lines().filter(|line| line.contains("sqlx::query")).map(str::to_owned).collect::<Vec<_>>()
    };
    let n_marks = |lines: &[String]| lines.iter().filter(|line| line.contains(RECENT)).count();
    let n_before = n_marks(&so_far());
    assert_eq!(server.get("/api/users/recent/", token).status, 200);
    eventually("the statement is logged", || n_marks(&so_far()) > n_before);
    let mut lines = so_far();
    lines.truncate(1 + lines.iter().rposition(|line| line.contains(RECENT)).unwrap());
    lines
}

#[test]
fn a_heartbeat_runs_no_statement() {
    let server = Running::serve(&["--log", "info,sqlx::query=debug", "--messages-per-second", "0"]);
    let mut sockets: Vec<_> =
        ["Ada", "Grace", "Linus"].iter().map(|name| server.socket(&server.token(name))).collect();
    let mut answer = |socket: usize, message: &str| {
        let ping = if message.is_empty() { Message::Ping("?".into()) } else { Message::text(message) };
        sockets[socket].send(ping).unwrap();
        loop {
            match sockets[socket].read().unwrap() {
                Message::Pong(_) if message.is_empty() => break,
                Message::Text(text) if text.contains("pong") => break,
                _ => {}
            }
        }
    };
    // Everybody is here, and that they are has been written.
    (0..3).for_each(|socket| answer(socket, r#"{"type":"ping"}"#));
    let token = server.token("Ada");
    // Asking for the list writes first what is to be written.
    let before = statements(&server, &token);
    assert!(before.iter().any(|line| line.contains("UPDATE users")), "it counts: {before:#?}");
    let began = Instant::now();
    for n in 0..N_PINGS {
        answer(n % 3, ["", r#"{"type":"ping"}"#][n % 2]);
    }
    let mut later = statements(&server, &token).split_off(before.len());
    later.pop();
    // What comes by the clock has nothing to do with it: whether somebody was revoked is asked every two seconds.
    assert!(later.len() as u64 <= 2 + began.elapsed().as_secs(), "{later:#?}");
    let about_people: Vec<_> = later.iter().filter(|line| line.contains("users")).collect();
    assert!(about_people.is_empty(), "{about_people:#?}");
}
