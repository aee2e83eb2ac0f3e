//! Groups 6.5 to 6.23: the UTF-8 decoder table, in one frame and in two at every cut.

use super::{
    harness::check,
    script::{Reply, Script, closed},
    utf8_cases::{self, Case},
};

pub(crate) fn expected(case: &Case) -> Vec<Reply> {
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
