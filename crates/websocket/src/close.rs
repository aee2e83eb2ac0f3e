//! The payload of a close frame, and what to answer.

use crate::ProtocolError;

/// What RFC 6455 says to answer to a close: the code it carried, or `None` for a close frame without a payload.
pub fn close_reply(received: Option<(u16, &str)>) -> Option<u16> {
    received.map(|(code, _)| code)
}

/// Whether `code` may stand in a close frame.
///
/// Those are the registered codes up to 1014, without 1004 (no meaning) and 1005 and 1006 (they describe what was
/// not sent), and 3000 to 4999, which belong to libraries and applications.
pub fn is_valid_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The code and reason in the (unmasked) payload of a close frame.
pub(crate) fn parse_close(payload: &[u8]) -> Result<Option<(u16, &str)>, ProtocolError> {
    if payload.is_empty() {
        return Ok(None);
    }
    let Some((&code, reason)) = payload.split_first_chunk() else { return Err(ProtocolError::CloseTooShort) };
    let code = u16::from_be_bytes(code);
    if !is_valid_close_code(code) {
        return Err(ProtocolError::CloseCode(code));
    }
    let reason = str::from_utf8(reason).map_err(|_| ProtocolError::InvalidUtf8)?;
    Ok(Some((code, reason)))
}
