//! The opening handshake (RFC 6455, 4.2), judged on a header lookup so that it works with any HTTP library.
//!
//! Host, Origin and credentials are policy and belong to the HTTP layer; here is only what the protocol asks for.

use std::fmt;

use base64::{
    Engine,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

use crate::limits::MAX_OFFERED_SUBPROTOCOLS;

/// The constant every WebSocket server appends to the key (RFC 6455, 1.3).
const KEY_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Reads keys. The two unused bits of the last character carry nothing, so clients that leave them set are served.
const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// The HTTP version of a request line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0 or older, where `Upgrade` has no meaning.
    Http10,
    /// HTTP/1.1.
    Http11,
}

/// A request that may become a WebSocket.
///
/// Its `Debug` form does not show the offers: some clients hide a token among them.
#[derive(Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The value for `Sec-WebSocket-Accept`.
    pub accept_key: String,
    /// The subprotocols the client offers, in its order of preference.
    pub subprotocols: Vec<String>,
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("n_subprotocols", &self.subprotocols.len()).finish_non_exhaustive()
    }
}

/// Why a request does not become a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Any method but GET.
    #[error("a WebSocket is opened with GET")]
    Method,
    /// An ordinary request: it does not ask for a WebSocket at all. The HTTP layer may have a better answer.
    #[error("this address speaks WebSocket: send `Upgrade: websocket`")]
    NotUpgrade,
    /// The upgrade was asked for over HTTP/1.0.
    #[error("a WebSocket needs HTTP/1.1")]
    Http10,
    /// `Connection` does not list `upgrade`; often a proxy that does not pass upgrades on.
    #[error("`Connection: Upgrade` is missing (does a proxy drop it?)")]
    Connection,
    /// A body announced with the upgrade; its bytes would be read as frames.
    #[error("a WebSocket request has no body")]
    Body,
    /// A version other than 13, or none.
    #[error("only `Sec-WebSocket-Version: 13` is supported")]
    Version,
    /// No `Sec-WebSocket-Key`.
    #[error("`Sec-WebSocket-Key` is missing")]
    MissingKey,
    /// A key that is not 16 bytes in base64, or more than one key.
    #[error("`Sec-WebSocket-Key` must be one value: 16 bytes in base64")]
    BadKey,
    /// An offer that is not a list of different tokens, or too long.
    #[error("`Sec-WebSocket-Protocol` must be a list of at most {MAX_OFFERED_SUBPROTOCOLS} different tokens")]
    BadSubprotocol,
}

impl HandshakeError {
    /// The HTTP status to answer with.
    pub fn status(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::NotUpgrade | Self::Version => 426,
            _ => 400,
        }
    }

    /// The headers that status owes the client, names in lower case.
    pub fn response_headers(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Method => &[("allow", "GET")],
            Self::NotUpgrade | Self::Version => {
                &[("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-version", "13")]
            }
            _ => &[],
        }
    }
}

/// Judges a request. `header_values` gives all values of a header by its lower-case name; with the `http` crate it is
/// `|name| headers.get_all(name)`.
///
/// Extensions are not looked at: none is ever negotiated, whatever the client offers.
pub fn check_upgrade<Values>(
    method: &str,
    version: HttpVersion,
    header_values: impl Fn(&'static str) -> Values,
) -> Result<Upgrade, HandshakeError>
where
    Values: IntoIterator<Item: AsRef<[u8]>>,
{
    if method != "GET" {
        return Err(HandshakeError::Method);
    }
    if !lists_token(header_values("upgrade"), "websocket") {
        return Err(HandshakeError::NotUpgrade);
    }
    if version == HttpVersion::Http10 {
        return Err(HandshakeError::Http10);
    }
    if !lists_token(header_values("connection"), "upgrade") {
        return Err(HandshakeError::Connection);
    }
    if announces_body(header_values("transfer-encoding"), header_values("content-length")) {
        return Err(HandshakeError::Body);
    }
    if !is_only_value(header_values("sec-websocket-version"), b"13") {
        return Err(HandshakeError::Version);
    }
    let accept_key = accept_key(&check_key(header_values("sec-websocket-key"))?);
    let subprotocols = read_subprotocols(header_values("sec-websocket-protocol"))?;
    Ok(Upgrade { accept_key, subprotocols })
}

/// The value of `Sec-WebSocket-Accept` for a client's `Sec-WebSocket-Key`.
pub fn accept_key(client_key: &str) -> String {
    let mut hash = sha1_smol::Sha1::new();
    hash.update(client_key.as_bytes());
    hash.update(KEY_SUFFIX);
    STANDARD.encode(hash.digest().bytes())
}

/// The first of `offered`, in the client's order, that is among `supported`. Subprotocols compare by case.
pub fn choose_subprotocol<'s>(offered: &[impl AsRef<str>], supported: &[&'s str]) -> Option<&'s str> {
    offered.iter().find_map(|offer| supported.iter().copied().find(|&name| name == offer.as_ref()))
}

/// Whether one of the comma-separated lists contains `token`, in any case.
fn lists_token(values: impl IntoIterator<Item: AsRef<[u8]>>, token: &str) -> bool {
    values.into_iter().any(|value| {
        let mut items = value.as_ref().split(|&byte| byte == b',');
        items.any(|item| item.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    })
}

/// Any transfer coding announces a body, and so does any length but 0.
fn announces_body<Values>(transfer_encodings: Values, content_lengths: Values) -> bool
where
    Values: IntoIterator<Item: AsRef<[u8]>>,
{
    transfer_encodings.into_iter().next().is_some()
        || content_lengths.into_iter().any(|length| length.as_ref().trim_ascii() != b"0")
}

fn is_only_value(values: impl IntoIterator<Item: AsRef<[u8]>>, expected: &[u8]) -> bool {
    let mut values = values.into_iter();
    values.next().is_some_and(|value| value.as_ref().trim_ascii() == expected) && values.next().is_none()
}

/// The key as the client wrote it, known to be base64 of 16 bytes.
fn check_key(values: impl IntoIterator<Item: AsRef<[u8]>>) -> Result<String, HandshakeError> {
    /// The most a 24-character key decodes to: 18 bytes.
    const MAX_DECODED_BYTES: usize = 18;
    let mut values = values.into_iter();
    let key = values.next().ok_or(HandshakeError::MissingKey)?;
    if values.next().is_some() {
        return Err(HandshakeError::BadKey);
    }
    let key = str::from_utf8(key.as_ref().trim_ascii()).map_err(|_| HandshakeError::BadKey)?;
    let mut decoded = [0; MAX_DECODED_BYTES];
    match KEY_BASE64.decode_slice(key, &mut decoded) {
        Ok(16) => Ok(key.to_owned()),
        _ => Err(HandshakeError::BadKey),
    }
}

/// The offers of all values in their order. Empty list items are allowed (RFC 9110, 5.6.1) and skipped.
fn read_subprotocols(values: impl IntoIterator<Item: AsRef<[u8]>>) -> Result<Vec<String>, HandshakeError> {
    let mut offered: Vec<String> = Vec::new();
    for value in values {
        let value = str::from_utf8(value.as_ref()).map_err(|_| HandshakeError::BadSubprotocol)?;
        for offer in value.split(',').map(str::trim_ascii).filter(|offer| !offer.is_empty()) {
            let is_known = offered.iter().any(|known| known == offer);
            if is_known || !offer.bytes().all(is_token_byte) || offered.len() == MAX_OFFERED_SUBPROTOCOLS {
                return Err(HandshakeError::BadSubprotocol);
            }
            offered.push(offer.to_owned());
        }
    }
    Ok(offered)
}

/// `tchar` of RFC 9110, 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_key_of_rfc_6455_section_1_3() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_clients_order_of_subprotocols_decides() {
        for (offered, supported, expected) in [
            (&["hereabouts.v1"][..], &["hereabouts.v1"][..], Some("hereabouts.v1")),
            (&["b", "a"], &["a", "b"], Some("b")),
            (&["x", "a"], &["a", "b"], Some("a")),
            (&["A"], &["a"], None),
            (&[], &["a"], None),
        ] {
            assert_eq!(choose_subprotocol(offered, supported), expected, "{offered:?}");
        }
    }
}
