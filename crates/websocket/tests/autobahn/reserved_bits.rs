//! Group 3: reserved bits. RSV 1 to 7 stand in bits 4 to 6 of the first byte.

use super::{
    harness::check,
    script::{Script, closed, text},
};

const HELLO: &str = "Hello, world!";

fn rsv(bits: u8, opcode: u8) -> u8 {
    0x80 | bits << 4 | opcode
}

#[test]
fn case_3_1_text_with_rsv_1() {
    check("3.1", &Script::new().raw(rsv(1, 0x1), HELLO), &[closed(1002)]);
}

#[test]
fn case_3_2_to_3_4_after_a_good_message_and_before_a_ping() {
    for (case, bits) in [("3.2", 2), ("3.3", 3), ("3.4", 4)] {
        let script = Script::new().text(HELLO).raw(rsv(bits, 0x1), HELLO).ping("");
        check(case, &script, &[text(HELLO), closed(1002)]);
    }
}

#[test]
fn case_3_5_to_3_7_binary_ping_and_close() {
    for (case, bits, opcode) in [("3.5", 5, 0x2), ("3.6", 6, 0x9), ("3.7", 7, 0x8)] {
        check(case, &Script::new().raw(rsv(bits, opcode), ""), &[closed(1002)]);
        check(case, &Script::new().raw(rsv(bits, opcode), [0xFE; 8]), &[closed(1002)]);
    }
}

#[test]
fn every_reserved_bit_on_every_opcode() {
    for bits in 1..=7 {
        for opcode in [0x0, 0x1, 0x2, 0x8, 0x9, 0xA] {
            let case = format!("RSV {bits} on opcode {opcode}");
            check(&case, &Script::new().raw(rsv(bits, opcode), "").ping(""), &[closed(1002)]);
        }
    }
}
