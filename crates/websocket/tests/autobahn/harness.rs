//! An echo server without sockets, and the one way every case is run.

use std::ops::ControlFlow;

use hereabouts_websocket::{
    Decoder, Limits, Message, Opcode, client::parse_server_frame, write_close, write_close_reply, write_frame,
};

use super::script::{Reply, Script};

/// A server that sends every message back.
pub(crate) struct Echo {
    decoder: Decoder,
    limits: Limits,
    out: Vec<u8>,
}

impl Echo {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { decoder: Decoder::new(), limits, out: Vec::new() }
    }

    /// One read of the socket.
    pub(crate) fn read(&mut self, input: &[u8]) {
        let out = &mut self.out;
        let fed = self.decoder.feed(&mut input.to_vec(), &self.limits, &mut |message| {
            match message {
                Message::Text(text) => write_frame(out, Opcode::Text, text.as_bytes()),
                Message::Binary(payload) => write_frame(out, Opcode::Binary, payload),
                Message::Ping(payload) => write_frame(out, Opcode::Pong, payload),
                Message::Pong(_) => {}
                Message::Close(received) => write_close_reply(out, received),
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = fed {
            write_close(&mut self.out, error.close_code(), &error.to_string());
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.decoder.is_finished()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.decoder.is_idle()
    }

    /// The one frame written since this was last called; `None` when there is none, or more.
    pub(crate) fn take_frame(&mut self) -> Option<(Opcode, Vec<u8>)> {
        let out = std::mem::take(&mut self.out);
        let frame = parse_server_frame(&out).filter(|frame| frame.len == out.len())?;
        Some((frame.opcode, frame.payload.to_vec()))
    }

    /// Everything written so far. The frames must fill it exactly.
    pub(crate) fn replies(&self) -> Vec<Reply> {
        let (mut replies, mut rest) = (Vec::new(), &self.out[..]);
        while !rest.is_empty() {
            let frame = parse_server_frame(rest).expect("the server writes whole frames");
            rest = &rest[frame.len..];
            replies.push(match frame.opcode {
                Opcode::Text => Reply::Text(String::from_utf8(frame.payload.to_vec()).unwrap()),
                Opcode::Binary => Reply::Binary(frame.payload.to_vec()),
                Opcode::Pong => Reply::Pong(frame.payload.to_vec()),
                Opcode::Close => {
                    assert!(frame.payload.len() <= 125 && frame.payload.len() != 1);
                    Reply::Close(frame.payload.first_chunk().map(|&code| u16::from_be_bytes(code)))
                }
                other => panic!("the server never sends {other:?}"),
            });
        }
        replies
    }
}

/// Runs one case with the contract's limits, in whole, octet-wise and in 997-octet reads.
pub(crate) fn check(case: &str, script: &Script, expected: &[Reply]) {
    check_within(Limits::default(), case, script, expected);
}

/// Runs one case for several case numbers that differ only in how the bytes are cut, among others with each frame in a
/// read of its own, which Autobahn calls per-frame chopping. Frames here are shorter than 126 bytes.
pub(crate) fn check_by_frames(cases: &str, script: &Script, expected: &[Reply]) {
    check(cases, script, expected);
    let mut echo = Echo::new(Limits::default());
    script.frames().for_each(|frame| echo.read(frame));
    assert_eq!(echo.replies(), expected, "case {cases}, frame by frame");
}

/// Runs one case with other limits.
pub(crate) fn check_within(limits: Limits, case: &str, script: &Script, expected: &[Reply]) {
    for read_bytes in [usize::MAX, 1, 997] {
        let mut echo = Echo::new(limits);
        for read in script.bytes.chunks(read_bytes) {
            echo.read(read);
        }
        let replies = echo.replies();
        assert!(
            replies == expected,
            "case {case}, reads of {read_bytes}: {replies:.200?} not {expected:.200?}"
        );
        let must_be_finished = matches!(expected.last(), Some(Reply::Close(_)));
        assert_eq!(echo.is_finished(), must_be_finished, "case {case}, reads of {read_bytes}");
        assert_eq!(echo.is_idle(), !must_be_finished, "case {case}, reads of {read_bytes}: memory kept");
    }
}
