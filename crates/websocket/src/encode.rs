//! Frames from the server: unmasked, never fragmented.

use crate::{
    Opcode, close_reply, is_valid_close_code,
    limits::{MAX_CLOSE_REASON_BYTES, MAX_CONTROL_BYTES},
};

/// The set FIN bit: this frame ends its message.
const FIN: u8 = 0x80;

/// Appends one whole frame. A control payload has at most 125 bytes.
pub fn write_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    debug_assert!(!opcode.is_control() || payload.len() <= MAX_CONTROL_BYTES, "control payload too long");
    let header = HeaderBytes::new(FIN | opcode as u8, 0, payload.len());
    out.reserve(header.as_slice().len() + payload.len());
    out.extend_from_slice(header.as_slice());
    out.extend_from_slice(payload);
}

/// Appends one whole frame whose payload `write_payload` appends itself. It must only append.
///
/// The payload is written in place behind room for a header of four bytes, the size most frames need; for a shorter
/// or longer header the payload is moved once. No second buffer is needed.
pub fn write_frame_with(out: &mut Vec<u8>, opcode: Opcode, write_payload: impl FnOnce(&mut Vec<u8>)) {
    const ROOM: usize = 4;
    let start = out.len();
    out.extend_from_slice(&[0; ROOM]);
    write_payload(out);
    let payload_bytes = out.len().checked_sub(start + ROOM).expect("a payload writer only appends");
    debug_assert!(!opcode.is_control() || payload_bytes <= MAX_CONTROL_BYTES, "control payload too long");
    let header = HeaderBytes::new(FIN | opcode as u8, 0, payload_bytes);
    let header = header.as_slice();
    let payload_start = start + header.len();
    if header.len() > ROOM {
        out.resize(payload_start + payload_bytes, 0);
    }
    if header.len() != ROOM {
        out.copy_within(start + ROOM..start + ROOM + payload_bytes, payload_start);
        out.truncate(payload_start + payload_bytes);
    }
    out[start..payload_start].copy_from_slice(header);
}

/// Appends a close frame. A reason longer than 123 bytes is cut at the end of a character.
pub fn write_close(out: &mut Vec<u8>, code: u16, reason: &str) {
    debug_assert!(is_valid_close_code(code), "close code {code} must not be sent");
    let reason = &reason[..reason.floor_char_boundary(MAX_CLOSE_REASON_BYTES)];
    write_frame_with(out, Opcode::Close, |out| {
        out.extend_from_slice(&code.to_be_bytes());
        out.extend_from_slice(reason.as_bytes());
    });
}

/// Appends the answer to a [`crate::Message::Close`]: the same code, or nothing where there was none.
pub fn write_close_reply(out: &mut Vec<u8>, received: Option<(u16, &str)>) {
    match close_reply(received) {
        Some(code) => write_close(out, code, ""),
        None => write_frame(out, Opcode::Close, &[]),
    }
}

/// The whole length, header included, of the server frame that starts at `buf[0]`; `None` when its header is not
/// whole in `buf` (the payload need not be). After a short write this finds the boundaries between frames.
pub fn frame_len(buf: &[u8]) -> Option<usize> {
    let header = buf.split_first_chunk::<2>()?;
    let ([_, short], rest) = header;
    match short & 0x7F {
        126 => Some(4 + usize::from(u16::from_be_bytes(*rest.first_chunk()?))),
        127 => usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?.checked_add(10),
        short => Some(2 + usize::from(short)),
    }
}

/// The two to ten bytes before a payload (without a mask key).
pub(crate) struct HeaderBytes {
    bytes: [u8; 10],
    len: usize,
}

impl HeaderBytes {
    /// `first` is the whole first byte; `mask_bit` is 0x80 in a client's frame.
    pub(crate) fn new(first: u8, mask_bit: u8, payload_bytes: usize) -> Self {
        let mut bytes = [0; 10];
        bytes[0] = first;
        let (short, len) = match payload_bytes {
            0..=125 => (payload_bytes as u8, 2),
            126..=65_535 => {
                bytes[2..4].copy_from_slice(&(payload_bytes as u16).to_be_bytes());
                (126, 4)
            }
            _ => {
                bytes[2..10].copy_from_slice(&(payload_bytes as u64).to_be_bytes());
                (127, 10)
            }
        };
        bytes[1] = mask_bit | short;
        Self { bytes, len }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_writers_agree_at_every_border_and_behind_other_bytes() {
        for len in [0, 1, 124, 125, 126, 127, 65_535, 65_536, 70_000] {
            let payload: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let (mut copied, mut in_place) = (b"before".to_vec(), b"before".to_vec());
            write_frame(&mut copied, Opcode::Binary, &payload);
            write_frame_with(&mut in_place, Opcode::Binary, |out| out.extend_from_slice(&payload));
            assert_eq!(copied, in_place, "{len} bytes");
            assert_eq!(frame_len(&copied[6..]), Some(copied.len() - 6), "{len} bytes");
        }
    }

    #[test]
    fn rfc_6455_section_5_7_examples() {
        let mut out = Vec::new();
        write_frame(&mut out, Opcode::Text, b"Hello");
        assert_eq!(out, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
        out.clear();
        write_frame(&mut out, Opcode::Binary, &[0; 256]);
        assert_eq!(out[..4], [0x82, 0x7E, 0x01, 0x00]);
        out.clear();
        write_frame(&mut out, Opcode::Binary, &vec![0; 65_536]);
        assert_eq!(out[..10], [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn frame_len_needs_the_header_only() {
        for (buf, expected) in [
            (&[][..], None),
            (&[0x81], None),
            (&[0x81, 0x00], Some(2)),
            (&[0x81, 0x7D], Some(127)),
            (&[0x81, 0x7E, 1], None),
            (&[0x81, 0x7E, 1, 0], Some(260)),
            (&[0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0], None),
            (&[0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0], Some(65_546)),
            (&[0x82, 0x7F, 255, 255, 255, 255, 255, 255, 255, 255], None),
        ] {
            assert_eq!(frame_len(buf), expected, "{buf:02x?}");
        }
    }

    #[test]
    fn a_long_reason_is_cut_at_the_end_of_a_character() {
        for (reason, kept) in
            [("x".repeat(123), 123), ("x".repeat(200), 123), ("é".repeat(62), 122), ("𤭢".repeat(40), 120)]
        {
            let mut out = Vec::new();
            write_close(&mut out, 4401, &reason);
            assert_eq!(out[..4], [0x88, kept as u8 + 2, 0x11, 0x31], "{reason}");
            assert_eq!(str::from_utf8(&out[4..]), Ok(&reason[..kept]));
        }
    }

    #[test]
    fn a_close_is_answered_with_its_code_alone() {
        let mut out = Vec::new();
        write_close_reply(&mut out, Some((1001, "going away")));
        write_close_reply(&mut out, None);
        assert_eq!(out, [0x88, 2, 0x03, 0xE9, 0x88, 0]);
    }
}
