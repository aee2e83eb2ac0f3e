//! Every limit that a client can run into, and what happens then. `docs/OPERATIONS.md` shows this table; each line has a
//! test of its name on the real binary (`tests/wire/limits.rs`).

use std::time::Duration;

use hereabouts_protocol::CloseCode;

use super::{
    BODY_BYTES_MAX, CREDENTIALS_AT_ONCE_MAX, HEAD_BYTES_MAX, HEADERS_MAX, MALFORMED_MESSAGES_MAX,
    MESSAGE_TIMEOUT, PASSWORD_HASHES_WAITING_MAX, URI_BYTES_MAX,
};
use crate::gateway::HANDSHAKE_WAIT_MAX;

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Names the test.
    pub name: &'static str,
    /// What is limited.
    pub what: &'static str,
    /// To how much.
    pub bound: Bound,
    /// What a client gets beyond that.
    pub answer: Answer,
}

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// So many bytes.
    Bytes(usize),
    /// So many of them.
    Number(usize),
    /// So long.
    Time(Duration),
    /// What this setting says.
    Setting(&'static str),
    /// This share of what the setting says.
    ShareOf(&'static str, &'static str),
    /// What this rule says.
    Rule(&'static str),
}

/// What happens to whoever goes beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP status.
    Status(u16),
    /// An HTTP status with `Retry-After`.
    Later(u16),
    /// The connection is closed without a word.
    Closed,
    /// The answer has no `Access-Control-Allow-Origin`, so the page cannot read it.
    Unreadable,
    /// The socket is closed with this code.
    Close(CloseCode),
    /// The same, and the reason says when to come back: `{"retry_ms":n}`.
    CloseLater(CloseCode),
}

const fn line(name: &'static str, what: &'static str, bound: Bound, answer: Answer) -> Line {
    Line { name, what, bound, answer }
}

/// Requests.
pub const HTTP: &[Line] = &[
    line("http_body", "Body", Bound::Bytes(BODY_BYTES_MAX), Answer::Status(413)),
    line("http_target", "Path and query", Bound::Bytes(URI_BYTES_MAX), Answer::Status(414)),
    line("http_head", "Request line and headers", Bound::Bytes(HEAD_BYTES_MAX), Answer::Status(431)),
    line("http_header_lines", "Header lines", Bound::Number(HEADERS_MAX), Answer::Status(431)),
    line("http_head_time", "Time for the head", Bound::Setting("header-timeout"), Answer::Closed),
    line("http_keep_alive", "Time between two requests", Bound::Setting("keep-alive"), Answer::Closed),
    line(
        "http_body_time",
        "Time for the body",
        Bound::ShareOf("4/5", "request-timeout"),
        Answer::Status(408),
    ),
    line("http_request_time", "Time for the answer", Bound::Setting("request-timeout"), Answer::Later(503)),
    line(
        "http_rate",
        "Requests from one address (IPv6: one /64)",
        Bound::Setting("requests-per-second-per-ip"),
        Answer::Later(429),
    ),
    line(
        "http_logins",
        "Attempts to sign in as one person from one address",
        Bound::Setting("logins-per-minute"),
        Answer::Later(429),
    ),
    line(
        "http_lookups",
        "Lookups of others' statuses by one person per minute",
        Bound::Setting("lookups-per-minute"),
        Answer::Later(429),
    ),
    line(
        "http_full",
        "Passwords that wait to be checked",
        Bound::Number(PASSWORD_HASHES_WAITING_MAX),
        Answer::Later(503),
    ),
    line("http_stopping", "Requests while the server stops", Bound::Rule("none"), Answer::Later(503)),
    line("http_host", "Host", Bound::Setting("allowed-hosts"), Answer::Status(421)),
    line("http_origin", "Pages of other origins", Bound::Setting("cors-allowed-origins"), Answer::Unreadable),
    line("http_encoding", "`Content-Encoding` of a body", Bound::Rule("none"), Answer::Status(415)),
];

/// Handshakes: before anything is kept for the socket.
pub const HANDSHAKE: &[Line] = &[
    line("handshake_host", "Host", Bound::Setting("allowed-hosts"), Answer::Status(421)),
    line(
        "handshake_origin",
        "Pages of other origins",
        Bound::Setting("cors-allowed-origins"),
        Answer::Status(403),
    ),
    line("handshake_version", "`Sec-WebSocket-Version`", Bound::Rule("13"), Answer::Status(426)),
    line(
        "handshake_user",
        "Sockets of one person",
        Bound::Setting("max-connections-per-user"),
        Answer::Later(429),
    ),
    line(
        "handshake_address",
        "Sockets from one address",
        Bound::Setting("max-connections-per-ip"),
        Answer::Later(429),
    ),
    line(
        "handshake_unauthenticated",
        "Of these, without a good token",
        Bound::Setting("max-unauthenticated-per-ip"),
        Answer::Later(429),
    ),
    line("handshake_total", "Sockets in all", Bound::Setting("max-connections"), Answer::Later(503)),
    line("handshake_load", "Wait for a handshake", Bound::Time(HANDSHAKE_WAIT_MAX), Answer::Later(503)),
];

/// Sockets.
pub const SOCKET: &[Line] = &[
    line(
        "socket_credentials",
        "Good credentials, from the handshake to their end",
        Bound::Rule("always"),
        Answer::Close(CloseCode::UNAUTHORIZED),
    ),
    line("socket_blocked", "Disabled accounts", Bound::Rule("never"), Answer::Close(CloseCode::FORBIDDEN)),
    line(
        "socket_auth_time",
        "Time for the first `auth`",
        Bound::Setting("auth-timeout"),
        Answer::Close(CloseCode::AUTH_TIMEOUT),
    ),
    line(
        "socket_overload",
        "Credentials that are being looked up",
        Bound::Number(CREDENTIALS_AT_ONCE_MAX),
        Answer::CloseLater(CloseCode::OVERLOAD),
    ),
    line(
        "socket_message",
        "Message, and each of its frames",
        Bound::Bytes(hereabouts_websocket::Limits::DEFAULT.max_message_bytes),
        Answer::Close(CloseCode::TOO_BIG),
    ),
    line(
        "socket_fragments",
        "Frames of one message",
        Bound::Number(hereabouts_websocket::Limits::DEFAULT.max_fragments as usize),
        Answer::Close(CloseCode::POLICY),
    ),
    line(
        "socket_message_time",
        "Time for a message, from its first byte",
        Bound::Time(MESSAGE_TIMEOUT),
        Answer::Close(CloseCode::POLICY),
    ),
    line(
        "socket_rate",
        "Messages per second (twice as many at once, ten seconds of excess)",
        Bound::Setting("messages-per-second"),
        Answer::CloseLater(CloseCode::TOO_MANY_MESSAGES),
    ),
    line("socket_binary", "Binary messages", Bound::Rule("none"), Answer::Close(CloseCode::UNSUPPORTED)),
    line("socket_text", "Text", Bound::Rule("UTF-8"), Answer::Close(CloseCode::INVALID_TEXT)),
    line("socket_frames", "Frames", Bound::Rule("RFC 6455"), Answer::Close(CloseCode::PROTOCOL_ERROR)),
    line(
        "socket_malformed",
        "Messages that are no message of ours",
        Bound::Number(MALFORMED_MESSAGES_MAX as usize - 1),
        Answer::Close(CloseCode::POLICY),
    ),
    line(
        "socket_silence",
        "Time without any frame of the client",
        Bound::Setting("dead-after"),
        Answer::Closed,
    ),
    line(
        "socket_reading",
        "Time in which the client takes nothing of what is sent",
        Bound::Setting("dead-after"),
        Answer::Close(CloseCode::SLOW_READER),
    ),
    line(
        "socket_superseded",
        "A socket that missed a ping, while its person needs the place for another",
        Bound::Rule("gives way"),
        Answer::Close(CloseCode::REPLACED),
    ),
    line(
        "socket_restart",
        "A server that stops",
        Bound::Setting("drain"),
        Answer::CloseLater(CloseCode::RESTART),
    ),
];

/// The line of this name.
pub fn named(name: &str) -> Option<&'static Line> {
    HTTP.iter().chain(HANDSHAKE).chain(SOCKET).find(|line| line.name == name)
}
