//! Where a token may stand in an address, and that no log shows it.

#![no_main]

#[path = "../properties/credentials.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| property::check(bytes));
