//! Bytes from a client in, messages out.

use std::{fmt, ops::ControlFlow};

use crate::{
    Limits, Opcode, ProtocolError,
    assembly::{Assembly, OpenFrame, PartialMessage},
    close::parse_close,
    header::{Context, Header},
    limits::MAX_CONTROL_BYTES,
    mask::{advance_mask, apply_mask},
};

/// One message of a client, lent for the time of the call.
///
/// Its `Debug` form gives lengths only: a message may carry a token, and no token may reach a log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Text, known to be UTF-8.
    Text(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// To be answered with a pong of the same payload (at most 125 bytes).
    Ping(&'a [u8]),
    /// An answer to a ping of ours, or an unasked sign of life.
    Pong(&'a [u8]),
    /// The last message: its code and reason, if it gave any. To be answered with [`crate::write_close_reply`].
    Close(Option<(u16, &'a str)>),
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(payload) => write!(f, "Binary({} bytes)", payload.len()),
            Self::Ping(payload) => write!(f, "Ping({} bytes)", payload.len()),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close(Some((code, reason))) => write!(f, "Close({code}, {} bytes)", reason.len()),
            Self::Close(None) => write!(f, "Close"),
        }
    }
}

/// The reading half of one connection.
///
/// One pointer, and a null one while nothing is half read. Its `Debug` form shows no payload.
#[derive(Default)]
pub struct Decoder(Option<Box<Assembly>>);

/// What is left of the input after a step, and whether to go on.
type Step<'i> = (&'i mut [u8], ControlFlow<()>);

/// Who is told of each message.
type OnMessage<'f> = dyn FnMut(Message<'_>) -> ControlFlow<()> + 'f;

impl Decoder {
    /// A decoder at the start of a connection.
    pub const fn new() -> Self {
        Self(None)
    }

    /// Reads all of `input`, unmasking it in place, and calls `on_message` for each message that is whole.
    ///
    /// A message in one frame that lies whole in `input` is lent from it; any other is put together first. Control
    /// frames inside a fragmented message come before it, in the order they were sent.
    ///
    /// After a [`Message::Close`], after a `Break` from `on_message`, or after an error, the rest of `input` and all
    /// later input is dropped unread. Messages before an error have been delivered.
    pub fn feed(
        &mut self,
        input: &mut [u8],
        limits: &Limits,
        on_message: &mut OnMessage<'_>,
    ) -> Result<(), ProtocolError> {
        let mut rest = input;
        while !rest.is_empty() && !self.is_finished() {
            match self.step(rest, limits, on_message) {
                Ok((after, ControlFlow::Continue(()))) => rest = after,
                Ok((_, ControlFlow::Break(()))) => {
                    self.finish();
                    break;
                }
                Err(error) => {
                    self.finish();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Whether a frame or message is half read. The caller gives it a time to end, so that nobody can hold memory by
    /// sending slowly; any [`Message::Text`] or [`Message::Binary`] in between starts that time anew.
    pub fn is_mid_message(&self) -> bool {
        self.0.as_ref().is_some_and(|assembly| !assembly.is_finished)
    }

    /// Whether nothing is half read and more may come: no memory is held.
    pub fn is_idle(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the conversation is over and further input is dropped.
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_some_and(|assembly| assembly.is_finished)
    }

    /// The bytes held on the heap: 0 when idle, never more than the message limit and 300 bytes.
    pub fn heap_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |assembly| assembly.heap_bytes())
    }

    /// Reads one frame, or as much of it as there is.
    fn step<'i>(
        &mut self,
        input: &'i mut [u8],
        limits: &Limits,
        on_message: &mut OnMessage<'_>,
    ) -> Result<Step<'i>, ProtocolError> {
        let (mut frame, input) = match self.take_open_frame() {
            Some(frame) => (frame, input),
            None => match self.read_header(input, limits)? {
                Some((header, n_taken)) => (OpenFrame::from(header), &mut input[n_taken..]),
                None => return Ok((&mut [], ControlFlow::Continue(()))),
            },
        };
        let n_here = frame.remaining_bytes.min(input.len());
        let (payload, rest) = input.split_at_mut(n_here);
        apply_mask(payload, frame.mask);
        advance_mask(&mut frame.mask, n_here);
        frame.remaining_bytes -= n_here;
        let flow = if frame.opcode.is_control() {
            self.read_control(frame, payload, on_message)?
        } else {
            self.read_data(frame, payload, limits, on_message)?
        };
        self.release();
        Ok((rest, flow))
    }

    fn take_open_frame(&mut self) -> Option<OpenFrame> {
        self.0.as_mut()?.frame.take()
    }

    /// The next header and how much of `input` it took; `None` when all of `input` was kept as the start of one.
    fn read_header(
        &mut self,
        input: &[u8],
        limits: &Limits,
    ) -> Result<Option<(Header, usize)>, ProtocolError> {
        let message = self.0.as_ref().and_then(|assembly| assembly.message.as_ref());
        let context = Context { limits, message_bytes: message.map(|message| message.bytes().len()) };
        let n_kept = self.0.as_ref().map_or(0, |assembly| assembly.head.as_slice().len());
        let parsed = if n_kept == 0 {
            Header::parse(input, context)?
        } else {
            let head = &mut self.assembly().head;
            head.push(input);
            Header::parse(head.as_slice(), context)?
        };
        let Some((header, header_bytes)) = parsed else {
            if n_kept == 0 {
                self.assembly().head.push(input);
            }
            return Ok(None);
        };
        if let Some(assembly) = &mut self.0 {
            assembly.head.clear();
            if let (Opcode::Continuation, Some(message)) = (header.opcode, &mut assembly.message) {
                message.begin_fragment(limits.max_fragments)?;
            }
        }
        Ok(Some((header, header_bytes - n_kept)))
    }

    /// `payload` is the next part of a ping, pong or close.
    fn read_control(
        &mut self,
        frame: OpenFrame,
        payload: &[u8],
        on_message: &mut OnMessage<'_>,
    ) -> Result<ControlFlow<()>, ProtocolError> {
        if frame.remaining_bytes > 0 {
            let assembly = self.assembly();
            assembly.control.reserve_exact(MAX_CONTROL_BYTES - assembly.control.len());
            assembly.control.extend_from_slice(payload);
            assembly.frame = Some(frame);
            return Ok(ControlFlow::Continue(()));
        }
        let mut kept =
            self.0.as_mut().map(|assembly| std::mem::take(&mut assembly.control)).unwrap_or_default();
        if kept.is_empty() {
            return deliver_control(frame.opcode, payload, on_message);
        }
        kept.extend_from_slice(payload);
        deliver_control(frame.opcode, &kept, on_message)
    }

    /// `payload` is the next part of a text or binary message.
    fn read_data(
        &mut self,
        frame: OpenFrame,
        payload: &[u8],
        limits: &Limits,
        on_message: &mut OnMessage<'_>,
    ) -> Result<ControlFlow<()>, ProtocolError> {
        let is_text = frame.opcode == Opcode::Text;
        let ends_message = frame.is_final && frame.remaining_bytes == 0;
        let message = self.0.as_mut().and_then(|assembly| assembly.message.take());
        let mut message = match message {
            None if ends_message => return deliver_data(is_text, payload, on_message),
            None => PartialMessage::new(is_text),
            Some(message) => message,
        };
        message.push(payload, limits.max_message_bytes)?;
        if ends_message {
            return deliver_data(message.is_text(), message.bytes(), on_message);
        }
        let assembly = self.assembly();
        assembly.message = Some(message);
        assembly.frame = (frame.remaining_bytes > 0).then_some(frame);
        Ok(ControlFlow::Continue(()))
    }

    fn assembly(&mut self) -> &mut Assembly {
        self.0.get_or_insert_default()
    }

    /// Gives the memory back when nothing is half read any more.
    fn release(&mut self) {
        self.0.take_if(|assembly| assembly.is_empty());
    }

    fn finish(&mut self) {
        self.0 = Some(Box::new(Assembly { is_finished: true, ..Assembly::default() }));
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("is_finished", &self.is_finished())
            .field("heap_bytes", &self.heap_bytes())
            .finish()
    }
}

fn deliver_control(
    opcode: Opcode,
    payload: &[u8],
    on_message: &mut OnMessage<'_>,
) -> Result<ControlFlow<()>, ProtocolError> {
    Ok(match opcode {
        Opcode::Ping => on_message(Message::Ping(payload)),
        Opcode::Pong => on_message(Message::Pong(payload)),
        _ => {
            // A close is the last message whatever the caller answers.
            let _ = on_message(Message::Close(parse_close(payload)?));
            ControlFlow::Break(())
        }
    })
}

fn deliver_data(
    is_text: bool,
    payload: &[u8],
    on_message: &mut OnMessage<'_>,
) -> Result<ControlFlow<()>, ProtocolError> {
    if !is_text {
        return Ok(on_message(Message::Binary(payload)));
    }
    let text = str::from_utf8(payload).map_err(|_| ProtocolError::InvalidUtf8)?;
    Ok(on_message(Message::Text(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_forms_show_no_payload() {
        let mut frame = Vec::new();
        crate::client::write_masked_fragment(&mut frame, Opcode::Text, false, b"secret", [1, 2, 3, 4]);
        let mut decoder = Decoder::new();
        decoder.feed(&mut frame, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        let secret = b"secret";
        for debug in [
            format!("{decoder:?}"),
            format!("{:?}", Message::Text("secret")),
            format!("{:?} {:?}", Message::Binary(secret), Message::Ping(secret)),
            format!("{:?} {:?}", Message::Pong(secret), Message::Close(Some((1000, "secret")))),
        ] {
            assert!(!debug.contains("secret") && !debug.contains("115, 101"), "{debug}");
        }
    }
}
