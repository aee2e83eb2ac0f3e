//! Groups 6.1 to 6.4: empty fragments, UTF-8 across fragments, and failing at the first bad byte.

use hereabouts_websocket::Opcode::{Continuation, Text};

use super::{
    harness::check,
    script::{Script, closed, text},
    utf8_cases::COSMOS,
};

/// "κόσμε", a surrogate, "edited": invalid from its thirteenth byte on.
const INVALID: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64\x69\x74\x65\x64";

pub(crate) const VALID_PART: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
/// A code point above U+10FFFF, invalid from its second byte on.
pub(crate) const TOO_HIGH: &[u8] = b"\xf4\x90\x80\x80";

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

/// The close comes although the message goes on: the bad byte is the last that was sent.
#[test]
fn case_6_4_fails_without_waiting_for_the_rest() {
    let first = |payload: &[u8]| Script::new().frame(Text, false, payload);
    let two = first(VALID_PART).frame(Continuation, false, TOO_HIGH);
    check("6.4.1", &two, &[closed(1007)]);
    let in_its_middle = first(&[VALID_PART, &TOO_HIGH[..1]].concat());
    check("6.4.2", &in_its_middle.frame(Continuation, false, &TOO_HIGH[1..2]), &[closed(1007)]);
    let whole = Script::new().text([VALID_PART, TOO_HIGH, b"edited"].concat()).bytes;
    let header_bytes = whole.len() - VALID_PART.len() - TOO_HIGH.len() - b"edited".len();
    for (case, payload_bytes) in [("6.4.3", VALID_PART.len() + 4), ("6.4.4", VALID_PART.len() + 2)] {
        check(case, &Script::new().bytes(&whole[..header_bytes + payload_bytes]), &[closed(1007)]);
    }
}
