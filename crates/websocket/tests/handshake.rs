//! The opening handshake: what is accepted, and the exact refusal of everything else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should fail where it stands")]

use hereabouts_websocket::{HandshakeError, HttpVersion, Upgrade, check_upgrade, choose_subprotocol};
use tungstenite::http::{HeaderMap, HeaderName, HeaderValue};

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A request in which only what the case is about differs from a browser's.
struct Request {
    method: &'static str,
    version: HttpVersion,
    headers: HeaderMap,
}

fn request() -> Request {
    let request = Request { method: "GET", version: HttpVersion::Http11, headers: HeaderMap::new() };
    request
        .with("host", "localhost:8000")
        .with("upgrade", "websocket")
        .with("connection", "Upgrade")
        .with("sec-websocket-key", KEY)
        .with("sec-websocket-version", "13")
}

impl Request {
    /// Sets a header to one value.
    fn with(self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.without(name).and(name, value)
    }

    /// Adds one more value.
    fn and(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    fn without(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }

    fn check(&self) -> Result<Upgrade, HandshakeError> {
        check_upgrade(self.method, self.version, |name| self.headers.get_all(name))
    }
}

#[track_caller]
fn accepted(request: &Request) {
    assert_eq!(request.check().map(|upgrade| upgrade.accept_key).as_deref(), Ok(ACCEPT));
}

#[track_caller]
fn refused(request: &Request, error: HandshakeError, status: u16) {
    assert_eq!(request.check(), Err(error));
    assert_eq!(error.status(), status);
}

#[test]
fn a_browsers_request_is_accepted_with_the_key_of_the_rfc() {
    accepted(&request());
}

#[test]
fn header_values_compare_without_case() {
    accepted(&request().with("upgrade", "WebSocket").with("connection", "upgrade"));
    accepted(&request().with("upgrade", "WEBSOCKET").with("connection", "UPGRADE"));
}

#[test]
fn connection_may_be_a_list_in_any_form() {
    for list in ["keep-alive, Upgrade", "Upgrade,keep-alive", " keep-alive ,\tupgrade ", "a,,upgrade,"] {
        accepted(&request().with("connection", list));
    }
    accepted(&request().with("connection", "keep-alive").and("connection", "Upgrade"));
}

#[test]
fn upgrade_may_offer_other_protocols_too() {
    accepted(&request().with("upgrade", "h2c, websocket"));
}

#[test]
fn a_plain_get_is_not_an_upgrade() {
    refused(&request().without("upgrade").without("connection"), HandshakeError::NotUpgrade, 426);
    refused(&request().without("upgrade"), HandshakeError::NotUpgrade, 426);
}

#[test]
fn h2c_and_look_alikes_are_not_a_websocket() {
    for value in ["h2c", "websockets", "web socket", "websocket/13", ""] {
        refused(&request().with("upgrade", value), HandshakeError::NotUpgrade, 426);
    }
}

#[test]
fn only_get_opens_a_websocket() {
    for method in ["POST", "HEAD", "PUT", "OPTIONS", "CONNECT", "get"] {
        refused(&Request { method, ..request() }, HandshakeError::Method, 405);
    }
    assert_eq!(HandshakeError::Method.response_headers(), [("allow", "GET")]);
}

#[test]
fn http_1_0_cannot_upgrade() {
    refused(&Request { version: HttpVersion::Http10, ..request() }, HandshakeError::Http10, 400);
}

#[test]
fn connection_must_list_upgrade() {
    refused(&request().without("connection"), HandshakeError::Connection, 400);
    for value in ["keep-alive", "close", "upgrades", "Upgrade keep-alive"] {
        refused(&request().with("connection", value), HandshakeError::Connection, 400);
    }
}

#[test]
fn the_key_must_be_there() {
    refused(&request().without("sec-websocket-key"), HandshakeError::MissingKey, 400);
}

#[test]
fn the_key_must_be_there_once() {
    refused(&request().and("sec-websocket-key", KEY), HandshakeError::BadKey, 400);
    let two_in_one = format!("{KEY}, {KEY}");
    refused(&request().with("sec-websocket-key", two_in_one), HandshakeError::BadKey, 400);
}

#[test]
fn the_key_must_be_sixteen_bytes_of_base64() {
    for key in [
        "",
        "x",
        "dGhlIHNhbXBsZSBub25jZQ",           // no padding
        "dGhlIHNhbXBsZSBub25jZQ=",          // half of it
        "dGhlIHNhbXBsZSBub25jZQ===",        // too much of it
        "SGVsbG8sIHdvcmxkIQ==",             // 13 bytes
        "dGhlIHNhbXBsZSBub25jZSE=",         // 17 bytes
        "dGhlIHNhbXBsZSBub25jZSEh",         // 18 bytes
        "dGhlIHNhbXBsZSBub25jZSEhISEhISEh", // 24 bytes
        "dGhlIHNhbXBsZSBub25jZ*==",         // not of the alphabet
        "dGhl IHNhbXBsZSBub25jZQ==",        // a space inside
        "dGhlIHNhbXBsZSBub2_jZQ==",         // the alphabet of URLs
    ] {
        refused(&request().with("sec-websocket-key", key), HandshakeError::BadKey, 400);
    }
    refused(&request().with("sec-websocket-key", [0xFF; 24]), HandshakeError::BadKey, 400);
    refused(&request().with("sec-websocket-key", "A".repeat(8_000)), HandshakeError::BadKey, 400);
}

/// The last character of a key carries two unused bits; a client that fills all 22 at random is served.
#[test]
fn unused_bits_of_the_key_are_ignored() {
    let upgrade = request().with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZR==").check().unwrap();
    assert_eq!(upgrade.accept_key, hereabouts_websocket::accept_key("dGhlIHNhbXBsZSBub25jZR=="));
}

#[test]
fn other_versions_are_told_ours() {
    for version in ["8", "0", "7", "12", "14", "013", "13.0", "8, 13", ""] {
        refused(&request().with("sec-websocket-version", version), HandshakeError::Version, 426);
    }
    refused(&request().without("sec-websocket-version"), HandshakeError::Version, 426);
    refused(&request().and("sec-websocket-version", "8"), HandshakeError::Version, 426);
    assert!(HandshakeError::Version.response_headers().contains(&("sec-websocket-version", "13")));
}

#[test]
fn a_body_on_an_upgrade_is_refused() {
    for length in ["1", "65536", "-1", "00", "x", ""] {
        refused(&request().with("content-length", length), HandshakeError::Body, 400);
    }
    refused(&request().with("transfer-encoding", "chunked"), HandshakeError::Body, 400);
    let smuggled = request().with("content-length", "0").and("content-length", "5");
    refused(&smuggled, HandshakeError::Body, 400);
    accepted(&request().with("content-length", "0"));
}

/// A25: the offer changes nothing, and the answer has no place to name an extension.
#[test]
fn a25_extensions_are_never_negotiated() {
    let offer = "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame";
    assert_eq!(request().with("sec-websocket-extensions", offer).check(), request().check());
}

#[test]
fn subprotocols_keep_their_order_over_several_headers() {
    let request = request()
        .with("sec-websocket-protocol", "chat, hereabouts.v1 ,")
        .and("sec-websocket-protocol", "last");
    let upgrade = request.check().unwrap();
    assert_eq!(upgrade.subprotocols, ["chat", "hereabouts.v1", "last"]);
    assert_eq!(choose_subprotocol(&upgrade.subprotocols, &["hereabouts.v1"]), Some("hereabouts.v1"));
    assert_eq!(choose_subprotocol(&upgrade.subprotocols, &["hereabouts.v2"]), None);
}

#[test]
fn without_subprotocols_none_is_offered() {
    assert_eq!(request().check().unwrap().subprotocols, [""; 0]);
    assert_eq!(request().with("sec-websocket-protocol", " , ").check().unwrap().subprotocols, [""; 0]);
}

#[test]
fn subprotocols_must_be_different_tokens() {
    for offers in ["a, a", "a b", "a;b", "\"a\"", "a/b", "é"] {
        refused(&request().with("sec-websocket-protocol", offers), HandshakeError::BadSubprotocol, 400);
    }
    let repeated = request().with("sec-websocket-protocol", "a").and("sec-websocket-protocol", "b,a");
    refused(&repeated, HandshakeError::BadSubprotocol, 400);
}

#[test]
fn no_more_than_32_subprotocols() {
    let offers = |n: usize| (0..n).map(|i| format!("p{i}")).collect::<Vec<_>>().join(",");
    accepted(&request().with("sec-websocket-protocol", offers(32)));
    refused(&request().with("sec-websocket-protocol", offers(33)), HandshakeError::BadSubprotocol, 400);
}

#[test]
fn every_refusal_says_what_would_be_right() {
    for (error, needle) in [
        (HandshakeError::Method, "GET"),
        (HandshakeError::NotUpgrade, "Upgrade: websocket"),
        (HandshakeError::Http10, "HTTP/1.1"),
        (HandshakeError::Connection, "Connection: Upgrade"),
        (HandshakeError::Version, "Sec-WebSocket-Version: 13"),
        (HandshakeError::BadKey, "16 bytes"),
        (HandshakeError::BadSubprotocol, "at most 32"),
    ] {
        assert!(error.to_string().contains(needle), "{error}");
    }
}
