//! RFC 6455, server side, without I/O: bytes in, messages out; frames out, bytes out.
//!
//! The crate opens no socket, reads no clock and starts no thread. The gateway reads into the one scratch buffer of
//! its shard and lends it to [`Decoder::feed`]; a message that lies whole in that buffer is lent back from it without
//! a copy. A [`Decoder`] is one pointer and stays null while nothing is half read, so an idle connection costs
//! eight bytes and no allocation.
//!
//! | You want to | Use |
//! |---|---|
//! | judge an upgrade request | [`check_upgrade`], [`choose_subprotocol`], [`HandshakeError::status`] |
//! | read what a client sends | [`Decoder`], [`Message`], [`Limits`] |
//! | know how to close after an error | [`ProtocolError::close_code`], [`write_close`] |
//! | answer a close | [`write_close_reply`] |
//! | write frames | [`write_frame`], [`write_frame_with`] |
//! | find the frames in what was written short | [`frame_len`] |
//! | be a client, in a test or a load generator | [`client`] |
//!
//! ```
//! use hereabouts_websocket::{Decoder, Limits, Message, Opcode, client, write_frame};
//! use std::ops::ControlFlow;
//!
//! let mut read = Vec::new();
//! client::write_masked_frame(&mut read, Opcode::Text, br#"{"type":"ping"}"#, [7, 1, 9, 4]);
//!
//! let (mut decoder, mut out) = (Decoder::new(), Vec::new());
//! decoder.feed(&mut read, &Limits::default(), &mut |message| {
//!     if message == Message::Text(r#"{"type":"ping"}"#) {
//!         write_frame(&mut out, Opcode::Text, br#"{"type":"pong"}"#);
//!     }
//!     ControlFlow::Continue(())
//! })?;
//! assert_eq!(out, b"\x81\x0f{\"type\":\"pong\"}");
//! assert!(decoder.is_idle());
//! # Ok::<(), hereabouts_websocket::ProtocolError>(())
//! ```
//!
//! What is deliberately absent: extensions (permessage-deflate is never negotiated, so a set RSV1 bit is an error and
//! no compressed bomb can exist), fragmented frames out, and timers. The caller times slow messages with
//! [`Decoder::is_mid_message`] and counts messages, pings included, against the budget of the connection.

mod assembly;
pub mod client;
mod close;
mod decoder;
mod encode;
mod error;
mod handshake;
mod header;
mod limits;
mod mask;
mod opcode;

pub use close::{close_reply, is_valid_close_code};
pub use decoder::{Decoder, Message};
pub use encode::{frame_len, write_close, write_close_reply, write_frame, write_frame_with};
pub use error::ProtocolError;
pub use handshake::{HandshakeError, HttpVersion, Upgrade, accept_key, check_upgrade, choose_subprotocol};
pub use limits::Limits;
pub use opcode::Opcode;
