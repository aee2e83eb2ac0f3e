//! What holds for any bytes: how they are cut into reads changes nothing, and nothing panics or grows beyond its limit.

use std::ops::ControlFlow;

use hereabouts_websocket::{
    Decoder, Limits, Message, Opcode, ProtocolError,
    client::{parse_server_frame, write_masked_fragment, write_masked_frame},
    frame_len, write_frame, write_frame_with,
};
use proptest::{collection::vec, prelude::*};

/// Small limits, so that random input meets them.
const LIMITS: Limits = Limits { max_message_bytes: 600, max_frame_bytes: 400, max_fragments: 6 };

/// What a decoder may hold besides the message: itself, one control payload.
const OVERHEAD_BYTES: usize = 300;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
}

impl From<Message<'_>> for Owned {
    fn from(message: Message<'_>) -> Self {
        match message {
            Message::Text(text) => Self::Text(text.to_owned()),
            Message::Binary(payload) => Self::Binary(payload.to_vec()),
            Message::Ping(payload) => Self::Ping(payload.to_vec()),
            Message::Pong(payload) => Self::Pong(payload.to_vec()),
            Message::Close(close) => Self::Close(close.map(|(code, reason)| (code, reason.to_owned()))),
        }
    }
}

/// Everything one conversation gives.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    messages: Vec<Owned>,
    error: Option<ProtocolError>,
    is_mid_message: bool,
}

/// Feeds `bytes` in reads of these sizes, in turn.
fn decode(bytes: &[u8], read_sizes: &[usize]) -> Outcome {
    let (mut decoder, mut messages, mut error) = (Decoder::new(), Vec::new(), None);
    let (mut rest, mut sizes) = (bytes, read_sizes.iter().cycle());
    while !rest.is_empty() {
        let (read, after) =
            rest.split_at((*sizes.next().expect("there is at least one size")).clamp(1, rest.len()));
        rest = after;
        let fed = decoder.feed(&mut read.to_vec(), &LIMITS, &mut |message| {
            messages.push(Owned::from(message));
            ControlFlow::Continue(())
        });
        assert!(decoder.heap_bytes() <= LIMITS.max_message_bytes + OVERHEAD_BYTES);
        assert_eq!(decoder.heap_bytes() == 0, decoder.is_idle());
        if fed.is_err() {
            assert!(error.is_none() && decoder.is_finished(), "one error, then silence");
            error = fed.err();
        }
    }
    Outcome { messages, error, is_mid_message: decoder.is_mid_message() }
}

fn mask() -> impl Strategy<Value = [u8; 4]> {
    any::<[u8; 4]>()
}

/// A ping or pong.
fn control() -> impl Strategy<Value = Owned> {
    let payload = || vec(any::<u8>(), 0..=125);
    prop_oneof![payload().prop_map(Owned::Ping), payload().prop_map(Owned::Pong)]
}

fn data() -> impl Strategy<Value = Owned> {
    prop_oneof!["\\PC{0,60}".prop_map(Owned::Text), vec(any::<u8>(), 0..300).prop_map(Owned::Binary),]
}

/// A data message, where to cut it into fragments, and what stands between the fragments.
type Fragmented = (Owned, Vec<(prop::sample::Index, Option<Owned>)>);

fn fragmented() -> impl Strategy<Value = Fragmented> {
    (data(), vec((any::<prop::sample::Index>(), prop::option::of(control())), 0..5))
}

fn write_control(out: &mut Vec<u8>, message: &Owned, mask: [u8; 4]) {
    match message {
        Owned::Ping(payload) => write_masked_frame(out, Opcode::Ping, payload, mask),
        Owned::Pong(payload) => write_masked_frame(out, Opcode::Pong, payload, mask),
        other => unreachable!("{other:?} is no control message"),
    }
}

/// Writes the message in its fragments and notes what a decoder must deliver, in order.
fn write_fragmented(
    out: &mut Vec<u8>,
    (message, cuts): &Fragmented,
    mask: [u8; 4],
    expected: &mut Vec<Owned>,
) {
    let (mut opcode, payload) = match message {
        Owned::Text(text) => (Opcode::Text, text.as_bytes()),
        Owned::Binary(payload) => (Opcode::Binary, &payload[..]),
        other => unreachable!("{other:?} is no data message"),
    };
    let mut positions: Vec<usize> = cuts.iter().map(|(cut, _)| cut.index(payload.len() + 1)).collect();
    positions.sort_unstable();
    let mut start = 0;
    for (end, (_, between)) in positions.into_iter().zip(cuts) {
        write_masked_fragment(out, opcode, false, &payload[start..end], mask);
        (opcode, start) = (Opcode::Continuation, end);
        if let Some(control) = between {
            write_control(out, control, mask);
            expected.push(control.clone());
        }
    }
    write_masked_fragment(out, opcode, true, &payload[start..], mask);
    expected.push(message.clone());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_any_valid_frames_gives_the_same_messages(
        conversation in vec((fragmented(), mask()), 0..6),
        read_sizes in vec(1usize..200, 1..8),
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for (message, mask) in &conversation {
            write_fragmented(&mut bytes, message, *mask, &mut expected);
        }
        let expected = Outcome { messages: expected, error: None, is_mid_message: false };
        prop_assert_eq!(&decode(&bytes, &[usize::MAX]), &expected);
        prop_assert_eq!(&decode(&bytes, &[1]), &expected);
        prop_assert_eq!(&decode(&bytes, &read_sizes), &expected);
    }

    #[test]
    fn random_bytes_never_panic_and_never_depend_on_the_reads(
        bytes in vec(any::<u8>(), 0..400),
        read_sizes in vec(1usize..50, 1..8),
    ) {
        prop_assert_eq!(decode(&bytes, &read_sizes), decode(&bytes, &[usize::MAX]));
    }

    /// Almost valid frames reach further than noise does.
    #[test]
    fn damaged_frames_never_panic_and_never_depend_on_the_reads(
        conversation in vec((fragmented(), mask()), 1..6),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
        read_sizes in vec(1usize..200, 1..8),
    ) {
        let mut bytes = Vec::new();
        for (message, mask) in &conversation {
            write_fragmented(&mut bytes, message, *mask, &mut Vec::new());
        }
        for (position, byte) in damage {
            let position = position.index(bytes.len());
            bytes[position] = byte;
        }
        bytes.truncate(end.index(bytes.len() + 1));
        let whole = decode(&bytes, &[usize::MAX]);
        prop_assert_eq!(&decode(&bytes, &read_sizes), &whole);
        prop_assert_eq!(&decode(&bytes, &[1]), &whole);
    }

    #[test]
    fn frames_out_have_the_length_that_frame_len_says(
        payloads in vec(vec(any::<u8>(), 0..300), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let (mut copied, mut in_place) = (Vec::new(), Vec::new());
        for payload in &payloads {
            write_frame(&mut copied, Opcode::Binary, payload);
            write_frame_with(&mut in_place, Opcode::Binary, |out| out.extend_from_slice(payload));
        }
        prop_assert_eq!(&copied, &in_place);
        let mut rest = &copied[..];
        for payload in &payloads {
            let frame = parse_server_frame(rest).unwrap();
            prop_assert_eq!((frame.payload, Some(frame.len)), (&payload[..], frame_len(rest)));
            rest = &rest[frame.len..];
        }
        prop_assert!(rest.is_empty());
        // A buffer cut anywhere: never a panic, and never a frame that is not whole.
        let cut = &copied[..cut.index(copied.len() + 1)];
        if let Some(frame) = parse_server_frame(cut) {
            prop_assert!(frame.len <= cut.len());
        }
    }
}
