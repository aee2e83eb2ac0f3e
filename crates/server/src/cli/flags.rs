//! Every setting of a running server: a flag, a name in the environment, a default and a line of `--help`.
//!
//! The values stay text here. [`crate::settings`] reads them, so that all wrong ones are reported at once.

// tidy: long because every setting is declared here, once.

use std::path::PathBuf;

use clap::Args;

/// The settings of `serve` and `dev`.
#[derive(Args, Clone, Debug)]
pub struct Flags {
    #[command(flatten)]
    pub(crate) network: NetworkFlags,
    #[command(flatten)]
    pub(crate) secret: SecretFlags,
    #[command(flatten)]
    pub(crate) token: TokenFlags,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
    #[command(flatten)]
    pub(crate) limit: LimitFlags,
    #[command(flatten)]
    pub(crate) time: TimeFlags,
    #[command(flatten)]
    pub(crate) service: ServiceFlags,
    #[command(flatten)]
    pub(crate) log: LogFlags,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkFlags {
    /// Address of the API, the sockets and the site; port 0 picks one
    #[arg(long, env = "HEREABOUTS_BIND", value_name = "IP:PORT", default_value = "127.0.0.1:8000")]
    pub(crate) bind: String,
    /// Address of health and metrics
    #[arg(long, env = "HEREABOUTS_INTERNAL_BIND", value_name = "IP:PORT", default_value = "127.0.0.1:9000")]
    pub(crate) internal_bind: String,
    /// Hosts to answer to, without ports, instead of the default; .example.com takes subdomains in, * takes all
    /// [default: localhost,127.0.0.1,[::1] and the address of --bind]
    #[arg(long, env = "ALLOWED_HOSTS", value_name = "HOST,…")]
    pub(crate) allowed_hosts: Option<String>,
    /// Origins of other sites whose pages may use this server, such as https://app.example.com
    #[arg(long, env = "CORS_ALLOWED_ORIGINS", value_name = "ORIGIN,…")]
    pub(crate) cors_allowed_origins: Option<String>,
    /// Proxies in front whose X-Forwarded-For is believed
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "NETWORK,…")]
    pub(crate) trusted_proxies: Option<String>,
    /// Folder with the site, instead of the one in the binary
    #[arg(long, env = "HEREABOUTS_ASSETS", value_name = "DIR")]
    pub(crate) assets: Option<PathBuf>,
    /// Threads that hold sockets; 0 is one for each core
    #[arg(long, env = "HEREABOUTS_SHARDS", value_name = "N", default_value = "0")]
    pub(crate) shards: String,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Tokens")]
#[expect(clippy::struct_field_names, reason = "they are named as the flags they are")]
pub(crate) struct SecretFlags {
    /// Required: the key that access tokens are signed with (HS256), 32 bytes or more. It is your app's with
    /// --directory token, else one that only this server has. Better in the environment or a file: `ps` shows flags
    #[arg(long, env = "SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) secret_key: Option<String>,
    /// Earlier keys, whose tokens are still accepted after a rotation
    #[arg(long, env = "SECRET_KEY_FALLBACKS", value_name = "KEY,…", hide_env_values = true)]
    pub(crate) secret_key_fallbacks: Option<String>,
    /// Instead of these two, a file: one key a line, the current one first; read again when it changes and at SIGHUP
    #[arg(long, env = "SECRET_KEY_FILE", value_name = "FILE")]
    pub(crate) secret_key_file: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Tokens")]
pub(crate) struct TokenFlags {
    /// Address of an issuer's public keys (RS256, ES256, EdDSA); with it and --directory token, SECRET_KEY may be
    /// missing
    #[arg(long, env = "HEREABOUTS_JWKS_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) jwks_url: Option<String>,
    /// The issuer's keys are fetched this often: one that is taken back is refused this much later
    #[arg(long, env = "HEREABOUTS_JWKS_REFRESH", value_name = "TIME", default_value = "30s")]
    pub(crate) jwks_refresh: String,
    /// What `iss` of a token must be [default: anything]
    #[arg(long, env = "HEREABOUTS_TOKEN_ISSUER", value_name = "TEXT")]
    pub(crate) token_issuer: Option<String>,
    /// What `aud` of a token must be or contain [default: anything]
    #[arg(long, env = "HEREABOUTS_TOKEN_AUDIENCE", value_name = "TEXT")]
    pub(crate) token_audience: Option<String>,
}

impl TokenFlags {
    /// Whether tokens of an issuer are believed, so that no shared key is needed.
    pub(crate) fn has_issuer(&self) -> bool {
        self.jwks_url.as_deref().is_some_and(|url| !url.is_empty())
    }
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "People")]
pub(crate) struct StoreFlags {
    #[command(flatten)]
    pub(crate) database: DatabaseFlags,
    /// Address of Redis; not supported yet
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) redis_url: Option<String>,
    /// Refuse to start when migrations are pending, instead of applying them
    #[arg(long, env = "HEREABOUTS_NO_MIGRATE", value_name = "BOOL", num_args = 0..=1,
          default_value = "false", default_missing_value = "true")]
    pub(crate) no_migrate: String,
}

/// Where people are kept: also for commands that start no server.
#[derive(Args, Clone, Debug)]
pub(crate) struct DatabaseFlags {
    /// sqlite:///absolute/path, sqlite://relative/path, sqlite::memory:,
    /// postgres://USER:PASSWORD@HOST/DATABASE
    /// [default: sqlite://hereabouts.sqlite3; dev: a file in the data folder]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Where people come from; builtin: they register here; token: they are who their app's token says; adopt: the tables
    /// of an app in the same PostgreSQL database
    #[arg(long, env = "HEREABOUTS_DIRECTORY", value_name = "KIND", default_value = "builtin")]
    pub(crate) directory: String,
    #[command(flatten)]
    pub(crate) adopt: AdoptFlags,
}

/// The tables of the app.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "People of an app (--directory adopt)")]
#[expect(clippy::struct_field_names, reason = "they are named as the flags they are")]
pub(crate) struct AdoptFlags {
    /// Which app the defaults of the names below are for; django: the original's models
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_PRESET",
        value_name = "NAME",
        default_value = "django",
        hide_short_help = true
    )]
    pub(crate) adopt_preset: String,
    /// Schema of our own in the app's database
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_SCHEMA",
        value_name = "NAME",
        default_value = "hereabouts",
        hide_short_help = true
    )]
    pub(crate) adopt_schema: String,
    /// Table of people; one outside `public` has its schema before it
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_PEOPLE",
        value_name = "TABLE",
        default_value = "users_user",
        hide_short_help = true
    )]
    pub(crate) adopt_people: String,
    /// Its column with their ids, of the type uuid
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_ID",
        value_name = "COLUMN",
        default_value = "id",
        hide_short_help = true
    )]
    pub(crate) adopt_id: String,
    /// Its column with their names
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_USERNAME",
        value_name = "COLUMN",
        default_value = "username",
        hide_short_help = true
    )]
    pub(crate) adopt_username: String,
    /// Its column with their names in addresses; empty: there is none
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_SLUG",
        value_name = "COLUMN",
        default_value = "slug",
        hide_short_help = true
    )]
    pub(crate) adopt_slug: String,
    /// Its column with addresses of pictures; empty: there is none
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_PICTURE",
        value_name = "COLUMN",
        default_value = "profile_image_url",
        hide_short_help = true
    )]
    pub(crate) adopt_picture: String,
    /// Its column that tells since when they are there; empty: there is none
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_JOINED",
        value_name = "COLUMN",
        default_value = "date_joined",
        hide_short_help = true
    )]
    pub(crate) adopt_joined: String,
    /// Its column that tells whether they may come in; empty: there is none
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_ACTIVE",
        value_name = "COLUMN",
        default_value = "is_active",
        hide_short_help = true
    )]
    pub(crate) adopt_active: String,
    /// Its column that is written: whether they are online
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_IS_ONLINE",
        value_name = "COLUMN",
        default_value = "is_online",
        hide_short_help = true
    )]
    pub(crate) adopt_is_online: String,
    /// Its column that is written: when they were last seen
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_LAST_SEEN",
        value_name = "COLUMN",
        default_value = "last_seen",
        hide_short_help = true
    )]
    pub(crate) adopt_last_seen: String,
    /// Its column that is written: when they last did something
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_LAST_ACTIVITY",
        value_name = "COLUMN",
        default_value = "last_activity",
        hide_short_help = true
    )]
    pub(crate) adopt_last_activity: String,
    /// Table of friends; empty: there is none
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_FRIENDS",
        value_name = "TABLE",
        default_value = "users_friends",
        hide_short_help = true
    )]
    pub(crate) adopt_friends: String,
    /// Its column with one of the two
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_FRIENDS_USER",
        value_name = "COLUMN",
        default_value = "user_id",
        hide_short_help = true
    )]
    pub(crate) adopt_friends_user: String,
    /// Its column with the other
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_FRIENDS_FRIEND",
        value_name = "COLUMN",
        default_value = "friend_id",
        hide_short_help = true
    )]
    pub(crate) adopt_friends_friend: String,
    /// one: a row makes two people friends; two: each of the two has a row
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_FRIENDS_ROWS",
        value_name = "ROWS",
        default_value = "one",
        hide_short_help = true
    )]
    pub(crate) adopt_friends_rows: String,
    /// Table of blocks; empty: there is none
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_BLOCKS",
        value_name = "TABLE",
        default_value = "users_blockedusers",
        hide_short_help = true
    )]
    pub(crate) adopt_blocks: String,
    /// Its column with who blocks
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_BLOCKS_USER",
        value_name = "COLUMN",
        default_value = "user_id",
        hide_short_help = true
    )]
    pub(crate) adopt_blocks_user: String,
    /// Its column with who is blocked
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_BLOCKS_BLOCKED",
        value_name = "COLUMN",
        default_value = "blocked_user_id",
        hide_short_help = true
    )]
    pub(crate) adopt_blocks_blocked: String,
    /// What the app changes in its tables counts within this time
    #[arg(
        long,
        env = "HEREABOUTS_ADOPT_REFRESH",
        value_name = "TIME",
        default_value = "10s",
        hide_short_help = true
    )]
    pub(crate) adopt_refresh: String,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits (0: none)")]
pub(crate) struct LimitFlags {
    /// Connections in all [default: the files the process may open, less up to 256]
    #[arg(long, env = "HEREABOUTS_MAX_CONNECTIONS", value_name = "N")]
    pub(crate) max_connections: Option<String>,
    /// Connections of one user
    #[arg(long, env = "HEREABOUTS_MAX_CONNECTIONS_PER_USER", value_name = "N", default_value = "50")]
    pub(crate) max_connections_per_user: String,
    /// Connections from one address [default: 1000; dev: none]
    #[arg(long, env = "HEREABOUTS_MAX_CONNECTIONS_PER_IP", value_name = "N")]
    pub(crate) max_connections_per_ip: Option<String>,
    /// Of these, connections without a valid token
    #[arg(long, env = "HEREABOUTS_MAX_UNAUTHENTICATED_PER_IP", value_name = "N", default_value = "200")]
    pub(crate) max_unauthenticated_per_ip: String,
    /// Requests from one address per second
    #[arg(long, env = "HEREABOUTS_REQUESTS_PER_SECOND_PER_IP", value_name = "N", default_value = "100")]
    pub(crate) requests_per_second_per_ip: String,
    /// Requests from one address at once, before the rate counts
    #[arg(long, env = "HEREABOUTS_REQUEST_BURST_PER_IP", value_name = "N", default_value = "500")]
    pub(crate) request_burst_per_ip: String,
    /// Messages of one connection per second; twice as many at once
    #[arg(long, env = "HEREABOUTS_MESSAGES_PER_SECOND", value_name = "N", default_value = "20")]
    pub(crate) messages_per_second: String,
    /// Lookups of other people's statuses by one person per minute
    #[arg(long, env = "HEREABOUTS_LOOKUPS_PER_MINUTE", value_name = "N", default_value = "600")]
    pub(crate) lookups_per_minute: String,
    /// Visible changes of one person per minute; five at once. More are not lost: the newest state follows
    #[arg(long, env = "HEREABOUTS_MAX_CHANGES_PER_USER", value_name = "N", default_value = "30")]
    pub(crate) max_changes_per_user: String,
    /// Attempts to sign in as one person from one address per minute
    #[arg(long, env = "HEREABOUTS_LOGINS_PER_MINUTE", value_name = "N", default_value = "5")]
    pub(crate) logins_per_minute: String,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Times (500ms, 25s, 2m, 1h)")]
pub(crate) struct TimeFlags {
    /// A quiet connection is pinged this often, ± 20 %
    #[arg(long, env = "HEREABOUTS_PING_INTERVAL", value_name = "TIME", default_value = "25s")]
    pub(crate) ping_interval: String,
    /// A connection without any frame for this long is dead
    #[arg(long, env = "HEREABOUTS_DEAD_AFTER", value_name = "TIME", default_value = "45s")]
    pub(crate) dead_after: String,
    /// After a loss, a person stays online for this long
    #[arg(long, env = "HEREABOUTS_GRACE", value_name = "TIME", default_value = "15s")]
    pub(crate) grace: String,
    /// Under load, changes are collected for up to this long
    #[arg(long, env = "HEREABOUTS_COALESCE_MAX", value_name = "TIME", default_value = "500ms")]
    pub(crate) coalesce_max: String,
    /// A client that connects without a token must send it within this time
    #[arg(long, env = "HEREABOUTS_AUTH_TIMEOUT", value_name = "TIME", default_value = "5s")]
    pub(crate) auth_timeout: String,
    /// An access token of --directory builtin is good for this long
    #[arg(long, env = "HEREABOUTS_ACCESS_TOKEN_TTL", value_name = "TIME", default_value = "15m")]
    pub(crate) access_token_ttl: String,
    /// A refresh token is good for this long, unless it is used before
    #[arg(long, env = "HEREABOUTS_REFRESH_TOKEN_TTL", value_name = "TIME", default_value = "7d")]
    pub(crate) refresh_token_ttl: String,
    /// A ticket for a socket is good for this long
    #[arg(long, env = "HEREABOUTS_TICKET_TTL", value_name = "TIME", default_value = "30s")]
    pub(crate) ticket_ttl: String,
    /// Request line and headers must arrive within this time
    #[arg(long, env = "HEREABOUTS_HEADER_TIMEOUT", value_name = "TIME", default_value = "5s")]
    pub(crate) header_timeout: String,
    /// An HTTP connection without a request is kept for this long
    #[arg(long, env = "HEREABOUTS_KEEP_ALIVE", value_name = "TIME", default_value = "30s")]
    pub(crate) keep_alive: String,
    /// A request is answered within this time, or with 503; its body must be here after 4/5 of it, or 408
    #[arg(long, env = "HEREABOUTS_REQUEST_TIMEOUT", value_name = "TIME", default_value = "10s")]
    pub(crate) request_timeout: String,
    /// At SIGTERM, clients have this long to close
    #[arg(long, env = "HEREABOUTS_DRAIN", value_name = "TIME", default_value = "5s")]
    pub(crate) drain: String,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Operator")]
pub(crate) struct ServiceFlags {
    /// Key of your own services (`who`, scrapers): reads who is online, and is nobody; 32 bytes or more
    #[arg(long, env = "HEREABOUTS_SERVICE_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) service_key: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogFlags {
    /// text, json or auto: text on a terminal, JSON otherwise
    #[arg(long, env = "HEREABOUTS_LOG_FORMAT", value_name = "FORMAT", default_value = "auto")]
    pub(crate) log_format: String,
    /// What to log: error, warn, info, debug, or a filter such as info,hereabouts::store=debug
    #[arg(long, env = "HEREABOUTS_LOG", value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,
    /// The same as --log debug
    #[arg(long, env = "DEBUG", value_name = "BOOL", num_args = 0..=1,
          default_value = "false", default_missing_value = "true")]
    pub(crate) debug: String,
}
