//! The bounds of the server's own queues, maps and bodies that are no settings, each with its arithmetic; and in
//! [`table`] every limit that a client can run into, settings included.

pub mod table;

use std::time::Duration;

/// Longest access token that is looked at. simplejwt's are under 300 bytes; names and pictures add up to 2.5 KiB.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Longest name of a key (`kid`), in a token and in a JWKS document: a UUID or a thumbprint of SHA-256 has room.
pub const KEY_ID_BYTES_MAX: usize = 64;

/// Largest JWKS document; some ten RSA keys with their certificates.
pub const JWKS_BYTES_MAX: usize = 64 * 1024;
/// Most keys in it.
pub const JWKS_KEYS_MAX: usize = 64;

/// Largest file of `SECRET_KEY_FILE`.
pub const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Difference of clocks forgiven in `exp` and `nbf`.
pub const TOKEN_LEEWAY: Duration = Duration::from_secs(30);

/// Longest name: 64 characters, and 256 bytes because four bytes each are the most UTF-8 needs.
pub const NAME_CHARS_MAX: usize = 64;
/// See [`NAME_CHARS_MAX`].
pub const NAME_BYTES_MAX: usize = 256;

/// Longest address of a picture; longer ones are dropped.
pub const PICTURE_BYTES_MAX: usize = 2 * 1024;

/// Longest request body; longer ones get 413. The largest body of the API is 1,000 ids of 39 bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest request line and headers; longer ones get 431. A token of [`TOKEN_BYTES_MAX`] and a browser's own headers fit.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Most lines of headers; more get 431. Browsers and proxies together send some thirty.
pub const HEADERS_MAX: usize = 64;

/// Malformed messages of one socket; with this one it is closed with 1008.
pub const MALFORMED_MESSAGES_MAX: u8 = 5;

/// How long one message of a socket may take from its first byte to its last; then it is closed with 1008.
pub const MESSAGE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a client may take to answer a close frame; then its socket is reset.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Longest request target; longer ones get 414. A token of [`TOKEN_BYTES_MAX`] does not fit beside a path, which is
/// right: such tokens belong into a header or the first message.
pub const URI_BYTES_MAX: usize = 8 * 1024;

/// Descriptors kept back from the public port, at most a quarter of all: some 40 for the runtime, the shards, the log and
/// the database's files, and as many for health checks, keys of issuers and [`REFUSALS_AT_ONCE_MAX`].
pub const DESCRIPTORS_KEPT_MAX: usize = 96;

/// Connections that are told at the same time that there is no room for them; more are closed without a word.
pub const REFUSALS_AT_ONCE_MAX: usize = 16;

/// Shortest and longest password, in bytes: long enough to resist guessing, short enough that hashing stays the cost of
/// Argon2id and not of the password.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=1024;

/// Passwords hashed at the same time at most: 4 × 19 MiB = 76 MiB. Fewer on a machine with fewer cores, so that
/// hashing never takes the last one.
pub const PASSWORD_HASHES_AT_ONCE_MAX: usize = 4;

/// Requests that may wait for a hash: 64 × ~40 ms / cores stays far under the request timeout. More get 503.
pub const PASSWORD_HASHES_WAITING_MAX: usize = 64;

/// Pairs of address and account whose login attempts are remembered: 100,000 × ~56 B < 6 MiB. When full, those without
/// a recent attempt are forgotten first, then all.
pub const LOGIN_ATTEMPTS_MAX: usize = 100_000;

/// Sign-ins of one person that hold at the same time; with one more, the one that was not used for longest ends.
pub const SIGN_INS_PER_USER_MAX: u32 = 100;

/// What other processes (the command line) revoked is noticed within this time.
pub const REVOCATION_SWEEP: Duration = Duration::from_secs(2);

/// How long the log of revocations tells of a person who was disabled, enabled or removed: longer than any server is
/// unable to read it and still serves.
pub const REVOCATION_NEWS_TTL: Duration = Duration::from_secs(86_400);

/// Credentials in messages that are judged at the same time: usually each takes microseconds, so only a database or an
/// issuer that does not answer fills this. 4,096 × (8 KiB of token + a task) < 40 MiB. More get 1013.
pub const CREDENTIALS_AT_ONCE_MAX: usize = 4_096;

/// Tickets that are not used yet: 100,000 × ~300 B = 30 MiB. More get 503 until some have run out.
pub const TICKETS_MAX: usize = 100_000;

/// Addresses the request limiter remembers: 100,000 × ~48 B < 5 MiB. When full, those with a full bucket are
/// forgotten first, then all of them.
pub const RATE_LIMIT_ADDRESSES_MAX: usize = 100_000;

/// Profiles the directory remembers, per generation: 2 × 20,000 × ~250 B < 10 MiB. When full, the older half goes.
pub const PROFILE_CACHE_MAX: usize = 20_000;

/// How long a remembered profile is believed before the users table is asked again.
pub const PROFILE_CACHE_TTL: Duration = Duration::from_secs(60);

/// People with unwritten presence. One entry per person, so only a database that has been away for long and a million
/// different people fill it; then the entries that only move `last_seen` are dropped, and then new ones.
pub const PENDING_PRESENCE_MAX: usize = 1_000_000;

/// Activity that waits to be written: 100,000 × ~300 B = 30 MiB, only while the database is away. More is dropped.
pub const PENDING_ACTIVITY_MAX: usize = 100_000;

/// Rows of one multi-row statement: 500 × 6 values stay far under SQLite's 32,766 variables.
pub const ROWS_PER_STATEMENT_MAX: usize = 500;

/// Rows of one transaction, so that a reader of `users/recent` never waits for more than some 50 ms of writing.
pub const ROWS_PER_TRANSACTION_MAX: usize = 5_000;

/// Presence is written this long after the first unwritten change: `is_online` is at rest within 2 s.
pub const WRITE_BEHIND: Duration = Duration::from_millis(500);

/// What SQLite's write-ahead log is cut back to when it is empty; also from where on we look after it. 1,000 pages,
/// which is where SQLite itself begins to empty it.
pub const WAL_KEPT_BYTES: u64 = 4 * 1024 * 1024;

/// Largest write-ahead log that presence is written to. Above it somebody reads for very long: presence waits in
/// memory (one entry per person, so it does not grow with time), and only what is acknowledged is written.
pub const WAL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How often the write-ahead log is looked after.
pub const STORE_TIDY_PERIOD: Duration = Duration::from_secs(10);

/// How long one request may wait for presence to be written before it is answered with 503.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(3);

/// Most rows of `users/recent`.
pub const RECENT_ROWS_MAX: u32 = 100;
/// Rows of `users/recent` that are read beyond those asked for, in the place of people who keep theirs from the viewer.
pub const RECENT_ROWS_SPARE: u32 = 50;
/// Rows of `users/recent` when the request names no number.
pub const RECENT_ROWS_DEFAULT: u32 = 20;
/// Most days that `users/recent` looks back.
pub const RECENT_DAYS_MAX: u32 = 365;

/// Friends of one person. The engine keeps four bytes for each on both sides.
pub const FRIENDS_MAX: u64 = 5_000;
/// Requests of one person that wait for an answer.
pub const REQUESTS_MAX: u64 = 500;
/// People whom one person blocks.
pub const BLOCKS_MAX: u64 = 5_000;
/// People for whom one person waits.
pub const WATCHES_MAX: u64 = 500;
/// Rows of a page of friends, requests, blocks or activity: at most, and when the request names no number.
pub const PAGE_ROWS_MAX: u32 = 100;
/// See [`PAGE_ROWS_MAX`].
pub const PAGE_ROWS_DEFAULT: u32 = 20;
/// Ids of one lookup of statuses.
pub const LOOKUP_IDS_MAX: usize = 1_000;
/// How long activity is kept.
pub const ACTIVITY_RETENTION: Duration = Duration::from_secs(30 * 86_400);

/// Most people that the demo's crowd button adds.
pub const DEMO_CROWD_MAX: usize = 1_000;

/// Pages whose Content-Security-Policy is remembered; a site has some ten.
pub const PAGE_POLICIES_MAX: usize = 256;
