//! A client made of a socket and nothing else: it can send what no WebSocket library would.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use hereabouts_websocket::Opcode;
use hereabouts_websocket::client::parse_server_frame;
use socket2::{Domain, Socket, Type};

use crate::server::PATIENCE;

/// One read of the socket.
const READ_BYTES: usize = 64 * 1024;

/// What every request needs to become a WebSocket.
pub(crate) const UPGRADE: [(&str, &str); 5] = [
    ("Host", "localhost"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// The answer to [`UPGRADE`]'s key (RFC 6455, 1.3).
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A connection, and what was read from it and not used yet.
pub(crate) struct Raw {
    stream: TcpStream,
    read: Vec<u8>,
    used: usize,
}

impl Raw {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// A connection whose system takes only a few KiB for somebody who does not read.
    pub(crate) fn narrow(address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::over(socket.into())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new(), used: 0 }
    }

    pub(crate) fn local_address(&self) -> SocketAddr {
        self.stream.local_addr().unwrap()
    }

    /// A WebSocket on this path.
    pub(crate) fn open(address: SocketAddr, path: &str) -> Self {
        let mut raw = Self::connect(address);
        let head = raw.ask(&request(path, &UPGRADE));
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        raw
    }

    /// Sends a request; the head of the answer, in lower case.
    pub(crate) fn ask(&mut self, request: &str) -> String {
        self.send(request.as_bytes());
        self.head()
    }

    /// The head of an answer, in lower case.
    pub(crate) fn head(&mut self) -> String {
        loop {
            let unused = &self.read[self.used..];
            if let Some(end) = unused.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&unused[..end + 2]).to_lowercase();
                self.used += end + 4;
                return head;
            }
            assert!(self.read_some() > 0, "no head: {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Sends what a peer that has heard enough may not take any more.
    pub(crate) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// The next frame.
    pub(crate) fn frame(&mut self) -> (Opcode, Vec<u8>) {
        loop {
            if let Some(frame) = parse_server_frame(&self.read[self.used..]) {
                let (opcode, payload) = (frame.opcode, frame.payload.to_vec());
                self.used += frame.len;
                return (opcode, payload);
            }
            assert!(self.read_some() > 0, "the server left within a frame");
        }
    }

    /// Everything up to the server's end, which must be a clean one.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.read_some() > 0 {}
        self.read.split_off(self.used)
    }

    /// The code of the close frame that the server ends with; what comes before it is passed over.
    pub(crate) fn close_code(&mut self) -> u16 {
        self.close_frame().0
    }

    /// Code and reason of the close frame that the server ends with; what comes before it is passed over.
    pub(crate) fn close_frame(&mut self) -> (u16, String) {
        loop {
            if let (Opcode::Close, payload) = self.frame() {
                let code = payload.first_chunk().map_or(1005, |&code| u16::from_be_bytes(code));
                let reason = payload.get(2..).unwrap_or_default();
                return (code, String::from_utf8(reason.to_vec()).unwrap());
            }
        }
    }

    /// The same connection for another thread, to write while this one reads.
    pub(crate) fn writer(&self) -> TcpStream {
        self.stream.try_clone().unwrap()
    }

    /// Says that nothing more comes.
    pub(crate) fn finish(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Reads to the end, which must be an error: its kind.
    pub(crate) fn end(&mut self) -> ErrorKind {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(n) => assert!(n > 0, "a clean end"),
                Err(error) => return error.kind(),
            }
        }
    }

    fn read_some(&mut self) -> usize {
        if self.used == self.read.len() {
            self.read.clear();
            self.used = 0;
        }
        let start = self.read.len();
        self.read.resize(start + READ_BYTES, 0);
        let n_read = self.stream.read(&mut self.read[start..]).unwrap();
        self.read.truncate(start + n_read);
        n_read
    }
}

/// A GET with these headers.
pub(crate) fn request(path: &str, headers: &[(&str, &str)]) -> String {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\n{}\r\n", lines.concat())
}
