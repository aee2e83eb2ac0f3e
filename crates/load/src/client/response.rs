//! Reads HTTP/1.1 responses from bytes as they come: by length, in chunks, or to the end of the connection.

use anyhow::{Context, Result, bail};

/// A head longer than this is a fault.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// One answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// HTTP status.
    pub(crate) status: u16,
    /// The `ETag`, quotes included.
    pub(crate) etag: Option<String>,
    /// What it carried; empty when the reader was told not to keep it.
    pub(crate) body: Vec<u8>,
    /// Length of the body, kept or not.
    pub(crate) n_body_bytes: usize,
}

/// The state of reading one response after the other.
#[derive(Debug)]
pub(crate) struct ResponseReader {
    state: State,
    head: Vec<u8>,
    response: Response,
    keep_body: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Length {
        left: usize,
    },
    ChunkSize {
        value: usize,
        in_extension: bool,
    },
    Chunk {
        left: usize,
    },
    /// The line end behind a chunk.
    ChunkEnd,
    /// The lines behind the last chunk; `line_bytes` of the current one were read.
    Trailer {
        line_bytes: usize,
    },
    ToEnd,
    Done,
}

impl ResponseReader {
    /// A reader that keeps bodies, or only counts them.
    pub(crate) fn new(keep_body: bool) -> Self {
        Self { state: State::Head, head: Vec::new(), response: Response::default(), keep_body }
    }

    /// Takes in bytes; returns how many belong to this response. After it is complete: none.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<usize> {
        let mut used = 0;
        while used < bytes.len() && self.state != State::Done {
            used += self.step(&bytes[used..])?;
        }
        Ok(used)
    }

    /// The complete response, once; the reader then waits for the next.
    pub(crate) fn take(&mut self) -> Option<Response> {
        (self.state == State::Done).then(|| {
            self.state = State::Head;
            std::mem::take(&mut self.response)
        })
    }

    /// The server closed the connection: ends a body that has no length.
    pub(crate) fn end_of_stream(&mut self) {
        if self.state == State::ToEnd {
            self.state = State::Done;
        }
    }

    /// Whether a response has begun and is not complete.
    pub(crate) fn is_in_response(&self) -> bool {
        self.state != State::Head || !self.head.is_empty()
    }

    fn step(&mut self, bytes: &[u8]) -> Result<usize> {
        match self.state {
            State::Head => self.read_head(bytes[0]).map(|()| 1),
            State::Length { left } => {
                let n_bytes = self.read_body(bytes, left);
                self.state =
                    if n_bytes == left { State::Done } else { State::Length { left: left - n_bytes } };
                Ok(n_bytes)
            }
            State::Chunk { left } => {
                let n_bytes = self.read_body(bytes, left);
                self.state =
                    if n_bytes == left { State::ChunkEnd } else { State::Chunk { left: left - n_bytes } };
                Ok(n_bytes)
            }
            State::ToEnd => Ok(self.read_body(bytes, usize::MAX)),
            State::ChunkSize { value, in_extension } => {
                self.read_chunk_size(bytes[0], value, in_extension).map(|()| 1)
            }
            State::ChunkEnd => {
                if bytes[0] == b'\n' {
                    self.state = State::ChunkSize { value: 0, in_extension: false };
                }
                Ok(1)
            }
            State::Trailer { line_bytes } => {
                self.state = match (bytes[0], line_bytes) {
                    (b'\n', 0) => State::Done,
                    (b'\n', _) => State::Trailer { line_bytes: 0 },
                    (b'\r', _) => State::Trailer { line_bytes },
                    _ => State::Trailer { line_bytes: line_bytes + 1 },
                };
                Ok(1)
            }
            State::Done => Ok(0),
        }
    }

    fn read_head(&mut self, byte: u8) -> Result<()> {
        self.head.push(byte);
        if self.head.ends_with(b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&self.head).into_owned();
            self.head.clear();
            self.begin_body(&head)?;
        } else if self.head.len() > MAX_HEAD_BYTES {
            bail!("a response head of more than {MAX_HEAD_BYTES} bytes");
        }
        Ok(())
    }

    fn begin_body(&mut self, head: &str) -> Result<()> {
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        self.response.status = status.with_context(|| format!("no status in {:?}", head.lines().next()))?;
        self.response.etag = header(head, "etag").map(str::to_owned);
        let without_body = matches!(self.response.status, 100..200 | 204 | 304);
        self.state = if without_body {
            State::Done
        } else if header(head, "transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            State::ChunkSize { value: 0, in_extension: false }
        } else {
            match header(head, "content-length").map(str::parse) {
                Some(Ok(0)) => State::Done,
                Some(Ok(left)) => State::Length { left },
                Some(Err(_)) => bail!("a Content-Length that is no number"),
                None => State::ToEnd,
            }
        };
        Ok(())
    }

    fn read_body(&mut self, bytes: &[u8], left: usize) -> usize {
        let n_bytes = bytes.len().min(left);
        if self.keep_body {
            self.response.body.extend_from_slice(&bytes[..n_bytes]);
        }
        self.response.n_body_bytes += n_bytes;
        n_bytes
    }

    fn read_chunk_size(&mut self, byte: u8, value: usize, in_extension: bool) -> Result<()> {
        self.state = match byte {
            b'\n' if value == 0 => State::Trailer { line_bytes: 0 },
            b'\n' => State::Chunk { left: value },
            b'\r' => State::ChunkSize { value, in_extension },
            _ if in_extension || byte == b';' => State::ChunkSize { value, in_extension: true },
            _ => {
                let digit = (byte as char).to_digit(16).context("a chunk size that is no number")?;
                let value = value.checked_mul(16).context("an absurd chunk size")? + digit as usize;
                State::ChunkSize { value, in_extension }
            }
        };
        Ok(())
    }
}

/// The value of a header in the text of a head, its name in any case.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `text` in pieces of every size and expects the same each time.
    fn read_all(text: &[u8], then_close: bool) -> Vec<Response> {
        let mut first: Option<Vec<Response>> = None;
        for piece_bytes in [1, 2, 3, 7, text.len()] {
            let mut reader = ResponseReader::new(true);
            let mut responses = Vec::new();
            for piece in text.chunks(piece_bytes) {
                let mut piece = piece;
                while !piece.is_empty() {
                    let used = reader.feed(piece).unwrap();
                    piece = &piece[used..];
                    responses.extend(reader.take());
                }
            }
            if then_close {
                reader.end_of_stream();
                responses.extend(reader.take());
            }
            assert!(first.as_ref().is_none_or(|first| *first == responses), "in pieces of {piece_bytes}");
            first = Some(responses);
        }
        first.unwrap()
    }

    #[test]
    fn two_responses_by_length_then_a_304() {
        let text = b"HTTP/1.1 200 OK\r\nETag: \"a1\"\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\
            Content-Length: 0\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n";
        let responses = read_all(text, false);
        assert_eq!(responses.len(), 3);
        assert_eq!(responses[0].body, b"hello");
        assert_eq!(responses[0].etag.as_deref(), Some("\"a1\""));
        assert_eq!((responses[1].status, responses[1].n_body_bytes), (200, 0));
        assert_eq!((responses[2].status, responses[2].n_body_bytes), (304, 0));
    }

    #[test]
    fn chunks_with_extensions_and_trailers() {
        let text =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0A\r\n0123456789\r\n\
            0\r\nDigest: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
        let responses = read_all(text, false);
        assert_eq!(responses[0].body, b"hello0123456789");
        assert_eq!(responses[1].status, 204);
    }

    #[test]
    fn a_body_without_a_length_ends_with_the_connection() {
        let responses = read_all(b"HTTP/1.1 401 Unauthorized\r\n\r\n{\"detail\":\"x\"}", true);
        assert_eq!(responses[0].body, b"{\"detail\":\"x\"}");
        assert!(read_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true).is_empty());
    }

    #[test]
    fn bodies_can_be_counted_only() {
        let mut reader = ResponseReader::new(false);
        reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
        let response = reader.take().unwrap();
        assert_eq!((response.n_body_bytes, response.body.len()), (5, 0));
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(ResponseReader::new(true).feed(b"garbage\r\n\r\n").is_err());
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
        assert!(ResponseReader::new(true).feed(chunked).is_err());
    }
}
