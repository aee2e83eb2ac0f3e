//! Rows A20 to A24 of the attack table, on the real binary.

use std::time::{Duration, Instant};

use hereabouts_websocket::Opcode;

use super::harness::{real_server, real_socket};
use super::script::Script;
use super::text::{TOO_HIGH, VALID_PART};
use crate::server::{TestServer, eventually};

/// More than the server's own noise, less than what the attack would cost if it were kept.
const GROWTH_BYTES_MAX: u64 = 5 * 1024 * 1024;

fn close_code(server: &TestServer, bytes: &[u8]) -> u16 {
    let mut raw = real_socket(server);
    raw.send(bytes);
    raw.close_code()
}

#[test]
fn a20_a_length_beyond_64_kib_is_1009_at_its_header() {
    let server = real_server();
    let before = server.resident_bytes();
    for payload_bytes in [65_537_u64, 16 << 20, 1 << 40, (1 << 63) - 1] {
        let header = [&[0x81, 0xFF][..], &payload_bytes.to_be_bytes(), &[1, 2, 3, 4]].concat();
        assert_eq!(close_code(&server, &header), 1009, "{payload_bytes} bytes");
    }
    let first = Script::new().frame(Opcode::Text, false, "a".repeat(40_000)).bytes;
    let second = Script::new().frame(Opcode::Continuation, true, "a".repeat(25_537)).bytes;
    assert_eq!(close_code(&server, &[first, second].concat()), 1009, "the sum of fragments");
    assert!(server.resident_bytes() < before + GROWTH_BYTES_MAX);
}

#[test]
fn a20_a_hundred_declared_messages_that_never_come_cost_nothing() {
    let server = real_server();
    let before = server.resident_bytes();
    let header = [&[0x81, 0xFF][..], &65_536_u64.to_be_bytes(), &[1, 2, 3, 4], b"x"].concat();
    let mut sockets: Vec<_> = (0..100).map(|_| real_socket(&server)).collect();
    for socket in &mut sockets {
        socket.send(&header);
    }
    // One more than what was declared would be 6.5 MB.
    assert!(server.resident_bytes() < before + GROWTH_BYTES_MAX);
    let mut healthy = real_socket(&server);
    healthy.send(&Script::new().ping("?").bytes);
    while healthy.frame().0 != Opcode::Pong {}
}

#[test]
fn a21_a_million_empty_fragments_are_1008_and_no_memory() {
    let server = real_server();
    let mut raw = real_socket(&server);
    let before = server.resident_bytes();
    let empty = Script::new().frame(Opcode::Continuation, false, "").bytes;
    raw.send(&Script::new().frame(Opcode::Text, false, "").bytes);
    let thousand = empty.repeat(1_000);
    let mut n_taken = 0;
    while n_taken < 1_000 && raw.try_send(&thousand) {
        n_taken += 1;
        assert!(server.resident_bytes() < before + GROWTH_BYTES_MAX, "after {n_taken},000 fragments");
    }
    assert_eq!(raw.close_code(), 1008);
}

#[test]
fn socket_message_time_a21_a_message_that_does_not_end_is_1008() {
    let server = real_server();
    let mut slow = real_socket(&server);
    slow.send(&Script::new().frame(Opcode::Text, false, "{").bytes);
    let mut healthy = real_socket(&server);
    // A control frame between the fragments is no end.
    slow.send(&Script::new().ping("still here").bytes);
    let began = Instant::now();
    assert_eq!(slow.close_code(), 1008);
    assert!(began.elapsed() > Duration::from_secs(9), "after {:?}", began.elapsed());
    healthy.send(&Script::new().ping("?").bytes);
    while healthy.frame().0 != Opcode::Pong {}
}

#[test]
fn a22_text_that_is_not_utf8_is_1007_and_split_characters_are_text() {
    let server = real_server();
    for (what, bytes) in [
        ("a surrogate", &b"\xed\xa0\x80"[..]),
        ("an overlong slash", b"\xc0\xaf"),
        ("above the last code point", TOO_HIGH),
        ("a lonely continuation byte", b"\x80"),
        ("a character cut by the end", b"\xce"),
    ] {
        let text = Script::new().text([VALID_PART, bytes].concat()).bytes;
        assert_eq!(close_code(&server, &text), 1007, "{what}");
        assert_eq!(close_code(&server, &Script::new().close(1000, bytes).bytes), 1007, "{what} in a reason");
    }
    let mut raw = real_socket(&server);
    let ping = r#"{"type":"ping","κ":"😀"}"#;
    let octets: Vec<[u8; 1]> = ping.bytes().map(|byte| [byte]).collect();
    raw.send(&Script::new().fragments(&octets).bytes);
    while raw.frame() != (Opcode::Text, br#"{"type":"pong"}"#.to_vec()) {}
}

#[test]
fn a23_broken_framing_is_1002() {
    let server = real_server();
    for (what, bytes) in [
        ("unmasked text", &[0x81, 0x01, b'a'][..]),
        ("unmasked close", &[0x88, 0x00]),
        ("reserved opcode", &[0x83, 0x80, 0, 0, 0, 0]),
        ("reserved bit", &[0xA1, 0x80, 0, 0, 0, 0]),
        ("fragmented ping", &[0x09, 0x80, 0, 0, 0, 0]),
        ("ping of 126 bytes", &[0x89, 0xFE, 0, 126]),
        ("a length longer than it needs to be", &[0x81, 0xFE, 0, 5]),
        ("a length with its highest bit set", &[0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ("orphan continuation", &[0x80, 0x80, 0, 0, 0, 0]),
        ("HTTP instead of frames", b"GET / HTTP/1.1\r\n\r\n"),
    ] {
        assert_eq!(close_code(&server, bytes), 1002, "{what}");
    }
}

#[test]
fn a23_binary_is_1003() {
    assert_eq!(close_code(&real_server(), &Script::new().binary("x").bytes), 1003);
}

#[test]
fn a24_a_flood_of_pings_or_pongs_is_4429() {
    let server = real_server();
    let before = server.resident_bytes();
    for opcode in [Opcode::Ping, Opcode::Pong] {
        let mut raw = real_socket(&server);
        let thousand = Script::new().frame(opcode, true, "x").bytes.repeat(1_000);
        let n_sent = (0..100).take_while(|_| raw.try_send(&thousand)).count();
        assert_eq!(raw.close_code(), 4429, "{opcode:?}, {n_sent},000 sent");
    }
    eventually("the flood is forgotten", || server.resident_bytes() < before + GROWTH_BYTES_MAX);
}
