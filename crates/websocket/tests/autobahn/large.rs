//! Groups 9 and 10: messages of up to 16 MiB, thousands of fragments, small reads, a thousand messages in a row.

use hereabouts_websocket::Opcode;

use super::{
    harness::Echo,
    large_cases::{self, LIMITS, LargeCase, Shape},
};

/// The reads of a server whose buffer is the gateway's.
const READ_BYTES: usize = 64 * 1024;

fn check(case: &LargeCase) {
    let (bytes, payload) = (case.script().bytes, case.payload());
    let (read_bytes, n_messages) = match case.shape {
        Shape::Fragments(_) => (READ_BYTES, 1),
        Shape::Chops(chop_bytes) => (chop_bytes, 1),
        Shape::RoundTrips => (READ_BYTES, 1_000),
    };
    let opcode = if case.is_text { Opcode::Text } else { Opcode::Binary };
    let mut echo = Echo::new(LIMITS);
    for nth in 1..=n_messages {
        bytes.chunks(read_bytes).for_each(|read| echo.read(read));
        // `assert_eq` would print megabytes.
        let is_echoed = echo.take_frame().is_some_and(|frame| frame == (opcode, payload.clone()));
        assert!(is_echoed && echo.is_idle(), "case {}, message {nth}", case.number);
    }
}

#[test]
fn case_9_and_10_large_messages_fragments_chops_and_round_trips() {
    large_cases::due().iter().for_each(check);
}
