//! What the command line and the environment mean, checked: all faults at once, each with what would be right.

mod accounts;
mod adopt;
mod check;
mod fault;
mod network;
mod parse;
mod secret;
mod service;
mod tokens;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use crate::random::random;

pub use adopt::{AppTables, PairTable, PeopleTable, SqlName, SqlTable};
pub use check::Purpose;
pub(crate) use check::{DATABASE_FILE, database};
pub use fault::{Fault, Faults};
pub use network::{HostPattern, IpNet, Origin, without_port};
pub use parse::parse_duration;
pub(crate) use parse::yes_or_no;
pub use secret::{Secret, is_weak};
pub use tokens::{JwksSettings, JwksUrl, TokenSettings, is_world_readable, read_secret_file};
pub(crate) use tokens::{given_secrets, weaknesses};

use crate::directory::DirectoryKind;

/// Everything the server was told, in the form the server uses.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API, the sockets and the site are served. Port 0 picks a free one.
    pub bind: SocketAddr,
    /// Where health and metrics are served.
    pub internal_bind: SocketAddr,
    /// Keys of access tokens.
    pub secrets: Secrets,
    /// Which tokens are believed besides, and where the keys may change.
    pub tokens: TokenSettings,
    /// Key of the operator's own services; `None`: there is none, and nobody has it.
    pub service_key: Option<Secret>,
    /// Where people and their presence are kept.
    pub database: Database,
    /// Where people come from.
    pub directory: DirectoryKind,
    /// Whether pending migrations are applied before the port opens.
    pub applies_migrations: bool,
    /// Hosts this server answers to, without ports.
    pub allowed_hosts: Vec<HostPattern>,
    /// Foreign origins whose pages may talk to this server.
    pub allowed_origins: Vec<Origin>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How much may be used.
    pub limits: Limits,
    /// How long things take.
    pub times: Times,
    /// Threads that hold sockets.
    pub shards: usize,
    /// Folder with the site, instead of the one in the binary.
    pub assets: Option<PathBuf>,
    /// Whether the demo's people and endpoints exist (`hereabouts dev`).
    pub is_dev: bool,
}

/// The keys of access tokens: one signs, all verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// `SECRET_KEY`.
    pub current: Secret,
    /// `SECRET_KEY_FALLBACKS`: keys of before a rotation, still accepted.
    pub fallbacks: Vec<Secret>,
}

impl Secrets {
    /// A key made now and told nobody: for a server that only believes the keys of an issuer.
    pub(crate) fn of_nobody() -> Self {
        Self { current: Secret::new(random::<32>()), fallbacks: Vec::new() }
    }

    /// Whether `serve` would refuse the current key.
    pub fn is_weak(&self) -> bool {
        is_weak(&String::from_utf8_lossy(self.current.as_bytes())).is_some()
    }
}

/// What `DATABASE_URL` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// `sqlite::memory:`: gone when the process ends.
    Memory,
    /// `sqlite://path`: a file, created when it is missing.
    File(PathBuf),
    /// `postgres://…`, `postgresql://…`.
    Postgres(PostgresUrl),
    /// The same with `--directory adopt`: an app has its tables there.
    Adopted(PostgresUrl, Box<AppTables>),
}

impl Database {
    /// The tables of the app that has the people.
    pub fn app_tables(&self) -> Option<&AppTables> {
        match self {
            Self::Adopted(_, tables) => Some(tables),
            _ => None,
        }
    }
}

/// An address of a PostgreSQL database. Shows neither its password nor its user.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// Without any check.
    #[cfg(test)]
    pub(crate) fn for_tests(url: &str) -> Self {
        Self(url.to_owned())
    }

    /// The whole address, secrets and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        write!(f, "postgres://{place}")
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::File(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) | Self::Adopted(url, _) => url.fmt(f),
        }
    }
}

/// Limits; `None` where the setting is 0: no limit.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections of one user.
    pub connections_per_user_max: Option<u32>,
    /// Connections in all.
    pub connections_max: Option<u32>,
    /// Connections without a good token from one address.
    pub unauthenticated_per_ip_max: Option<u32>,
    /// Connections from one address (IPv6: one /64).
    pub connections_per_ip_max: Option<u32>,
    /// Requests from one address per second, on average.
    pub requests_per_second_per_ip: Option<u32>,
    /// Requests from one address at once.
    pub request_burst_per_ip: u32,
    /// Messages of one connection per second, on average; twice as many at once.
    pub messages_per_second: Option<u32>,
    /// Lookups of other people's statuses by one person per minute.
    pub lookups_per_minute: Option<u32>,
    /// Visible changes of one person per minute; five at once.
    pub changes_per_minute: Option<u32>,
    /// Attempts to sign in as one person from one address per minute.
    pub logins_per_minute: Option<u32>,
}

/// Times, as the contract names them.
#[derive(Clone, Debug)]
pub struct Times {
    /// A quiet connection is pinged this often, ± 20 %.
    pub ping_interval: Duration,
    /// A connection without any frame for this long is dead.
    pub dead_after: Duration,
    /// After a loss, a person stays online for this long.
    pub grace: Duration,
    /// Under load, changes are collected for up to this long.
    pub coalesce_max: Duration,
    /// A `hereabouts.v1` client without a token in the address has this long to send it.
    pub auth_timeout: Duration,
    /// An access token of the directory `builtin` is good for this long.
    pub access_ttl: Duration,
    /// A refresh token is good for this long, unless it is used before.
    pub refresh_ttl: Duration,
    /// A ticket for a socket is good for this long.
    pub ticket_ttl: Duration,
    /// The request line and headers must be here within this time.
    pub header_timeout: Duration,
    /// A connection without a request is kept for this long.
    pub keep_alive: Duration,
    /// A request is answered within this time, or with 503.
    pub request_timeout: Duration,
    /// At SIGTERM, clients have this long to close before they are cut off.
    pub drain: Duration,
}

/// Settings as `serve` has them by default.
#[cfg(test)]
pub(crate) fn for_tests() -> Settings {
    for_tests_with(&[])
}

/// Settings as `serve` has them with these flags.
#[cfg(test)]
pub(crate) fn for_tests_with(line: &[&str]) -> Settings {
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: crate::cli::Flags,
    }

    let key = ["hereabouts", "--secret-key", "0b5c1d0cf0a34dd0b1a6e2f7a9c48e1d"];
    let flags = Line::try_parse_from(key.iter().chain(line)).unwrap().flags;
    Settings::check(&flags, &Purpose::Serve).unwrap()
}
