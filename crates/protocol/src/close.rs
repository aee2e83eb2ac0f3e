//! Close codes: why the server ended a connection, and whether it is worth coming back.

/// A WebSocket close code as this server uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The connection did what it was for.
    pub const NORMAL: Self = Self(1000);
    /// The page is going away: a reload, or a closed tab.
    pub const GOING_AWAY: Self = Self(1001);
    /// The frames break RFC 6455.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// Binary frames are not spoken here.
    pub const UNSUPPORTED: Self = Self(1003);
    /// Not UTF-8.
    pub const INVALID_TEXT: Self = Self(1007);
    /// Malformed messages, again and again.
    pub const POLICY: Self = Self(1008);
    /// Message or frame above the limit.
    pub const TOO_BIG: Self = Self(1009);
    /// A bug of ours (`hereabouts.v1`).
    pub const INTERNAL: Self = Self(1011);
    /// The server restarts; reason `{"retry_ms":n}`.
    pub const RESTART: Self = Self(1012);
    /// The server has too much to do; reason `{"retry_ms":n}`.
    pub const OVERLOAD: Self = Self(1013);
    /// The client did not read for too long.
    pub const SLOW_READER: Self = Self(4008);
    /// No credentials, bad ones, or their time is over.
    pub const UNAUTHORIZED: Self = Self(4401);
    /// The account is blocked.
    pub const FORBIDDEN: Self = Self(4403);
    /// The credentials did not come in time.
    pub const AUTH_TIMEOUT: Self = Self(4408);
    /// A newer connection took this one's place.
    pub const REPLACED: Self = Self(4409);
    /// Too many messages; reason `{"retry_ms":n}`.
    pub const TOO_MANY_MESSAGES: Self = Self(4429);
    /// A bug of ours (original clients).
    pub const INTERNAL_ORIGINAL: Self = Self(4500);

    /// Whether a *client* that closes with this code (`None`: a close frame without one, 1005) left by its own word,
    /// so that no grace applies: 1000, 1005, 3000–4999.
    pub const fn is_departure(code: Option<u16>) -> bool {
        matches!(code, None | Some(1000 | 1005 | 3000..=4999))
    }
}
