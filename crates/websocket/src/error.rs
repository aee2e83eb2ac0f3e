//! What a client can do wrong after the handshake, and the close code each fault is answered with.

/// A fault in what the client sent. The connection is over: nothing after it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtocolError {
    /// An RSV bit is set although no extension was negotiated.
    #[error("a reserved bit is set, but no extension was negotiated")]
    ReservedBits,
    /// An opcode without a meaning: 3 to 7 or 11 to 15.
    #[error("opcode {0} has no meaning")]
    ReservedOpcode(u8),
    /// Clients must mask every frame.
    #[error("frames from a client must be masked")]
    Unmasked,
    /// A ping, pong or close in more than one frame.
    #[error("a control frame must not be fragmented")]
    FragmentedControl,
    /// A ping, pong or close with more than 125 bytes.
    #[error("a control frame carries at most 125 bytes")]
    ControlTooLong,
    /// A length written in more bytes than it needs.
    #[error("the frame length is not written in its shortest form")]
    NonMinimalLength,
    /// A 64-bit length whose highest bit is set.
    #[error("the highest bit of the frame length must be 0")]
    LengthOutOfRange,
    /// A continuation frame without a message to continue.
    #[error("there is no message to continue")]
    OrphanContinuation,
    /// A new message inside an unfinished one.
    #[error("a new message began before the last one was finished")]
    UnfinishedMessage,
    /// A close payload of exactly one byte.
    #[error("a close frame carries no payload or at least a two-byte code")]
    CloseTooShort,
    /// A close code that must not stand in a close frame.
    #[error("close code {0} must not be sent")]
    CloseCode(u16),
    /// A text message or a close reason that is not UTF-8.
    #[error("the text is not valid UTF-8")]
    InvalidUtf8,
    /// A frame whose header declares more than the limit.
    #[error("a frame may carry at most {max_bytes} bytes")]
    FrameTooBig {
        /// [`crate::Limits::max_frame_bytes`].
        max_bytes: usize,
    },
    /// A message that would grow beyond the limit.
    #[error("a message may have at most {max_bytes} bytes")]
    MessageTooBig {
        /// [`crate::Limits::max_message_bytes`].
        max_bytes: usize,
    },
    /// A message in more pieces than the limit.
    #[error("a message may come in at most {max_fragments} frames")]
    TooManyFragments {
        /// [`crate::Limits::max_fragments`].
        max_fragments: u32,
    },
}

impl ProtocolError {
    /// The code to close the connection with: 1002, 1007, 1008 or 1009.
    pub fn close_code(&self) -> u16 {
        match self {
            Self::InvalidUtf8 => 1007,
            Self::TooManyFragments { .. } => 1008,
            Self::FrameTooBig { .. } | Self::MessageTooBig { .. } => 1009,
            _ => 1002,
        }
    }
}
