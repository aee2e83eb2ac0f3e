//! The six opcodes of RFC 6455.

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// A later piece of a fragmented message.
    Continuation = 0x0,
    /// UTF-8 text.
    Text = 0x1,
    /// Bytes.
    Binary = 0x2,
    /// The end of the conversation.
    Close = 0x8,
    /// Please answer with a pong of the same payload.
    Ping = 0x9,
    /// The answer to a ping, or an unasked sign of life.
    Pong = 0xA,
}

impl Opcode {
    /// The opcode in the low four bits of a frame's first byte; `None` for a reserved one.
    pub(crate) fn from_first_byte(byte: u8) -> Option<Self> {
        match byte & 0x0F {
            0x0 => Some(Self::Continuation),
            0x1 => Some(Self::Text),
            0x2 => Some(Self::Binary),
            0x8 => Some(Self::Close),
            0x9 => Some(Self::Ping),
            0xA => Some(Self::Pong),
            _ => None,
        }
    }

    /// Whether this is a close, ping or pong: never fragmented, at most 125 bytes, allowed inside a message.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}
