//! A client of a running server, for commands that look at it from outside: requests, and one kind of socket.

use std::{fmt, io, time::Duration};

use anyhow::Context;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use hereabouts_websocket::{Opcode, client as frames};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Incoming, client::conn::http1, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time,
};

use crate::{
    random::random,
    settings::{Fault, Faults},
};

/// Longest wait for a connection, an answer or a frame.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Longest answer: a list of 100,000 people has some 25 MB.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest frame that is waited for: a snapshot of as many people.
const FRAME_BYTES_MAX: usize = BODY_BYTES_MAX;

/// A server by its address, as a person gives it.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// Host and port, as the `Host` header has them.
    authority: String,
    host: String,
    port: u16,
    /// What a proxy may have put before our paths; empty or `/prefix`.
    prefix: String,
}

/// An answer that came.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("the name {0} is not known here")]
    Name(String),
    #[error("nothing listens there")]
    Refused,
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Timeout,
    #[error("what answers does not speak HTTP: {0}")]
    Broken(String),
}

/// What became of an upgrade.
pub(super) enum Handshake {
    /// A socket.
    Open(Socket),
    /// An answer that is none.
    Refused(Answer),
}

impl Server {
    /// The server at `http://host:port`; `/api` at the end is what the front end's setting has, and is cut off.
    pub(super) fn parse(url: &str) -> Result<Self, Faults> {
        let refused = |wrong: &str, right: &str| {
            let (wrong, right) = (wrong.to_owned(), right.to_owned());
            Err(Faults(vec![Fault { setting: "--url (HEREABOUTS_URL)", wrong, right }]))
        };
        let right = "the server's address, such as http://127.0.0.1:8000";
        let Ok(uri) = url.trim().parse::<Uri>() else { return refused("it is no address", right) };
        match (uri.scheme_str(), uri.authority()) {
            (Some("http"), Some(authority)) if !authority.as_str().contains('@') => {
                let path = uri.path().trim_end_matches('/');
                Ok(Self {
                    authority: authority.to_string(),
                    host: authority.host().trim_matches(['[', ']']).to_owned(),
                    port: authority.port_u16().unwrap_or(80),
                    prefix: path.strip_suffix("/api").unwrap_or(path).to_owned(),
                })
            }
            (Some("https"), _) => refused(
                "this command speaks no TLS",
                "the address behind the proxy, such as http://127.0.0.1:8000, or the proxy's plain port",
            ),
            _ => refused("it is no http:// address of a host", right),
        }
    }

    /// `GET path`.
    pub(super) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, Unreachable> {
        self.request(Method::GET, path, headers).await
    }

    /// Any request without a body.
    pub(super) async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Answer, Unreachable> {
        let response = self.send(method, path, headers).await?;
        answer(response).await
    }

    /// Asks for the socket that the browser's client asks for.
    pub(super) async fn upgrade(&self, headers: &[(&str, &str)]) -> Result<Handshake, Unreachable> {
        let key = BASE64_STANDARD.encode(random::<16>());
        let upgrade = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", &key),
        ];
        let all = [&upgrade, headers].concat();
        let mut response = self.send(Method::GET, "/ws/user-status/", &all).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Ok(Handshake::Refused(answer(response).await?));
        }
        let upgraded = hyper::upgrade::on(&mut response).await.map_err(broken)?;
        Ok(Handshake::Open(Socket { io: TokioIo::new(upgraded), read: Vec::new() }))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Response<Incoming>, Unreachable> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header(header::HOST, &self.authority);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(broken)?;
        let stream = self.connect().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        // Ends with its request; what goes wrong there is told here, too.
        tokio::spawn(connection.with_upgrades());
        time::timeout(TIMEOUT, sender.send_request(request))
            .await
            .map_err(|_| Unreachable::Timeout)?
            .map_err(broken)
    }

    async fn connect(&self) -> Result<TcpStream, Unreachable> {
        let unknown = || Unreachable::Name(self.host.clone());
        let looked_up = time::timeout(TIMEOUT, tokio::net::lookup_host((self.host.as_str(), self.port)));
        let addresses = looked_up.await.map_err(|_| unknown())?.map_err(|_| unknown())?;
        let mut last = unknown();
        // A name has few addresses, and the first that answers will do.
        for address in addresses.take(8) {
            last = match time::timeout(TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Unreachable::Refused,
                Ok(Err(error)) => Unreachable::Broken(error.to_string()),
                Err(_) => Unreachable::Timeout,
            };
        }
        Err(last)
    }

    /// Host without port.
    pub(super) fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.prefix)
    }
}

impl Answer {
    /// A header's text; empty without one.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; `null` if it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The sentence of an error of ours; empty if somebody else answered.
    pub(super) fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_default().to_owned()
    }
}

/// An open socket.
pub(super) struct Socket {
    io: TokioIo<Upgraded>,
    read: Vec<u8>,
}

/// What comes on a socket.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    /// A message.
    Message(Value),
    /// A close with its code; 1005 without one.
    Close(u16),
    /// The end, without a close.
    End,
    /// Nothing in time.
    Silence,
}

impl Socket {
    /// Says a message.
    pub(super) async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        self.write(Opcode::Text, message.to_string().as_bytes()).await
    }

    /// Closes with 1000, as a page does that leaves.
    pub(super) async fn close(mut self) -> anyhow::Result<()> {
        self.write(Opcode::Close, &1000_u16.to_be_bytes()).await?;
        // The server's own close, or the end, whatever comes first.
        while matches!(self.hear().await, Heard::Message(_)) {}
        Ok(())
    }

    /// The next message or close; pings are answered.
    pub(super) async fn hear(&mut self) -> Heard {
        time::timeout(TIMEOUT, self.next()).await.unwrap_or(Heard::Silence)
    }

    /// The next message of this type, others passed over; whatever ends the wait, if it does not come.
    pub(super) async fn hear_type(&mut self, wanted: &str) -> Heard {
        let waiting = async {
            loop {
                match self.next().await {
                    Heard::Message(message) if message["type"] != wanted => {}
                    other => return other,
                }
            }
        };
        time::timeout(TIMEOUT, waiting).await.unwrap_or(Heard::Silence)
    }

    async fn next(&mut self) -> Heard {
        loop {
            if let Some(frame) = frames::parse_server_frame(&self.read) {
                let (opcode, payload, len) = (frame.opcode, frame.payload.to_vec(), frame.len);
                self.read.drain(..len);
                match opcode {
                    Opcode::Text => {
                        return Heard::Message(serde_json::from_slice(&payload).unwrap_or_default());
                    }
                    Opcode::Close => {
                        let code = payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
                        return Heard::Close(code);
                    }
                    Opcode::Ping if self.write(Opcode::Pong, &payload).await.is_err() => return Heard::End,
                    _ => continue,
                }
            }
            let is_too_long = self.read.len() > FRAME_BYTES_MAX;
            if is_too_long || !matches!(self.io.read_buf(&mut self.read).await, Ok(1..)) {
                return Heard::End;
            }
        }
    }

    async fn write(&mut self, opcode: Opcode, payload: &[u8]) -> anyhow::Result<()> {
        let mut frame = Vec::with_capacity(payload.len() + 14);
        frames::write_masked_frame(&mut frame, opcode, payload, random());
        time::timeout(TIMEOUT, self.io.write_all(&frame)).await.context("the socket takes no message")??;
        Ok(())
    }
}

async fn answer(response: Response<Incoming>) -> Result<Answer, Unreachable> {
    let (parts, body) = response.into_parts();
    let body = time::timeout(TIMEOUT, Limited::new(body, BODY_BYTES_MAX).collect())
        .await
        .map_err(|_| Unreachable::Timeout)?
        .map_err(broken)?
        .to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

fn broken(error: impl fmt::Display) -> Unreachable {
    Unreachable::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_as_people_and_front_ends_write_them() {
        for (url, shown) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("http://localhost:8000/api", "http://localhost:8000"),
            ("http://[::1]:8000/api/", "http://[::1]:8000"),
            ("http://presence.example.com/live/api", "http://presence.example.com/live"),
        ] {
            assert_eq!(Server::parse(url).unwrap().to_string(), shown);
        }
        assert_eq!(Server::parse("http://[::1]:8000").unwrap().host(), "::1");
        for url in ["", "localhost", "localhost:8000", "https://a", "ws://a", "http://user:hush@a"] {
            assert!(!Server::parse(url).unwrap_err().to_string().contains("hush"), "{url}");
        }
    }
}
