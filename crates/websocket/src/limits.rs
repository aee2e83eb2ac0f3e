//! Every bound of this crate, with its arithmetic and what happens beyond it.

/// The most bytes a control frame may carry (RFC 6455, 5.5). Beyond: close 1002.
pub(crate) const MAX_CONTROL_BYTES: usize = 125;

/// The longest close reason: a control payload less the two bytes of the code. Longer reasons of ours are cut.
pub(crate) const MAX_CLOSE_REASON_BYTES: usize = MAX_CONTROL_BYTES - 2;

/// The longest frame header of a client: 2 bytes, 8 of extended length, 4 of mask.
pub(crate) const MAX_HEADER_BYTES: usize = 2 + 8 + 4;

/// The most subprotocols a client may offer. Each is compared with all before it, so 32 offers are at most
/// 496 comparisons. Beyond: 400.
pub(crate) const MAX_OFFERED_SUBPROTOCOLS: usize = 32;

/// What one connection may send. The defaults are the contract's.
///
/// A decoder never holds more than `max_message_bytes` of payload, one control payload and a header:
/// 64 KiB + 125 + 14 bytes with the defaults, and that only while a message is half read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest message in bytes, all fragments together. Beyond: close 1009, judged from the header that
    /// would exceed it.
    pub max_message_bytes: usize,
    /// The longest frame in bytes of payload. Beyond: close 1009, judged from the header.
    pub max_frame_bytes: usize,
    /// The most frames one message may come in. Beyond: close 1008, because endless empty fragments break no rule
    /// of the protocol and no size limit, only our patience. The default, 1,024, lets a message of full size come in
    /// pieces of 64 bytes.
    pub max_fragments: u32,
}

impl Limits {
    /// Those of a server that nobody told otherwise.
    pub const DEFAULT: Self =
        Self { max_message_bytes: 65_536, max_frame_bytes: 65_536, max_fragments: 1_024 };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
