//! For any bytes of a client: how they are cut into reads changes nothing, memory stays within its limit, and
//! tungstenite reads the same messages from them.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use hereabouts_websocket::{Decoder, Limits, Message, ProtocolError};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Message as Theirs, WebSocket};

/// Small, so that short inputs reach them.
const LIMITS: Limits = Limits { max_message_bytes: 2_000, max_frame_bytes: 1_500, max_fragments: 12 };
/// What a decoder may hold besides the message: itself and one control payload.
const OVERHEAD_BYTES: usize = 300;

/// The first byte says how the others are cut into reads.
pub(crate) fn check(bytes: &[u8]) {
    let Some((&cut, bytes)) = bytes.split_first() else { return };
    let whole = decode(bytes, usize::MAX);
    assert_eq!(decode(bytes, 1), whole, "byte by byte");
    assert_eq!(decode(bytes, usize::from(cut).max(1)), whole, "in reads of {cut}");
    compare(&whole, &their_messages(bytes));
}

#[derive(Debug, PartialEq, Eq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close,
}

#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    messages: Vec<Owned>,
    error: Option<ProtocolError>,
}

fn decode(bytes: &[u8], read_bytes: usize) -> Outcome {
    let (mut decoder, mut messages, mut error) = (Decoder::new(), Vec::new(), None);
    for read in bytes.chunks(read_bytes) {
        let fed = decoder.feed(&mut read.to_vec(), &LIMITS, &mut |message| {
            messages.push(match message {
                Message::Text(text) => Owned::Text(text.to_owned()),
                Message::Binary(payload) => Owned::Binary(payload.to_vec()),
                Message::Ping(payload) => Owned::Ping(payload.to_vec()),
                Message::Pong(payload) => Owned::Pong(payload.to_vec()),
                Message::Close(_) => Owned::Close,
            });
            ControlFlow::Continue(())
        });
        assert!(decoder.heap_bytes() <= LIMITS.max_message_bytes + OVERHEAD_BYTES);
        if let Err(found) = fed {
            assert!(error.is_none() && decoder.is_finished(), "one error, then silence");
            error = Some(found);
        }
    }
    Outcome { messages, error }
}

/// What tungstenite reads before its first error or the end.
fn their_messages(bytes: &[u8]) -> Vec<Owned> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMITS.max_message_bytes))
        .max_frame_size(Some(LIMITS.max_frame_bytes));
    let mut socket = WebSocket::from_raw_socket(Client { rest: bytes }, Role::Server, Some(config));
    let mut messages = Vec::new();
    while let Ok(message) = socket.read() {
        messages.push(match message {
            Theirs::Text(text) => Owned::Text(text.as_str().to_owned()),
            Theirs::Binary(payload) => Owned::Binary(payload.to_vec()),
            Theirs::Ping(payload) => Owned::Ping(payload.to_vec()),
            Theirs::Pong(payload) => Owned::Pong(payload.to_vec()),
            Theirs::Close(_) => Owned::Close,
            Theirs::Frame(_) => unreachable!("a reader gives messages"),
        });
    }
    messages
}

/// We are stricter (lengths, early UTF-8, number of fragments), so of a stream we refuse they may read on. But what we
/// read, they read too, and of a stream we take to its end they read no more than we do. They differ once: a close
/// with a code they do not know, which ends the stream for both.
fn compare(ours: &Outcome, theirs: &[Owned]) {
    let until_close = ours.messages.iter().take_while(|message| **message != Owned::Close);
    let n_ours = until_close.count();
    let n_common = n_ours.min(theirs.len());
    assert_eq!(ours.messages[..n_common], theirs[..n_common]);
    assert!(theirs.len() >= n_ours, "tungstenite refuses what we take: {ours:?}");
    if ours.error.is_none() {
        assert!(theirs.len() <= n_ours + 1, "tungstenite reads more than we do: {theirs:?}");
        assert!(theirs.get(n_ours).is_none_or(|message| *message == Owned::Close), "{theirs:?}");
    }
}

/// A socket that gives the bytes and takes any answer.
struct Client<'a> {
    rest: &'a [u8],
}

impl Read for Client<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.rest.read(buffer)
    }
}

impl Write for Client<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
