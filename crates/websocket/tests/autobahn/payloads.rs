//! Group 1: text and binary messages of all header sizes.

use super::{
    harness::check,
    script::{Script, binary, closed, text},
};

/// Sizes of 1.1.1 to 1.1.7; 1.1.8 is the last one in reads of 997, which `check` does with every case.
const SIZES: [usize; 8] = [0, 125, 126, 127, 128, 65_535, 65_536, 65_536];

#[test]
fn case_1_1_text() {
    for (index, size) in SIZES.into_iter().enumerate() {
        let payload = "*".repeat(size);
        check(&format!("1.1.{}", index + 1), &Script::new().text(&payload), &[text(&payload)]);
    }
}

#[test]
fn case_1_2_binary() {
    for (index, size) in SIZES.into_iter().enumerate() {
        let payload = vec![0xFE; size];
        check(&format!("1.2.{}", index + 1), &Script::new().binary(&payload), &[binary(&payload)]);
    }
}

#[test]
fn beyond_the_contracts_64_kib_is_1009() {
    let script = Script::new().binary(vec![0xFE; 65_537]);
    check("9.* at the limit", &script, &[closed(1009)]);
}
