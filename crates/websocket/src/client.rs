//! The other side, for clients and tests: masked frames out, server frames in. The server itself never uses it.

use crate::{
    Opcode,
    encode::{HeaderBytes, frame_len},
    mask::apply_mask,
};

/// Appends one whole message as a masked frame. A real client takes a new random `mask` for each frame.
pub fn write_masked_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    write_masked_fragment(out, opcode, true, payload, mask);
}

/// Appends one masked frame that ends its message only where `is_final` is set. It checks nothing, so that tests can
/// write what is forbidden.
pub fn write_masked_fragment(
    out: &mut Vec<u8>,
    opcode: Opcode,
    is_final: bool,
    payload: &[u8],
    mask: [u8; 4],
) {
    write_raw_frame(out, u8::from(is_final) << 7 | opcode as u8, payload, mask);
}

/// Appends one masked frame with any first byte: FIN, the three RSV bits and any opcode.
pub fn write_raw_frame(out: &mut Vec<u8>, first_byte: u8, payload: &[u8], mask: [u8; 4]) {
    out.extend_from_slice(HeaderBytes::new(first_byte, 0x80, payload.len()).as_slice());
    out.extend_from_slice(&mask);
    let start = out.len();
    out.extend_from_slice(payload);
    apply_mask(&mut out[start..], mask);
}

/// A frame as the server wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerFrame<'a> {
    /// What the frame is.
    pub opcode: Opcode,
    /// The whole payload.
    pub payload: &'a [u8],
    /// The bytes of header and payload together: where the next frame starts.
    pub len: usize,
}

/// The first frame in `buf`, or `None` while it is not whole. Also `None` for a reserved opcode, which our server
/// never sends.
pub fn parse_server_frame(buf: &[u8]) -> Option<ServerFrame<'_>> {
    let frame = buf.get(..frame_len(buf)?)?;
    let header_bytes = match frame[1] & 0x7F {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    let opcode = Opcode::from_first_byte(frame[0])?;
    Some(ServerFrame { opcode, payload: &frame[header_bytes..], len: frame.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_6455_section_5_7_masked_hello() {
        let mut out = Vec::new();
        write_masked_frame(&mut out, Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn server_frames_are_read_once_they_are_whole() {
        for len in [0, 125, 126, 65_536] {
            let mut out = Vec::new();
            crate::write_frame(&mut out, Opcode::Binary, &vec![9; len]);
            let frame = parse_server_frame(&out).unwrap();
            assert_eq!((frame.opcode, frame.payload.len(), frame.len), (Opcode::Binary, len, out.len()));
            assert_eq!(parse_server_frame(&out[..out.len() - 1]), None);
        }
    }
}
