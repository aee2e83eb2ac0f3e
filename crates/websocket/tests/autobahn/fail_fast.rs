//! Groups 6.4 to 6.23, byte by byte: a text fails with the very byte that makes it wrong, however the reads are cut.

use hereabouts_websocket::{
    Limits,
    Opcode::{Continuation, Text},
};

use super::{
    harness::Echo,
    script::{Script, closed},
    text::{TOO_HIGH, VALID_PART},
    utf8_cases,
    utf8_frames::expected,
    utf8_rules::{Verdict, judge},
};

const EDITED: &[u8] = b"edited";

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

#[test]
fn case_6_5_to_6_23_in_two_reads_cut_at_every_byte() {
    for case in utf8_cases::all() {
        let bytes = Script::new().text(&case.bytes).bytes;
        for cut in 1..bytes.len() {
            let mut echo = Echo::new(Limits::default());
            echo.read(&bytes[..cut]);
            echo.read(&bytes[cut..]);
            assert_eq!(echo.replies(), expected(&case), "case {}, read cut at {cut}", case.number);
        }
    }
}

#[test]
fn case_6_5_to_6_23_fail_at_the_very_byte_that_is_wrong() {
    for case in utf8_cases::all() {
        let Verdict::InvalidAt(index) = judge(&case.bytes) else { continue };
        // Followed by more, so that only the bad byte itself can end it.
        let bytes = Script::new().text([&case.bytes[..], b"more"].concat()).bytes;
        let header_bytes = bytes.len() - case.bytes.len() - 4;
        let mut echo = Echo::new(Limits::default());
        for (position, byte) in bytes.iter().enumerate() {
            echo.read(&[*byte]);
            let must_fail = position >= header_bytes + index;
            assert_eq!(echo.is_finished(), must_fail, "case {}, byte {position}", case.number);
        }
    }
}
