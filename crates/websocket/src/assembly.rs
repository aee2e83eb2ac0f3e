//! What a decoder keeps while something is half read: the only memory this crate holds on to between reads.

use crate::{Opcode, ProtocolError, header::Header, limits::MAX_HEADER_BYTES};

/// Everything half read of one connection. It exists only while there is something half read, or after the end.
#[derive(Default)]
pub(crate) struct Assembly {
    /// Nothing is read any more: a close, an error, or the caller's wish. All else is empty then.
    pub(crate) is_finished: bool,
    /// The start of a header that a read cut.
    pub(crate) head: PartialHead,
    /// The frame whose payload a read cut.
    pub(crate) frame: Option<OpenFrame>,
    /// The start of a control payload that a read cut; apart, because control frames may stand inside a message.
    pub(crate) control: Vec<u8>,
    /// The message of which a part was read.
    pub(crate) message: Option<PartialMessage>,
}

impl Assembly {
    /// Whether nothing is half read, so that this need not be kept.
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_finished && self.head.len == 0 && self.frame.is_none() && self.message.is_none()
    }

    /// The bytes on the heap behind this, its own size included.
    pub(crate) fn heap_bytes(&self) -> usize {
        let message_bytes = self.message.as_ref().map_or(0, |message| message.bytes.capacity());
        size_of::<Self>() + self.control.capacity() + message_bytes
    }
}

/// The first bytes of a header.
#[derive(Default)]
pub(crate) struct PartialHead {
    bytes: [u8; MAX_HEADER_BYTES],
    len: usize,
}

impl PartialHead {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Takes as much of `input` as a header can need.
    pub(crate) fn push(&mut self, input: &[u8]) {
        let taken = input.len().min(MAX_HEADER_BYTES - self.len);
        self.bytes[self.len..self.len + taken].copy_from_slice(&input[..taken]);
        self.len += taken;
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }
}

/// A frame whose header was read and whose payload is on its way.
#[derive(Clone, Copy)]
pub(crate) struct OpenFrame {
    pub(crate) opcode: Opcode,
    pub(crate) is_final: bool,
    /// Payload bytes still to come.
    pub(crate) remaining_bytes: usize,
    /// The mask, aligned to the next payload byte.
    pub(crate) mask: [u8; 4],
}

impl From<Header> for OpenFrame {
    fn from(header: Header) -> Self {
        let Header { opcode, is_final, payload_bytes: remaining_bytes, mask } = header;
        Self { opcode, is_final, remaining_bytes, mask }
    }
}

/// The part of a text or binary message that has come so far.
pub(crate) struct PartialMessage {
    /// Whether the bytes must be UTF-8.
    is_text: bool,
    /// Frames begun so far.
    n_fragments: u32,
    bytes: Vec<u8>,
    /// How many of `bytes` are known to be whole characters: only what follows is checked again.
    checked_bytes: usize,
}

impl PartialMessage {
    pub(crate) fn new(is_text: bool) -> Self {
        Self { is_text, n_fragments: 1, bytes: Vec::new(), checked_bytes: 0 }
    }

    pub(crate) fn is_text(&self) -> bool {
        self.is_text
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Counts one more frame of this message.
    pub(crate) fn begin_fragment(&mut self, max_fragments: u32) -> Result<(), ProtocolError> {
        if self.n_fragments >= max_fragments {
            return Err(ProtocolError::TooManyFragments { max_fragments });
        }
        self.n_fragments += 1;
        Ok(())
    }

    /// Appends a piece and, in text, checks it at once: a bad byte is found when it comes, not when the message ends.
    pub(crate) fn push(&mut self, piece: &[u8], max_message_bytes: usize) -> Result<(), ProtocolError> {
        reserve_within(&mut self.bytes, piece.len(), max_message_bytes);
        self.bytes.extend_from_slice(piece);
        if !self.is_text {
            return Ok(());
        }
        match str::from_utf8(&self.bytes[self.checked_bytes..]) {
            Ok(text) => self.checked_bytes += text.len(),
            // The end of the piece cut a character: look at it again with what follows.
            Err(error) if error.error_len().is_none() => self.checked_bytes += error.valid_up_to(),
            Err(_) => return Err(ProtocolError::InvalidUtf8),
        }
        Ok(())
    }
}

/// Makes room for `more_bytes` by doubling, as `Vec` does, but never beyond `max_bytes`: a message of the largest size
/// must not cost twice that size. What was declared but has not come takes no room.
fn reserve_within(bytes: &mut Vec<u8>, more_bytes: usize, max_bytes: usize) {
    const SMALLEST: usize = 64;
    let needed = bytes.len() + more_bytes;
    if needed > bytes.capacity() {
        let wanted = (bytes.capacity() * 2).max(SMALLEST).min(max_bytes).max(needed);
        bytes.reserve_exact(wanted - bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_largest_size_costs_that_size() {
        let mut message = PartialMessage::new(false);
        for _ in 0..1_000 {
            message.push(&[1], 1_000).unwrap();
            assert!(message.bytes.capacity() <= 1_000);
        }
        assert_eq!(message.bytes(), [1; 1_000]);
    }

    #[test]
    fn a_long_text_is_checked_once_however_it_is_cut() {
        let mut message = PartialMessage::new(true);
        for byte in "a𤭢é".repeat(50).bytes() {
            message.push(&[byte], 1_000).unwrap();
            assert!(
                message.bytes.len() - message.checked_bytes <= 3,
                "only a cut character is looked at again"
            );
        }
        assert_eq!(message.checked_bytes, message.bytes.len());
    }
}
