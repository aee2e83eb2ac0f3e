//! The UTF-8 table of the Unicode Standard, against Autobahn's cases and against our decoder.

use std::ops::ControlFlow;

use hereabouts_websocket::{Decoder, Limits, Message};

use super::{
    script::Script,
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
