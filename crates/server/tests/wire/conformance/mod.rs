//! RFC 6455 as an outside suite would try it: over sockets, on the echo of our real gateway, and on the real binary's
//! own `/ws/user-status/` where a case does not need an echo.
//!
//! The cases of groups 1 to 7 are those of the decoder's tests; only the way they are run differs (`harness`).

mod attacks;
mod extensions;
mod handshake;
mod harness;
mod large;
pub(crate) mod raw;

#[path = "../../../../websocket/tests/autobahn/close_frames.rs"]
mod close_frames;
#[path = "../../../examples/echo/server.rs"]
mod echo_server;
#[path = "../../../../websocket/tests/autobahn/fragments.rs"]
mod fragments;
#[path = "../../../../websocket/tests/autobahn/large_cases.rs"]
mod large_cases;
#[path = "../../../../websocket/tests/autobahn/opcodes.rs"]
mod opcodes;
#[path = "../../../../websocket/tests/autobahn/payloads.rs"]
mod payloads;
#[path = "../../../../websocket/tests/autobahn/pings.rs"]
mod pings;
#[path = "../../../../websocket/tests/autobahn/reserved_bits.rs"]
mod reserved_bits;
#[path = "../../../../websocket/tests/autobahn/script.rs"]
pub(crate) mod script;
#[path = "../../../../websocket/tests/autobahn/text.rs"]
mod text;
#[path = "../../../../websocket/tests/autobahn/utf8_cases.rs"]
mod utf8_cases;
#[path = "../../../../websocket/tests/autobahn/utf8_frames.rs"]
mod utf8_frames;
