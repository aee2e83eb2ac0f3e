//! Every limit that a client can run into, on the real binary: one test for each line of [`hereabouts::limits::table`],
//! named after it. What the line says must be what the client gets.

mod handshakes;
mod requests;
mod sockets;

use hereabouts::limits::table::{Answer, HANDSHAKE, HTTP, SOCKET, named};

use crate::attacks::status_of;
use crate::conformance::raw::Raw;

/// The status of this line of the table.
fn status(name: &str) -> u16 {
    match named(name).unwrap().answer {
        Answer::Status(status) | Answer::Later(status) => status,
        other => panic!("{name}: {other:?}"),
    }
}

/// Whether an HTTP answer is the one that the table promises.
fn check_answer(name: &str, answer: &str) {
    assert_eq!(status_of(answer), status(name), "{name}: {answer:.300}");
    let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
    let after = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
    let is_later = matches!(named(name).unwrap().answer, Answer::Later(_));
    assert_eq!(after.and_then(|after| after.parse::<u32>().ok()).is_some(), is_later, "{name}: {head}");
}

/// Whether the server ends a socket as the table promises.
fn check_close(name: &str, socket: &mut Raw) {
    let (code, reason) = socket.close_frame();
    let is_later = match named(name).unwrap().answer {
        Answer::Close(expected) => {
            assert_eq!(code, expected.0, "{name}");
            false
        }
        Answer::CloseLater(expected) => {
            assert_eq!(code, expected.0, "{name}");
            true
        }
        other => panic!("{name}: {other:?}"),
    };
    assert!(reason.len() <= 123);
    let parsed: Option<serde_json::Value> = serde_json::from_str(&reason).ok();
    let retry_ms = parsed.and_then(|reason| reason["retry_ms"].as_u64());
    assert_eq!(retry_ms.is_some(), is_later, "{name}: {reason:?}");
}

#[test]
fn every_line_of_the_table_has_a_test() {
    let sources = [
        include_str!("requests.rs"),
        include_str!("handshakes.rs"),
        include_str!("sockets.rs"),
        include_str!("../conformance/attacks.rs"),
    ];
    for line in HTTP.iter().chain(HANDSHAKE).chain(SOCKET) {
        let test = format!("#[test]\nfn {}", line.name);
        let has_test = sources.iter().any(|source| {
            source.match_indices(&test).any(|(at, _)| source[at + test.len()..].starts_with(['(', '_']))
        });
        assert!(has_test, "{} has no test", line.name);
    }
}
