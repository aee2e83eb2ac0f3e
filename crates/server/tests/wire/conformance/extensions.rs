//! Groups 12 and 13, and row A25: compression is offered in every way, and never negotiated.

use std::net::SocketAddr;

use hereabouts_websocket::{Limits, Opcode};

use super::harness::{Echo, real_server};
use super::raw::{ACCEPT, Raw, UPGRADE, request};
use super::script::Script;
use crate::server::token;

/// "hello", deflated, as a client would send it that believes it has a compressing server.
const DEFLATED: [u8; 7] = [0xCA, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];

/// FIN, RSV1 and text.
const COMPRESSED_TEXT: u8 = 0xC1;

/// Offers, on the echo and on people's path: a 101 without extensions, and a compressed frame is 1002.
fn check(offers: &[&str]) {
    let (echo, real) = (Echo::start(Limits::default()), real_server());
    check_at(echo.address, "/", offers);
    check_at(real.address, &format!("/ws/user-status/?token={}", token(1)), offers);
}

fn check_at(address: SocketAddr, path: &str, offers: &[&str]) {
    let mut headers = UPGRADE.to_vec();
    headers.extend(offers.iter().map(|offer| ("Sec-WebSocket-Extensions", *offer)));
    let mut raw = Raw::connect(address);
    let head = raw.ask(&request(path, &headers));
    assert!(head.starts_with("http/1.1 101 "), "{offers:?}: {head}");
    assert!(head.contains(&ACCEPT.to_lowercase()), "{head}");
    assert!(!head.contains("sec-websocket-extensions"), "{offers:?}: {head}");
    raw.send(&Script::new().ping("still here").bytes);
    while raw.frame() != (Opcode::Pong, b"still here".to_vec()) {}
    raw.send(&Script::new().raw(COMPRESSED_TEXT, DEFLATED).ping("").bytes);
    assert_eq!(raw.close_code(), 1002, "{offers:?}");
    assert!(raw.rest().is_empty(), "{offers:?}: something after the close");
}

#[test]
fn a25_case_12_permessage_deflate_is_not_negotiated() {
    check(&["permessage-deflate"]);
}

#[test]
fn a25_case_13_permessage_deflate_with_parameters_is_not_negotiated() {
    check(&[
        "permessage-deflate; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits",
    ]);
}

#[test]
fn a25_several_offers_in_several_headers_are_not_negotiated() {
    check(&["permessage-deflate; server_no_context_takeover, permessage-bzip2", "x-webkit-deflate-frame"]);
}

#[test]
fn a25_a_malformed_offer_is_no_reason_to_refuse() {
    check(&["permessage-deflate; client_max_window_bits=99; =;, ,\"", ""]);
}
