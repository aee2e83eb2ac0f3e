//! What a case is made of: what the client sends, and what the server must answer.
//!
//! Shared with the server's tests, which hold the same conversations over sockets.

use hereabouts_websocket::{
    Opcode,
    client::{write_masked_fragment, write_raw_frame},
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

    /// The frames one by one; each is shorter than 126 bytes.
    pub(crate) fn frames(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let frame_bytes = 6 + usize::from(rest.get(1)? & 0x7F);
            let (frame, after) = rest.split_at(frame_bytes);
            rest = after;
            Some(frame)
        })
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
