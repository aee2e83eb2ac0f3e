//! Groups 9 and 10: what a case sends, and in which pieces. Shared with the server's tests, like `script`.

use std::ops::Range;

use hereabouts_websocket::{
    Limits,
    Opcode::{Binary, Continuation, Text},
};

use super::script::Script;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What an echo must allow for these groups: messages of 16 MiB, and 4 MiB in pieces of 64 bytes.
pub(crate) const LIMITS: Limits =
    Limits { max_message_bytes: 16 * MIB, max_frame_bytes: 16 * MIB, max_fragments: 65_536 };

/// The cases of every run of the tests.
const CHOSEN: [&str; 12] = [
    "9.1.1", "9.1.6", "9.2.6", "9.3.1", "9.3.9", "9.4.4", "9.5.1", "9.6.6", "9.7.1", "9.7.6", "9.8.3",
    "10.1.1",
];

/// How the messages of a case are sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// One message in frames of so many bytes.
    Fragments(usize),
    /// One message in one frame, written so many bytes at a time.
    Chops(usize),
    /// A thousand messages, each sent when the answer to the one before is there.
    RoundTrips,
}

/// One case.
#[derive(Debug, Clone)]
pub(crate) struct LargeCase {
    pub(crate) number: String,
    pub(crate) is_text: bool,
    pub(crate) message_bytes: usize,
    pub(crate) shape: Shape,
}

impl LargeCase {
    /// The message, in the frames it is sent in.
    pub(crate) fn script(&self) -> Script {
        let payload = self.payload();
        let fragment_bytes = match self.shape {
            Shape::Fragments(fragment_bytes) => fragment_bytes,
            Shape::Chops(_) | Shape::RoundTrips => payload.len().max(1),
        };
        let n_fragments = payload.len().div_ceil(fragment_bytes).max(1);
        (0..n_fragments).fold(Script::new(), |script, index| {
            let piece: Range<usize> =
                index * fragment_bytes..((index + 1) * fragment_bytes).min(payload.len());
            let first = if self.is_text { Text } else { Binary };
            let opcode = if index == 0 { first } else { Continuation };
            script.frame(opcode, index + 1 == n_fragments, &payload[piece])
        })
    }

    /// What is sent and must come back. Not periodic in any power of two, so that a slip shows.
    pub(crate) fn payload(&self) -> Vec<u8> {
        let alphabet: &[u8] = if self.is_text { b"BAsd7&jh23" } else { &[0xFE, 0x00, 0x7F, 0x80, 0x01] };
        alphabet.iter().copied().cycle().take(self.message_bytes).collect()
    }
}

/// Set by `cargo xtask deep`: all cases are held, not only the chosen ones.
const DEEP_VARIABLE: &str = "HEREABOUTS_DEEP";

/// The cases to hold in this run.
pub(crate) fn due() -> Vec<LargeCase> {
    let is_deep = std::env::var_os(DEEP_VARIABLE).is_some();
    let mut cases = all();
    cases.retain(|case| is_deep || CHOSEN.contains(&case.number.as_str()));
    assert_eq!(cases.len(), if is_deep { 55 } else { CHOSEN.len() });
    cases
}

/// All of them.
fn all() -> Vec<LargeCase> {
    let sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
    let fragments = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
    let chops = [64, 128, 256, 512, KIB, 2 * KIB];
    let round_trips = [0, 16, 64, 256, KIB, 4 * KIB];
    let mut cases = Vec::new();
    for (offset, is_text) in [(0, true), (1, false)] {
        cases.extend(group(1 + offset, is_text, sizes.map(|size| (size, Shape::Fragments(size)))));
        cases.extend(group(3 + offset, is_text, fragments.map(|size| (4 * MIB, Shape::Fragments(size)))));
        cases.extend(group(5 + offset, is_text, chops.map(|size| (MIB, Shape::Chops(size)))));
        cases.extend(group(7 + offset, is_text, round_trips.map(|size| (size, Shape::RoundTrips))));
    }
    let shape = Shape::Fragments(1300);
    cases.push(LargeCase { number: "10.1.1".to_owned(), is_text: true, message_bytes: 65_536, shape });
    cases
}

fn group<const N: usize>(
    number: u32,
    is_text: bool,
    cases: [(usize, Shape); N],
) -> impl Iterator<Item = LargeCase> {
    cases.into_iter().enumerate().map(move |(index, (message_bytes, shape))| LargeCase {
        number: format!("9.{number}.{}", index + 1),
        is_text,
        message_bytes,
        shape,
    })
}
