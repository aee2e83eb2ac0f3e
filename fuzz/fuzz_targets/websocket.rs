//! Frames of a client: our decoder, cut and whole, and tungstenite's beside it.

#![no_main]

#[path = "../properties/websocket.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| property::check(bytes));
