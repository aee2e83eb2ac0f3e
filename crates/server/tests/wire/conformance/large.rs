//! Groups 9 and 10 over sockets, and what they rest on: an echo that is not read waits.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::time::Duration;

use hereabouts_websocket::Opcode;

use super::harness::Echo;
use super::large_cases::{self, LIMITS, LargeCase, Shape};
use super::raw::Raw;
use super::script::Script;

/// A write that takes longer is one that the server does not read.
const STALLED_AFTER: Duration = Duration::from_millis(500);

fn check(address: SocketAddr, case: &LargeCase) {
    let mut raw = Raw::open(address, "/");
    let (bytes, payload) = (case.script().bytes, case.payload());
    let (write_bytes, n_messages) = match case.shape {
        Shape::Fragments(_) => (usize::MAX, 1),
        Shape::Chops(chop_bytes) => (chop_bytes, 1),
        Shape::RoundTrips => (usize::MAX, 1_000),
    };
    let opcode = if case.is_text { Opcode::Text } else { Opcode::Binary };
    for nth in 1..=n_messages {
        bytes.chunks(write_bytes).for_each(|write| raw.send(write));
        // `assert_eq` would print megabytes.
        assert!(raw.frame() == (opcode, payload.clone()), "case {}, message {nth}", case.number);
    }
    raw.send(&Script::new().close(1000, "").bytes);
    assert_eq!(raw.close_code(), 1000, "case {}", case.number);
}

#[test]
fn case_9_and_10_large_messages_fragments_chops_and_round_trips() {
    let echo = Echo::start(LIMITS);
    for case in large_cases::due() {
        check(echo.address, &case);
    }
}

#[test]
fn an_echo_that_is_not_read_is_not_read_from_and_loses_nothing() {
    let echo = Echo::start(LIMITS);
    let mut raw = Raw::open(echo.address, "/");
    let mut writer = raw.writer();
    writer.set_write_timeout(Some(STALLED_AFTER)).unwrap();
    let messages: Vec<u8> =
        (0..4_000u32).flat_map(|n| Script::new().binary(n.to_be_bytes().repeat(1_024)).bytes).collect();
    let mut n_written = 0;
    let stalled = loop {
        match writer.write(&messages[n_written..]) {
            Ok(0) => break ErrorKind::WriteZero,
            Ok(n) => n_written += n,
            Err(error) => break error.kind(),
        }
    };
    assert_eq!(stalled, ErrorKind::WouldBlock, "16 MiB fit into no buffers: {n_written} bytes were taken");
    // From here on somebody reads, so the rest goes through.
    writer.set_write_timeout(None).unwrap();
    let rest = std::thread::spawn(move || writer.write_all(&messages[n_written..]).unwrap());
    for n in 0..4_000u32 {
        assert!(raw.frame() == (Opcode::Binary, n.to_be_bytes().repeat(1_024)), "message {n}");
    }
    rest.join().unwrap();
}

#[test]
fn a_close_behind_a_large_message_comes_after_its_echo() {
    let echo = Echo::start(LIMITS);
    let mut raw = Raw::open(echo.address, "/");
    let payload = vec![7; 8 * 1024 * 1024];
    raw.send(&Script::new().binary(&payload).close(4000, "enough").ping("too late").bytes);
    raw.finish();
    assert!(raw.frame() == (Opcode::Binary, payload));
    assert_eq!(raw.frame(), (Opcode::Close, 4000_u16.to_be_bytes().to_vec()));
    assert!(raw.rest().is_empty(), "nothing after the close, and a clean end");
}

#[test]
fn one_byte_more_than_the_limit_is_1009_before_it_is_sent() {
    let echo = Echo::start(LIMITS);
    let mut raw = Raw::open(echo.address, "/");
    let header = [&[0x82, 0xFF][..], &(16 * 1024 * 1024 + 1_u64).to_be_bytes(), &[0; 4]].concat();
    raw.send(&header);
    assert_eq!(raw.close_code(), 1009);
    assert!(raw.rest().is_empty());
}
