//! An echo server without sockets, and the one way every case is run.

use std::ops::ControlFlow;

use hereabouts_websocket::{
    Decoder, Limits, Message, Opcode,
    client::{parse_server_frame, write_masked_fragment, write_raw_frame},
    write_close, write_close_reply, write_frame,
};

/// The mask of all frames; not periodic in two, so that a slip by any number of bytes shows.
const MASK: [u8; 4] = [0x9A, 0x01, 0xC3, 0x5E];

/// What the client sends.
#[derive(Debug, Default, Clone)]
pub(crate) struct Script {
    pub(crate) bytes: Vec<u8>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One frame; `is_final` is the FIN bit.
    pub(crate) fn frame(mut self, opcode: Opcode, is_final: bool, payload: impl AsRef<[u8]>) -> Self {
        write_masked_fragment(&mut self.bytes, opcode, is_final, payload.as_ref(), MASK);
        self
    }

    /// One frame with any first byte.
    pub(crate) fn raw(mut self, first_byte: u8, payload: impl AsRef<[u8]>) -> Self {
        write_raw_frame(&mut self.bytes, first_byte, payload.as_ref(), MASK);
        self
    }

    /// Bytes as they are.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, text: impl AsRef<[u8]>) -> Self {
        self.frame(Opcode::Text, true, text)
    }

    pub(crate) fn binary(self, payload: impl AsRef<[u8]>) -> Self {
        self.frame(Opcode::Binary, true, payload)
    }

    pub(crate) fn ping(self, payload: impl AsRef<[u8]>) -> Self {
        self.frame(Opcode::Ping, true, payload)
    }

    pub(crate) fn pong(self, payload: impl AsRef<[u8]>) -> Self {
        self.frame(Opcode::Pong, true, payload)
    }

    pub(crate) fn close(self, code: u16, reason: impl AsRef<[u8]>) -> Self {
        let payload = [&code.to_be_bytes()[..], reason.as_ref()].concat();
        self.frame(Opcode::Close, true, payload)
    }

    /// A text message in these pieces.
    pub(crate) fn fragments<P: AsRef<[u8]>>(mut self, pieces: &[P]) -> Self {
        for (index, piece) in pieces.iter().enumerate() {
            let opcode = if index == 0 { Opcode::Text } else { Opcode::Continuation };
            self = self.frame(opcode, index + 1 == pieces.len(), piece);
        }
        self
    }
}

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Text(String),
    Binary(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>),
}

pub(crate) fn text(text: &str) -> Reply {
    Reply::Text(text.to_owned())
}

pub(crate) fn binary(payload: &[u8]) -> Reply {
    Reply::Binary(payload.to_vec())
}

pub(crate) fn pong(payload: impl AsRef<[u8]>) -> Reply {
    Reply::Pong(payload.as_ref().to_vec())
}

pub(crate) fn closed(code: u16) -> Reply {
    Reply::Close(Some(code))
}

/// A server that sends every message back.
pub(crate) struct Echo {
    decoder: Decoder,
    limits: Limits,
    out: Vec<u8>,
}

impl Echo {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { decoder: Decoder::new(), limits, out: Vec::new() }
    }

    /// One read of the socket.
    pub(crate) fn read(&mut self, input: &[u8]) {
        let out = &mut self.out;
        let fed = self.decoder.feed(&mut input.to_vec(), &self.limits, &mut |message| {
            match message {
                Message::Text(text) => write_frame(out, Opcode::Text, text.as_bytes()),
                Message::Binary(payload) => write_frame(out, Opcode::Binary, payload),
                Message::Ping(payload) => write_frame(out, Opcode::Pong, payload),
                Message::Pong(_) => {}
                Message::Close(received) => write_close_reply(out, received),
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = fed {
            write_close(&mut self.out, error.close_code(), &error.to_string());
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.decoder.is_finished()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.decoder.is_idle()
    }

    /// Everything written so far. The frames must fill it exactly.
    pub(crate) fn replies(&self) -> Vec<Reply> {
        let (mut replies, mut rest) = (Vec::new(), &self.out[..]);
        while !rest.is_empty() {
            let frame = parse_server_frame(rest).expect("the server writes whole frames");
            rest = &rest[frame.len..];
            replies.push(match frame.opcode {
                Opcode::Text => Reply::Text(String::from_utf8(frame.payload.to_vec()).unwrap()),
                Opcode::Binary => Reply::Binary(frame.payload.to_vec()),
                Opcode::Pong => Reply::Pong(frame.payload.to_vec()),
                Opcode::Close => {
                    assert!(frame.payload.len() <= 125 && frame.payload.len() != 1);
                    Reply::Close(frame.payload.first_chunk().map(|&code| u16::from_be_bytes(code)))
                }
                other => panic!("the server never sends {other:?}"),
            });
        }
        replies
    }
}

/// Runs one case with the contract's limits, in whole, octet-wise and in 997-octet reads.
pub(crate) fn check(case: &str, script: &Script, expected: &[Reply]) {
    check_within(Limits::default(), case, script, expected);
}

/// Runs one case with other limits.
pub(crate) fn check_within(limits: Limits, case: &str, script: &Script, expected: &[Reply]) {
    for read_bytes in [usize::MAX, 1, 997] {
        let mut echo = Echo::new(limits);
        for read in script.bytes.chunks(read_bytes) {
            echo.read(read);
        }
        let replies = echo.replies();
        assert!(
            replies == expected,
            "case {case}, reads of {read_bytes}: {replies:.200?} not {expected:.200?}"
        );
        let must_be_finished = matches!(expected.last(), Some(Reply::Close(_)));
        assert_eq!(echo.is_finished(), must_be_finished, "case {case}, reads of {read_bytes}");
        assert_eq!(echo.is_idle(), !must_be_finished, "case {case}, reads of {read_bytes}: memory kept");
    }
}
