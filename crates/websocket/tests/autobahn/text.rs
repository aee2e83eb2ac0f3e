//! Groups 6.1 to 6.4: empty fragments, UTF-8 across fragments, and failing at the first bad byte.

use hereabouts_websocket::{
    Limits,
    Opcode::{Continuation, Text},
};

use crate::{
    harness::{Echo, Script, check, closed, text},
    utf8_cases::COSMOS,
};

/// "κόσμε", a surrogate, "edited": invalid from its thirteenth byte on.
const INVALID: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64\x69\x74\x65\x64";

const VALID_PART: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
/// A code point above U+10FFFF, invalid from its second byte on.
const TOO_HIGH: &[u8] = b"\xf4\x90\x80\x80";
const EDITED: &[u8] = b"edited";

fn octets(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.chunks(1).collect()
}

#[test]
fn case_6_1_empty_fragments() {
    check("6.1.1", &Script::new().text(""), &[text("")]);
    check("6.1.2", &Script::new().fragments(&["", "", ""]), &[text("")]);
    let middle = "middle frame payload";
    check("6.1.3", &Script::new().fragments(&["", middle, ""]), &[text(middle)]);
}

#[test]
fn case_6_2_valid_text() {
    let hello = "Hello-µ@ßöäüàá-UTF-8!!";
    check("6.2.1", &Script::new().text(hello), &[text(hello)]);
    let (left, right) = hello.split_at(hello.find('ö').unwrap());
    check("6.2.2", &Script::new().fragments(&[left, right]), &[text(hello)]);
    check("6.2.3", &Script::new().fragments(&octets(hello.as_bytes())), &[text(hello)]);
    check("6.2.4", &Script::new().fragments(&octets(COSMOS.as_bytes())), &[text(COSMOS)]);
}

#[test]
fn case_6_3_invalid_text() {
    check("6.3.1", &Script::new().text(INVALID), &[closed(1007)]);
    check("6.3.2", &Script::new().fragments(&octets(INVALID)), &[closed(1007)]);
}

/// Feeds the parts one by one; the part with this index must be the one that fails.
fn check_fails_at(case: &str, failing: usize, parts: &[Vec<u8>]) {
    let mut echo = Echo::new(Limits::default());
    for (index, part) in parts.iter().enumerate() {
        echo.read(part);
        assert_eq!(echo.is_finished(), index >= failing, "case {case}, part {index}");
    }
    assert_eq!(echo.replies(), [closed(1007)], "case {case}");
}

fn frames(parts: [&[u8]; 3]) -> Vec<Vec<u8>> {
    let opcodes = [Text, Continuation, Continuation];
    let frame = |(opcode, part): (_, &[u8])| Script::new().frame(opcode, false, part).bytes;
    opcodes.into_iter().zip(parts).map(frame).collect()
}

#[test]
fn case_6_4_1_and_6_4_2_fail_in_the_fragment_with_the_bad_byte() {
    check_fails_at("6.4.1", 1, &frames([VALID_PART, TOO_HIGH, EDITED]));
    // The first byte of the bad character is still possible; the second is not.
    let first = [VALID_PART, &TOO_HIGH[..1]].concat();
    check_fails_at("6.4.2", 1, &frames([&first, &TOO_HIGH[1..2], EDITED]));
}

/// One frame, cut into reads at these payload positions.
fn reads(payload: &[u8], cuts: [usize; 2]) -> Vec<Vec<u8>> {
    let bytes = Script::new().text(payload).bytes;
    let header_bytes = bytes.len() - payload.len();
    let [first, second] = cuts.map(|cut| header_bytes + cut);
    [&bytes[..first], &bytes[first..second], &bytes[second..]].map(<[u8]>::to_vec).to_vec()
}

#[test]
fn case_6_4_3_and_6_4_4_fail_in_the_read_with_the_bad_byte() {
    let payload = [VALID_PART, TOO_HIGH, EDITED].concat();
    let valid_bytes = VALID_PART.len();
    check_fails_at("6.4.3", 1, &reads(&payload, [valid_bytes, valid_bytes + 4]));
    check_fails_at("6.4.4", 1, &reads(&payload, [valid_bytes + 1, valid_bytes + 2]));
}
