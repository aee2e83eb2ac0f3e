//! RFC 6455 frames as a client writes and reads them, by hand: the generator must cost less than the server it
//! measures, and a library would hide what is sent.

use anyhow::{Result, bail, ensure};

/// Text message.
pub(crate) const OPCODE_TEXT: u8 = 0x1;
/// Closing frame: two bytes of code, then a reason.
pub(crate) const OPCODE_CLOSE: u8 = 0x8;
/// Protocol-level ping, to be answered with a pong of the same payload.
pub(crate) const OPCODE_PING: u8 = 0x9;
/// Protocol-level pong.
pub(crate) const OPCODE_PONG: u8 = 0xA;

/// One mask for all frames: masks protect proxies from scripts in browsers, and we are neither.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A longer frame from the server is a fault: the largest original frame has about 100 bytes, a v1 snapshot of
/// some thousand people stays below this.
const MAX_PAYLOAD_BYTES: usize = 64 << 20;

/// One whole frame in the bytes received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// One of the `OPCODE_…` values.
    pub(crate) opcode: u8,
    /// What it carries.
    pub(crate) payload: &'a [u8],
    /// Length of header and payload: where the next frame starts.
    pub(crate) n_bytes: usize,
}

/// The frame at the start of `bytes`, or `None` while it is incomplete. Errors: what a server must never send.
pub(crate) fn parse_server_frame(bytes: &[u8]) -> Result<Option<Frame<'_>>> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    ensure!(first & 0x70 == 0, "reserved bits in a frame header: {first:#04x}");
    ensure!(first & 0x80 != 0 && first & 0x0f != 0, "a fragmented message, which the contract never needs");
    ensure!(second & 0x80 == 0, "a masked frame from the server");
    let Some((header_bytes, payload_bytes)) = lengths(bytes, second)? else { return Ok(None) };
    let n_bytes = header_bytes + payload_bytes;
    let Some(payload) = bytes.get(header_bytes..n_bytes) else { return Ok(None) };
    Ok(Some(Frame { opcode: first & 0x0f, payload, n_bytes }))
}

/// A masked client frame.
pub(crate) fn client_frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + 14);
    frame.push(0x80 | opcode);
    match payload.len() {
        n_bytes @ 0..=125 => frame.push(0x80 | n_bytes as u8),
        n_bytes @ 126..=0xffff => {
            frame.push(0x80 | 0x7e);
            frame.extend_from_slice(&(n_bytes as u16).to_be_bytes());
        }
        n_bytes => {
            frame.push(0x80 | 0x7f);
            frame.extend_from_slice(&(n_bytes as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&MASK);
    frame.extend(payload.iter().enumerate().map(|(position, byte)| byte ^ MASK[position % 4]));
    frame
}

/// An unmasked text frame, as a server writes it. Payloads stay below 126 bytes here.
pub(crate) fn server_text_frame(payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126, "only short frames are needed");
    let mut frame = vec![0x80 | OPCODE_TEXT, payload.len() as u8];
    frame.extend_from_slice(payload);
    frame
}

/// The code of a close frame's payload, if it carries one.
pub(crate) fn close_code(payload: &[u8]) -> Option<u16> {
    payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code))
}

/// Header and payload length, or `None` while the header is incomplete.
fn lengths(bytes: &[u8], second: u8) -> Result<Option<(usize, usize)>> {
    let (header_bytes, payload_bytes) = match second & 0x7f {
        126 => match bytes.get(2..4).and_then(|length| length.first_chunk::<2>()) {
            Some(length) => (4, u64::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        127 => match bytes.get(2..10).and_then(|length| length.first_chunk::<8>()) {
            Some(length) => (10, u64::from_be_bytes(*length)),
            None => return Ok(None),
        },
        short => (2, u64::from(short)),
    };
    match usize::try_from(payload_bytes) {
        Ok(payload_bytes) if payload_bytes <= MAX_PAYLOAD_BYTES => Ok(Some((header_bytes, payload_bytes))),
        _ => bail!("a frame of {payload_bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmask(frame: &[u8], header_bytes: usize) -> Vec<u8> {
        let (mask, payload) = frame[header_bytes..].split_at(4);
        payload.iter().enumerate().map(|(position, byte)| byte ^ mask[position % 4]).collect()
    }

    #[test]
    fn client_frames_are_masked_in_all_three_lengths() {
        let ping = client_frame(OPCODE_TEXT, br#"{"type":"ping"}"#);
        assert_eq!(ping[..2], [0x81, 0x80 | 15]);
        assert_eq!(unmask(&ping, 2), br#"{"type":"ping"}"#);
        let middle = client_frame(OPCODE_TEXT, &[7; 300]);
        assert_eq!(middle[..4], [0x81, 0xfe, 1, 44]);
        assert_eq!(unmask(&middle, 4), [7; 300]);
        let long = client_frame(OPCODE_TEXT, &vec![7; 70_000]);
        assert_eq!(long[..10], [0x81, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x70]);
        assert_eq!(unmask(&long, 10), vec![7; 70_000]);
    }

    #[test]
    fn a_frame_is_complete_only_with_its_last_byte() {
        for payload_bytes in [0_usize, 1, 125, 126, 200, 65_535, 65_536] {
            let mut bytes = vec![0x81];
            match payload_bytes {
                0..=125 => bytes.push(payload_bytes as u8),
                126..=0xffff => {
                    bytes.push(126);
                    bytes.extend_from_slice(&(payload_bytes as u16).to_be_bytes());
                }
                _ => {
                    bytes.push(127);
                    bytes.extend_from_slice(&(payload_bytes as u64).to_be_bytes());
                }
            }
            bytes.resize(bytes.len() + payload_bytes, b'x');
            let whole = bytes.len();
            for cut in (0..whole.min(12)).chain([whole - 1]) {
                assert_eq!(parse_server_frame(&bytes[..cut]).unwrap(), None, "{payload_bytes} cut at {cut}");
            }
            bytes.extend_from_slice(b"next");
            let frame = parse_server_frame(&bytes).unwrap().unwrap();
            assert_eq!(
                (frame.opcode, frame.payload.len(), frame.n_bytes),
                (OPCODE_TEXT, payload_bytes, whole)
            );
        }
    }

    #[test]
    fn what_a_server_must_not_send_is_an_error() {
        assert!(parse_server_frame(&[0xc1, 0]).is_err(), "reserved bit");
        assert!(parse_server_frame(&[0x01, 0]).is_err(), "fragment");
        assert!(parse_server_frame(&[0x80, 0]).is_err(), "continuation");
        assert!(parse_server_frame(&[0x81, 0x80]).is_err(), "masked");
        assert!(parse_server_frame(&[0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]).is_err(), "absurd length");
    }

    #[test]
    fn close_codes_are_read_where_there_is_one() {
        assert_eq!(close_code(&[0x11, 0x31, b'x']), Some(4401));
        assert_eq!(close_code(&[]), None);
    }
}
