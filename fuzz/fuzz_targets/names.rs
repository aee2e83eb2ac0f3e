//! Names, pictures and slugs as somebody else wrote them.

#![no_main]

#[path = "../properties/names.rs"]
mod property;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| property::check(bytes));
