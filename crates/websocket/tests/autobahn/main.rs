//! The cases of the Autobahn test suite, groups 1 to 7, 9 and 10, re-created from RFC 6455 by their numbers.
//!
//! The suite itself runs on Python 2 only. Each case here is a conversation with an echo server of bytes in and bytes
//! out, held once with every read whole, once byte by byte, and once in reads of 997 bytes. The server's tests (`crates/server/tests/wire/conformance`) hold the
//! same conversations over sockets, with the real gateway.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail where it stands")]

mod close_frames;
mod fail_fast;
mod fragments;
mod harness;
mod large;
mod large_cases;
mod opcodes;
mod payloads;
mod pings;
mod reserved_bits;
mod script;
mod text;
mod utf8_cases;
mod utf8_frames;
mod utf8_rules;
mod utf8_table;
