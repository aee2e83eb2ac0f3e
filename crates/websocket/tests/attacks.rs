//! Rows A20 to A25 of the attack table, as far as they are the protocol's.

use std::ops::ControlFlow;

use hereabouts_websocket::{
    Decoder, Limits, Message, Opcode, ProtocolError,
    client::{write_masked_fragment, write_masked_frame, write_raw_frame},
};

const MASK: [u8; 4] = [0xA1, 0x0B, 0x5C, 0xD2];

/// What a decoder may hold besides the message: itself, one control payload.
const OVERHEAD_BYTES: usize = 300;

fn feed(decoder: &mut Decoder, mut input: Vec<u8>) -> Result<usize, ProtocolError> {
    let mut n_messages = 0;
    decoder.feed(&mut input, &Limits::default(), &mut |_| {
        n_messages += 1;
        ControlFlow::Continue(())
    })?;
    Ok(n_messages)
}

fn fragment(opcode: Opcode, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_masked_fragment(&mut out, opcode, is_final, payload, MASK);
    out
}

/// The header of a binary frame that declares `payload_bytes`, without its payload.
fn header_of(payload_bytes: u64) -> Vec<u8> {
    [&[0x82, 0xFF][..], &payload_bytes.to_be_bytes(), &MASK].concat()
}

#[test]
fn a20_huge_declared_length_is_refused_at_the_header() {
    for payload_bytes in [65_537, 1 << 20, 1 << 32, (1 << 63) - 1] {
        let mut decoder = Decoder::new();
        let error = feed(&mut decoder, header_of(payload_bytes)).unwrap_err();
        assert_eq!(error.close_code(), 1009, "{payload_bytes} bytes");
        assert!(decoder.heap_bytes() < OVERHEAD_BYTES);
    }
}

#[test]
fn a20_a_length_is_refused_before_the_mask_has_come() {
    let header = header_of(1 << 40);
    assert_eq!(feed(&mut Decoder::new(), header[..10].to_vec()).unwrap_err().close_code(), 1009);
}

#[test]
fn a20_the_highest_bit_of_a_length_is_a_protocol_error() {
    assert_eq!(feed(&mut Decoder::new(), header_of(u64::MAX)), Err(ProtocolError::LengthOutOfRange));
}

#[test]
fn a20_a_declared_length_takes_no_memory_until_it_comes() {
    let mut decoder = Decoder::new();
    assert_eq!(feed(&mut decoder, header_of(65_536)), Ok(0));
    assert!(decoder.is_mid_message());
    assert!(decoder.heap_bytes() < OVERHEAD_BYTES, "{} bytes", decoder.heap_bytes());
    assert_eq!(feed(&mut decoder, vec![0; 10]), Ok(0));
    assert!(decoder.heap_bytes() < OVERHEAD_BYTES, "{} bytes", decoder.heap_bytes());
}

/// Counted at the allocator, not by what the decoder says of itself.
#[test]
fn a20_a_declared_length_allocates_nothing_and_a_heartbeat_neither() {
    let limits = Limits { max_message_bytes: 1 << 30, max_frame_bytes: 1 << 30, ..Limits::default() };
    let bytes_max = |input: &[u8]| {
        let (mut input, mut decoder) = (input.to_vec(), Decoder::new());
        let counted = allocation_counter::measure(|| {
            let _ = decoder.feed(&mut input, &limits, &mut |_| ControlFlow::Continue(()));
        });
        counted.bytes_max
    };
    for payload_bytes in [65_536, 1 << 20, 1 << 30] {
        let held = bytes_max(&header_of(payload_bytes));
        assert!(held < OVERHEAD_BYTES as u64, "{payload_bytes} bytes declared, {held} allocated");
    }
    let refused = bytes_max(&header_of((1 << 63) - 1));
    assert!(refused < OVERHEAD_BYTES as u64, "{refused} bytes to refuse 2^63 - 1");
    assert_eq!(bytes_max(&fragment(Opcode::Text, true, br#"{"type":"ping"}"#)), 0, "a whole message is lent");
    assert_eq!(bytes_max(&fragment(Opcode::Ping, true, &[7; 125])), 0);
    let begun = bytes_max(&[header_of(1 << 30), vec![0; 1_000]].concat());
    assert!(begun < 1_100 + OVERHEAD_BYTES as u64, "{begun} bytes for a thousand that came");
}

#[test]
fn a20_a_frame_limit_below_the_message_limit_holds() {
    let limits = Limits { max_frame_bytes: 16_384, ..Limits::default() };
    for (payload_bytes, code) in [(16_384, None), (16_385, Some(1009))] {
        let mut frame = fragment(Opcode::Binary, true, &vec![1; payload_bytes]);
        let fed = Decoder::new().feed(&mut frame, &limits, &mut |_| ControlFlow::Continue(()));
        assert_eq!(fed.err().map(|error| error.close_code()), code, "{payload_bytes} bytes");
    }
}

#[test]
fn a20_the_sum_of_fragments_is_limited_and_costs_no_more_than_itself() {
    let mut decoder = Decoder::new();
    feed(&mut decoder, fragment(Opcode::Binary, false, &[1; 10_000])).unwrap();
    for _ in 0..5 {
        feed(&mut decoder, fragment(Opcode::Continuation, false, &[1; 10_000])).unwrap();
    }
    assert!(decoder.heap_bytes() <= 65_536 + OVERHEAD_BYTES, "{} bytes", decoder.heap_bytes());
    let error = feed(&mut decoder, fragment(Opcode::Continuation, true, &[1; 5_537])).unwrap_err();
    assert_eq!(error, ProtocolError::MessageTooBig { max_bytes: 65_536 });
    assert!(decoder.heap_bytes() < OVERHEAD_BYTES, "an error gives the memory back");
}

#[test]
fn a20_fragments_that_just_fit_are_delivered() {
    let mut decoder = Decoder::new();
    feed(&mut decoder, fragment(Opcode::Binary, false, &vec![1; 60_000])).unwrap();
    assert_eq!(feed(&mut decoder, fragment(Opcode::Continuation, true, &[1; 5_536])), Ok(1));
    assert!(decoder.is_idle());
}

#[test]
fn a21_endless_empty_fragments_end_with_1008() {
    for payload in [&[][..], b"x"] {
        let mut decoder = Decoder::new();
        feed(&mut decoder, fragment(Opcode::Text, false, payload)).unwrap();
        let error = (1..1_000_000u32)
            .find_map(|n| {
                let fed = feed(&mut decoder, fragment(Opcode::Continuation, false, payload));
                assert!(decoder.heap_bytes() < 2_048 + OVERHEAD_BYTES, "after {n} fragments");
                fed.err().map(|error| (n, error))
            })
            .expect("a million fragments were taken");
        assert_eq!(error, (1_024, ProtocolError::TooManyFragments { max_fragments: 1_024 }));
        assert_eq!(error.1.close_code(), 1008);
    }
}

/// Where the operator allows any number of fragments, they still cost nothing: only bytes that came are kept.
#[test]
fn a21_a_million_empty_fragments_hold_no_memory_even_where_they_are_allowed() {
    let limits = Limits { max_fragments: u32::MAX, ..Limits::default() };
    let mut decoder = Decoder::new();
    feed(&mut decoder, fragment(Opcode::Text, false, b"")).unwrap();
    let thousand = fragment(Opcode::Continuation, false, b"").repeat(1_000);
    for n in 1..=1_000 {
        let fed = decoder.feed(&mut thousand.clone(), &limits, &mut |_| ControlFlow::Continue(()));
        assert_eq!(fed, Ok(()));
        assert!(decoder.is_mid_message(), "so that the gateway can end it after ten seconds");
        assert!(decoder.heap_bytes() < OVERHEAD_BYTES, "{} bytes after {n},000", decoder.heap_bytes());
    }
}

#[test]
fn a21_as_many_fragments_as_allowed_are_a_message() {
    let mut decoder = Decoder::new();
    feed(&mut decoder, fragment(Opcode::Text, false, &[b'x'; 64])).unwrap();
    for _ in 1..1_023 {
        assert_eq!(feed(&mut decoder, fragment(Opcode::Continuation, false, &[b'x'; 64])), Ok(0));
    }
    assert_eq!(feed(&mut decoder, fragment(Opcode::Continuation, true, &[b'x'; 64])), Ok(1));
}

#[test]
fn a21_a_slow_message_can_be_timed() {
    let mut decoder = Decoder::new();
    let frame = fragment(Opcode::Text, true, b"slow");
    for byte in &frame[..frame.len() - 1] {
        assert_eq!(feed(&mut decoder, vec![*byte]), Ok(0));
        assert!(decoder.is_mid_message() && !decoder.is_idle());
    }
    assert_eq!(feed(&mut decoder, frame[frame.len() - 1..].to_vec()), Ok(1));
    assert!(!decoder.is_mid_message() && decoder.is_idle());
}

/// Groups 6.* hold this for every sequence; here are the kinds the attack table names.
#[test]
fn a22_text_that_is_not_utf8_is_1007_and_split_characters_are_text() {
    for (what, bytes) in [
        ("a surrogate", &b"\xed\xa0\x80"[..]),
        ("an overlong slash", b"\xc0\xaf"),
        ("an overlong NUL", b"\xc0\x80"),
        ("above the last code point", b"\xf4\x90\x80\x80"),
        ("a lonely continuation byte", b"\x80"),
        ("a character cut by the end", b"\xce"),
    ] {
        assert_eq!(
            feed(&mut Decoder::new(), fragment(Opcode::Text, true, bytes)),
            Err(ProtocolError::InvalidUtf8),
            "{what}"
        );
    }
    let mut decoder = Decoder::new();
    for (index, byte) in "κ😀".bytes().enumerate() {
        let opcode = if index == 0 { Opcode::Text } else { Opcode::Continuation };
        assert_eq!(feed(&mut decoder, fragment(opcode, false, &[byte])), Ok(0));
    }
    assert_eq!(feed(&mut decoder, fragment(Opcode::Continuation, true, b"")), Ok(1));
}

#[test]
fn a23_broken_framing_is_1002() {
    for (what, bytes) in [
        ("unmasked text", &[0x81, 0x01, b'a'][..]),
        ("unmasked ping", &[0x89, 0x00]),
        ("reserved opcode", &[0x83, 0x80]),
        ("reserved bit", &[0xA1, 0x80]),
        ("fragmented ping", &[0x09, 0x80]),
        ("ping of 126 bytes", &[0x89, 0xFE, 0, 126]),
        ("length 5 in three bytes", &[0x81, 0xFE, 0, 5]),
        ("length 126 in nine bytes", &[0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0, 126]),
        ("orphan continuation", &[0x80, 0x80]),
        ("HTTP instead of frames", b"GET / HTTP/1.1\r\n\r\n"),
    ] {
        let error = feed(&mut Decoder::new(), bytes.to_vec()).expect_err(what);
        assert_eq!(error.close_code(), 1002, "{what}");
    }
}

#[test]
fn a24_each_ping_and_pong_is_a_message_to_count_and_leaves_nothing_behind() {
    let mut flood = Vec::new();
    for n in 0..100_000u32 {
        let opcode = if n % 2 == 0 { Opcode::Ping } else { Opcode::Pong };
        write_masked_frame(&mut flood, opcode, &n.to_be_bytes(), MASK);
    }
    let mut decoder = Decoder::new();
    assert_eq!(feed(&mut decoder, flood), Ok(100_000));
    assert!(decoder.is_idle());
}

#[test]
fn a24_the_caller_can_stop_in_the_middle_of_a_flood() {
    let mut flood = Vec::new();
    for _ in 0..1_000 {
        write_masked_frame(&mut flood, Opcode::Ping, b"", MASK);
    }
    let (mut decoder, mut n_seen) = (Decoder::new(), 0);
    for _ in 0..2 {
        let fed = decoder.feed(&mut flood.clone(), &Limits::default(), &mut |_| {
            n_seen += 1;
            if n_seen == 40 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(fed, Ok(()));
    }
    assert_eq!(n_seen, 40, "nothing is delivered after a break, not even by a later read");
    assert!(decoder.is_finished() && !decoder.is_mid_message());
}

#[test]
fn a25_compressed_frames_are_1002() {
    // `hello`, deflated, as permessage-deflate would send it: RSV1 on the first frame, on a later one, on a ping.
    let deflated = [0xCA, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
    for first_bytes in [&[0xC1][..], &[0xC2], &[0x01, 0xC0], &[0xC9]] {
        let mut bytes = Vec::new();
        for first_byte in first_bytes {
            let payload = if *first_byte == 0x01 { &b"text"[..] } else { &deflated };
            write_raw_frame(&mut bytes, *first_byte, payload, MASK);
        }
        assert_eq!(feed(&mut Decoder::new(), bytes), Err(ProtocolError::ReservedBits), "{first_bytes:02x?}");
    }
}

/// The heartbeat of every connection, every 30 s: no memory before, during or after.
#[test]
fn an_idle_connection_is_eight_bytes_and_a_heartbeat_allocates_nothing() {
    assert_eq!(size_of::<Decoder>(), 8);
    let mut scratch = Vec::new();
    write_masked_frame(&mut scratch, Opcode::Text, br#"{"type":"ping"}"#, MASK);
    let payload_at = scratch[6..].as_ptr();
    let mut decoder = Decoder::new();
    assert!(decoder.is_idle());
    let mut lent_from = None;
    let fed = decoder.feed(&mut scratch, &Limits::default(), &mut |message| {
        assert_eq!(message, Message::Text(r#"{"type":"ping"}"#));
        if let Message::Text(text) = message {
            lent_from = Some(text.as_ptr());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(fed, Ok(()));
    assert_eq!(lent_from, Some(payload_at), "lent from the scratch buffer, not copied");
    assert!(decoder.is_idle());
    assert_eq!(decoder.heap_bytes(), 0);
}
