//! The JSON of a client, as a message of the protocol.

#![no_main]

#[path = "../properties/client_message.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| property::check(bytes));
