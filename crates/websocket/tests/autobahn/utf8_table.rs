//! Groups 6.5 to 6.23: the UTF-8 decoder table, in one frame, in two at every cut, and read by read at every cut.

use std::ops::ControlFlow;

use hereabouts_websocket::{Decoder, Limits, Message};

use crate::{
    harness::{Echo, Reply, Script, check, closed},
    utf8_cases::{self, Case},
    utf8_rules::{Verdict, judge},
};

#[test]
fn case_6_5_to_6_23_are_132_and_agree_with_the_unicode_table() {
    let cases = utf8_cases::all();
    assert_eq!(cases.len(), 132);
    for Case { number, bytes, is_valid } in cases {
        assert_eq!(judge(&bytes) == Verdict::Valid, is_valid, "case {number}");
    }
}

fn expected(case: &Case) -> Vec<Reply> {
    match str::from_utf8(&case.bytes) {
        Ok(text) if case.is_valid => vec![Reply::Text(text.to_owned())],
        _ => vec![closed(1007)],
    }
}

#[test]
fn case_6_5_to_6_23_in_one_frame() {
    for case in utf8_cases::all() {
        check(&case.number, &Script::new().text(&case.bytes), &expected(&case));
    }
}

#[test]
fn case_6_5_to_6_23_in_two_frames_cut_at_every_byte() {
    for case in utf8_cases::all() {
        for cut in 0..=case.bytes.len() {
            let (left, right) = case.bytes.split_at(cut);
            let script = Script::new().fragments(&[left, right]);
            check(&format!("{}, fragments cut at {cut}", case.number), &script, &expected(&case));
        }
    }
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

/// Whether a fragmented text with these bytes passes, and whether its unfinished half already fails.
fn decode(bytes: &[u8]) -> Verdict {
    let fails = |is_final| {
        let mut read = Script::new().frame(hereabouts_websocket::Opcode::Text, is_final, bytes).bytes;
        let mut deliver = |_: Message<'_>| ControlFlow::Continue(());
        Decoder::new().feed(&mut read, &Limits::default(), &mut deliver).is_err()
    };
    match (fails(false), fails(true)) {
        (false, false) => Verdict::Valid,
        (false, true) => Verdict::Incomplete,
        (true, _) => Verdict::InvalidAt(0),
    }
}

/// All sequences of two bytes, and of three and four with a continuation byte at the borders of the table's ranges.
#[test]
fn all_short_sequences_agree_with_the_unicode_table() {
    const BORDERS: [u8; 8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF];
    let check = |bytes: &[u8]| {
        let by_table = match judge(bytes) {
            Verdict::InvalidAt(_) => Verdict::InvalidAt(0),
            other => other,
        };
        assert_eq!(decode(bytes), by_table, "{bytes:02x?}");
    };
    for first in 0..=u8::MAX {
        check(&[first]);
        for second in 0..=u8::MAX {
            check(&[first, second]);
        }
        for second in BORDERS {
            for third in BORDERS {
                check(&[first, second, third]);
                for fourth in BORDERS {
                    check(&[first, second, third, fourth]);
                }
            }
        }
    }
}
