//! The header of a client's frame, judged byte by byte: each fault is found with the first byte that proves it.

use crate::{Limits, Opcode, ProtocolError, limits::MAX_CONTROL_BYTES};

/// A header that was found in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) opcode: Opcode,
    pub(crate) is_final: bool,
    pub(crate) payload_bytes: usize,
    pub(crate) mask: [u8; 4],
}

/// Where in the conversation a header stands, which decides what it may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) limits: &'a Limits,
    /// The bytes of the unfinished message, `None` between messages.
    pub(crate) message_bytes: Option<usize>,
}

impl Header {
    /// Reads a header from the start of `bytes`: the header and its own length, or `None` when more bytes are needed.
    pub(crate) fn parse(bytes: &[u8], context: Context<'_>) -> Result<Option<(Self, usize)>, ProtocolError> {
        let Some((&first, after_first)) = bytes.split_first() else { return Ok(None) };
        let (opcode, is_final) = check_first_byte(first, context)?;
        let Some((&second, after_second)) = after_first.split_first() else { return Ok(None) };
        check_second_byte(second, opcode)?;
        let Some((declared_bytes, after_length)) = read_length(second & 0x7F, after_second)? else {
            return Ok(None);
        };
        let payload_bytes = check_size(declared_bytes, opcode, context)?;
        let Some((&mask, after_mask)) = after_length.split_first_chunk() else { return Ok(None) };
        Ok(Some((Self { opcode, is_final, payload_bytes, mask }, bytes.len() - after_mask.len())))
    }
}

fn check_first_byte(first: u8, context: Context<'_>) -> Result<(Opcode, bool), ProtocolError> {
    if first & 0x70 != 0 {
        return Err(ProtocolError::ReservedBits);
    }
    let opcode = Opcode::from_first_byte(first).ok_or(ProtocolError::ReservedOpcode(first & 0x0F))?;
    let is_final = first & 0x80 != 0;
    match (opcode, context.message_bytes) {
        (Opcode::Continuation, None) => Err(ProtocolError::OrphanContinuation),
        (Opcode::Text | Opcode::Binary, Some(_)) => Err(ProtocolError::UnfinishedMessage),
        (Opcode::Close | Opcode::Ping | Opcode::Pong, _) if !is_final => {
            Err(ProtocolError::FragmentedControl)
        }
        _ => Ok((opcode, is_final)),
    }
}

fn check_second_byte(second: u8, opcode: Opcode) -> Result<(), ProtocolError> {
    if second & 0x80 == 0 {
        return Err(ProtocolError::Unmasked);
    }
    if opcode.is_control() && usize::from(second & 0x7F) > MAX_CONTROL_BYTES {
        return Err(ProtocolError::ControlTooLong);
    }
    Ok(())
}

/// The declared length and what follows it; `None` when more bytes are needed.
fn read_length(short: u8, bytes: &[u8]) -> Result<Option<(u64, &[u8])>, ProtocolError> {
    let (declared, smallest, rest) = match short {
        126 => match bytes.split_first_chunk() {
            Some((length, rest)) => (u64::from(u16::from_be_bytes(*length)), 126, rest),
            None => return Ok(None),
        },
        127 => match bytes.split_first_chunk() {
            Some((length, rest)) => (u64::from_be_bytes(*length), 65_536, rest),
            None => return Ok(None),
        },
        _ => return Ok(Some((u64::from(short), bytes))),
    };
    if declared < smallest {
        return Err(ProtocolError::NonMinimalLength);
    }
    if declared >> 63 != 0 {
        return Err(ProtocolError::LengthOutOfRange);
    }
    Ok(Some((declared, rest)))
}

/// Judges the declared length before a single byte of payload is kept.
fn check_size(declared: u64, opcode: Opcode, context: Context<'_>) -> Result<usize, ProtocolError> {
    let Limits { max_message_bytes, max_frame_bytes, .. } = *context.limits;
    let declared = usize::try_from(declared).unwrap_or(usize::MAX);
    if opcode.is_control() {
        return Ok(declared);
    }
    if declared > max_frame_bytes {
        return Err(ProtocolError::FrameTooBig { max_bytes: max_frame_bytes });
    }
    if declared > max_message_bytes.saturating_sub(context.message_bytes.unwrap_or(0)) {
        return Err(ProtocolError::MessageTooBig { max_bytes: max_message_bytes });
    }
    Ok(declared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], message_bytes: Option<usize>) -> Result<Option<(Header, usize)>, ProtocolError> {
        Header::parse(bytes, Context { limits: &Limits::default(), message_bytes })
    }

    #[test]
    fn lengths_at_their_borders() {
        for (bytes, expected) in [
            (&[0x82, 0x80, 1, 2, 3, 4][..], Ok(0)),
            (&[0x82, 0xFD, 1, 2, 3, 4], Ok(125)),
            (&[0x82, 0xFE, 0, 126, 1, 2, 3, 4], Ok(126)),
            (&[0x82, 0xFE, 0, 125, 1, 2, 3, 4], Err(ProtocolError::NonMinimalLength)),
            (&[0x82, 0xFE, 255, 255, 1, 2, 3, 4], Ok(65_535)),
            (&[0x82, 0xFF, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4], Err(ProtocolError::NonMinimalLength)),
            (&[0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], Ok(65_536)),
            (&[0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1], Err(ProtocolError::FrameTooBig { max_bytes: 65_536 })),
            (&[0x82, 0xFF, 128, 0, 0, 0, 0, 0, 0, 0], Err(ProtocolError::LengthOutOfRange)),
        ] {
            let parsed = parse(bytes, None).map(|header| header.unwrap().0.payload_bytes);
            assert_eq!(parsed, expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn a_header_cut_anywhere_asks_for_more() {
        let header = [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 9, 8, 7, 6];
        for len in 0..header.len() {
            assert_eq!(parse(&header[..len], None), Ok(None), "{len} bytes");
        }
        assert_eq!(parse(&header, None).unwrap().unwrap().1, header.len());
    }

    #[test]
    fn a_fault_is_found_with_the_first_byte_that_proves_it() {
        for (bytes, message_bytes, expected) in [
            (&[0xC1][..], None, ProtocolError::ReservedBits),
            (&[0x83], None, ProtocolError::ReservedOpcode(3)),
            (&[0x80], None, ProtocolError::OrphanContinuation),
            (&[0x81], Some(0), ProtocolError::UnfinishedMessage),
            (&[0x09], None, ProtocolError::FragmentedControl),
            (&[0x81, 0x05], None, ProtocolError::Unmasked),
            (&[0x89, 0xFE], None, ProtocolError::ControlTooLong),
            (&[0x80, 0xFE, 0xFF, 0xFF], Some(2), ProtocolError::MessageTooBig { max_bytes: 65_536 }),
        ] {
            assert_eq!(parse(bytes, message_bytes), Err(expected), "{bytes:02x?}");
        }
    }
}
