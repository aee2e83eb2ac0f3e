//! Group 4: reserved opcodes.

use super::{
    harness::check,
    script::{Script, closed, text},
};

const HELLO: &str = "Hello, world!";

fn check_group(group: &str, first_opcode: u8) {
    let raw = |nth: u8| 0x80 | (first_opcode + nth);
    check(&format!("{group}.1"), &Script::new().raw(raw(0), ""), &[closed(1002)]);
    check(&format!("{group}.2"), &Script::new().raw(raw(1), "reserved opcode payload"), &[closed(1002)]);
    let script = Script::new().text(HELLO).raw(raw(2), "").ping("");
    check(&format!("{group}.3"), &script, &[text(HELLO), closed(1002)]);
    for nth in [3, 4] {
        let script = Script::new().text(HELLO).raw(raw(nth), "reserved opcode payload").ping("");
        check(&format!("{group}.{}", nth + 1), &script, &[text(HELLO), closed(1002)]);
    }
}

#[test]
fn case_4_1_data_opcodes_3_to_7() {
    check_group("4.1", 3);
}

#[test]
fn case_4_2_control_opcodes_11_to_15() {
    check_group("4.2", 11);
}

#[test]
fn reserved_opcodes_inside_a_message() {
    for opcode in (3..=7).chain(11..=15) {
        let script =
            Script::new().frame(hereabouts_websocket::Opcode::Text, false, "a").raw(0x80 | opcode, "");
        check(&format!("opcode {opcode} inside a message"), &script, &[closed(1002)]);
    }
}
