//! From flags to settings: every value is looked at before any fault is reported.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::{Resource, getrlimit};

use super::{
    Database, Faults, HostPattern, IpNet, Limits, Origin, Secret, Settings, Times,
    accounts::check_directory,
    adopt,
    fault::Refused,
    parse, service,
    tokens::{IssuerAlone, check_secrets, check_tokens},
};
use crate::cli::flags::{DatabaseFlags, Flags, LimitFlags, NetworkFlags, TimeFlags};
use crate::directory::DirectoryKind;

/// What the server is started for; decides defaults and strictness.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// `hereabouts serve`: a weak key is refused.
    Serve,
    /// `hereabouts dev`: what is not given lives in the data folder.
    Dev {
        /// The data folder.
        data_dir: PathBuf,
        /// The folder's own key, used when none is given.
        secret: Secret,
    },
}

/// Names of the settings, as people meet them.
pub(super) mod name {
    pub(in crate::settings) const BIND: &str = "--bind (HEREABOUTS_BIND)";
    pub(in crate::settings) const INTERNAL_BIND: &str = "--internal-bind (HEREABOUTS_INTERNAL_BIND)";
    pub(in crate::settings) const HOSTS: &str = "ALLOWED_HOSTS (--allowed-hosts)";
    pub(in crate::settings) const ORIGINS: &str = "CORS_ALLOWED_ORIGINS (--cors-allowed-origins)";
    pub(in crate::settings) const PROXIES: &str = "TRUSTED_PROXIES (--trusted-proxies)";
    pub(in crate::settings) const ASSETS: &str = "--assets (HEREABOUTS_ASSETS)";
    pub(in crate::settings) const SHARDS: &str = "--shards (HEREABOUTS_SHARDS)";
    pub(in crate::settings) const DATABASE: &str = "DATABASE_URL (--database-url)";
    pub(in crate::settings) const REDIS: &str = "REDIS_URL (--redis-url)";
    pub(in crate::settings) const DIRECTORY: &str = "--directory (HEREABOUTS_DIRECTORY)";
    pub(in crate::settings) const NO_MIGRATE: &str = "--no-migrate (HEREABOUTS_NO_MIGRATE)";
}

impl Settings {
    /// Reads all flags; reports everything that is wrong with them at once.
    pub fn check(flags: &Flags, purpose: &Purpose) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let network = &flags.network;
        let bind = faults.check(name::BIND, parse::socket_address(&network.bind), UNUSED_ADDRESS);
        let internal_bind =
            faults.check(name::INTERNAL_BIND, parse::socket_address(&network.internal_bind), UNUSED_ADDRESS);
        check_redis(flags, &mut faults);
        let directory = check_directory(&flags.store.database.directory, &mut faults);
        let no_migrate = faults.check(name::NO_MIGRATE, parse::yes_or_no(&flags.store.no_migrate), false);
        let is_dev = matches!(purpose, Purpose::Dev { .. });
        let settings = Self {
            bind,
            internal_bind,
            secrets: check_secrets(&flags.secret, purpose, issuer_alone(flags, directory), &mut faults),
            tokens: check_tokens(&flags.token, &flags.secret, &mut faults),
            service_key: service::check(&flags.service, &mut faults),
            database: database(&flags.store.database, purpose.data_dir(), &mut faults),
            directory,
            applies_migrations: !no_migrate,
            allowed_hosts: check_hosts(network, bind.ip(), is_dev, &mut faults),
            allowed_origins: check_origins(network, is_dev, &mut faults),
            trusted_proxies: check_list(
                name::PROXIES,
                network.trusted_proxies.as_deref(),
                &mut faults,
                IpNet::parse,
            ),
            limits: check_limits(&flags.limit, is_dev, &mut faults),
            times: check_times(&flags.time, &mut faults),
            shards: check_shards(&network.shards, &mut faults),
            assets: check_assets(network, &mut faults),
            is_dev,
        };
        if is_dev && directory == DirectoryKind::Adopt {
            let wrong = "`dev` makes people of its own, and those of an app are the app's".to_owned();
            faults.check(name::DIRECTORY, Err((wrong, "start `hereabouts serve`".to_owned())), ());
        }
        if faults.0.is_empty() { Ok(settings) } else { Err(faults) }
    }
}

/// Whether no shared key is needed: an issuer makes all tokens.
fn issuer_alone(flags: &Flags, directory: DirectoryKind) -> IssuerAlone {
    match (flags.token.has_issuer(), directory) {
        (false, _) => IssuerAlone::No,
        (true, DirectoryKind::Token | DirectoryKind::Adopt) => IssuerAlone::Yes,
        (true, DirectoryKind::Builtin) => IssuerAlone::NotWithAccounts,
    }
}

impl Purpose {
    fn data_dir(&self) -> Option<&Path> {
        match self {
            Self::Serve => None,
            Self::Dev { data_dir, .. } => Some(data_dir),
        }
    }
}

/// The database that is meant, also for commands that start no server.
pub(crate) fn database(flags: &DatabaseFlags, data_dir: Option<&Path>, faults: &mut Faults) -> Database {
    let database = match flags.database_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => faults.check(name::DATABASE, parse::database(url), Database::Memory),
        None => Database::File(data_dir.unwrap_or(Path::new("")).join(DATABASE_FILE)),
    };
    if flags.directory == "adopt" { adopted(database, flags, faults) } else { database }
}

/// The app's database, where it has the people.
fn adopted(database: Database, flags: &DatabaseFlags, faults: &mut Faults) -> Database {
    let tables = adopt::check(&flags.adopt, faults);
    match (database, tables) {
        (Database::Postgres(url), Some(tables)) => Database::Adopted(url, Box::new(tables)),
        (Database::Postgres(url), None) => Database::Postgres(url),
        (other, _) => {
            let wrong =
                "--directory adopt reads the people of an app from its PostgreSQL database, and this is none";
            let right = "the app's own DATABASE_URL: postgres://USER:PASSWORD@HOST:5432/DATABASE";
            faults.check(name::DATABASE, Err((wrong.to_owned(), right.to_owned())), other)
        }
    }
}

/// The file of people, where no other is named.
pub(crate) const DATABASE_FILE: &str = "hereabouts.sqlite3";

const UNUSED_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

pub(super) fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn check_list<T>(
    name: &'static str,
    text: Option<&str>,
    faults: &mut Faults,
    parse: impl Fn(&str) -> Result<T, Refused>,
) -> Vec<T> {
    list(text).filter_map(|item| faults.check(name, parse(item).map(Some), None)).collect()
}

fn check_redis(flags: &Flags, faults: &mut Faults) {
    if flags.store.redis_url.as_deref().is_some_and(|url| !url.is_empty()) {
        let wrong = "Redis, and with it more than one node, is not supported yet".to_owned();
        let right = "start without it: `env -u REDIS_URL hereabouts …`, or take it out of .env";
        faults.check(name::REDIS, Err((wrong, right.to_owned())), ());
    }
}

fn check_hosts(network: &NetworkFlags, bind: IpAddr, is_dev: bool, faults: &mut Faults) -> Vec<HostPattern> {
    let given = check_list(name::HOSTS, network.allowed_hosts.as_deref(), faults, HostPattern::parse);
    if !given.is_empty() && !is_dev {
        let is_open = given.contains(&HostPattern::Any) && !bind.is_loopback();
        let is_behind_proxy = list(network.trusted_proxies.as_deref()).next().is_some();
        if is_open && !is_behind_proxy {
            let wrong =
                "* on an address that others reach lets any page rebind its name to this server".to_owned();
            let right =
                "the hosts it is called by; with TRUSTED_PROXIES set, the proxy may answer for *".to_owned();
            faults.check(name::HOSTS, Err((wrong, right)), ());
        }
        return given;
    }
    let own = match bind {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let defaults = ["localhost", "127.0.0.1", "[::1]", &own].map(|host| HostPattern::Exact(host.to_owned()));
    given.into_iter().chain(defaults).collect()
}

/// In `dev`, a front end on its own development server is welcome without a setting.
fn check_origins(network: &NetworkFlags, is_dev: bool, faults: &mut Faults) -> Vec<Origin> {
    let mut origins =
        check_list(name::ORIGINS, network.cors_allowed_origins.as_deref(), faults, Origin::parse_setting);
    if is_dev {
        origins.extend(
            ["http://localhost:3000", "http://127.0.0.1:3000"].iter().filter_map(|it| Origin::parse(it)),
        );
    }
    origins
}

fn check_assets(network: &NetworkFlags, faults: &mut Faults) -> Option<PathBuf> {
    let folder = network.assets.clone().filter(|folder| !folder.as_os_str().is_empty())?;
    let checked = if folder.is_dir() {
        Ok(Some(folder))
    } else {
        Err((
            format!("\"{}\" is not a folder", folder.display()),
            "the folder of an exported site, such as apps/demo/out".to_owned(),
        ))
    };
    faults.check(name::ASSETS, checked, None)
}

fn check_shards(text: &str, faults: &mut Faults) -> usize {
    match faults.check(name::SHARDS, parse::number(text, 256), 1) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n as usize,
    }
}

/// How many of the descriptors this process may have are left for sockets: a quarter, but no more than 256, is kept
/// for requests, the database and the health checks. `None` when there is no limit.
fn descriptors_for_connections() -> Option<u32> {
    let maximum = getrlimit(Resource::Nofile).maximum?;
    let kept = (maximum / 4).min(256);
    Some(u32::try_from(maximum - kept).unwrap_or(u32::MAX))
}

fn check_limits(flags: &LimitFlags, is_dev: bool, faults: &mut Faults) -> Limits {
    let mut limit = |name, text: &str| faults.check(name, parse::limit(text), None);
    // The demo's own people and its crowd come from one address.
    let per_ip = flags.max_connections_per_ip.as_deref().unwrap_or(if is_dev { "0" } else { "1000" });
    let in_all = flags.max_connections.as_deref();
    Limits {
        connections_max: in_all.map_or_else(descriptors_for_connections, |text| {
            limit("--max-connections (HEREABOUTS_MAX_CONNECTIONS)", text)
        }),
        unauthenticated_per_ip_max: limit(
            "--max-unauthenticated-per-ip (HEREABOUTS_MAX_UNAUTHENTICATED_PER_IP)",
            &flags.max_unauthenticated_per_ip,
        ),
        connections_per_user_max: limit(
            "--max-connections-per-user (HEREABOUTS_MAX_CONNECTIONS_PER_USER)",
            &flags.max_connections_per_user,
        ),
        connections_per_ip_max: limit("--max-connections-per-ip (HEREABOUTS_MAX_CONNECTIONS_PER_IP)", per_ip),
        requests_per_second_per_ip: limit(
            "--requests-per-second-per-ip (HEREABOUTS_REQUESTS_PER_SECOND_PER_IP)",
            &flags.requests_per_second_per_ip,
        ),
        request_burst_per_ip: limit(
            "--request-burst-per-ip (HEREABOUTS_REQUEST_BURST_PER_IP)",
            &flags.request_burst_per_ip,
        )
        .unwrap_or(u32::MAX),
        messages_per_second: limit(
            "--messages-per-second (HEREABOUTS_MESSAGES_PER_SECOND)",
            &flags.messages_per_second,
        ),
        lookups_per_minute: limit(
            "--lookups-per-minute (HEREABOUTS_LOOKUPS_PER_MINUTE)",
            &flags.lookups_per_minute,
        ),
        changes_per_minute: limit(
            "--max-changes-per-user (HEREABOUTS_MAX_CHANGES_PER_USER)",
            &flags.max_changes_per_user,
        ),
        logins_per_minute: limit(
            "--logins-per-minute (HEREABOUTS_LOGINS_PER_MINUTE)",
            &flags.logins_per_minute,
        ),
    }
}

fn check_times(flags: &TimeFlags, faults: &mut Faults) -> Times {
    let second = Duration::from_secs(1);
    let tick = Duration::from_millis(10);
    let mut time = |name, text: &str, min, max_seconds| {
        faults.check(name, parse::duration(text, min, Duration::from_secs(max_seconds)), second)
    };
    let times = Times {
        ping_interval: time("--ping-interval (HEREABOUTS_PING_INTERVAL)", &flags.ping_interval, tick, 3600),
        dead_after: time("--dead-after (HEREABOUTS_DEAD_AFTER)", &flags.dead_after, tick, 7200),
        grace: time("--grace (HEREABOUTS_GRACE)", &flags.grace, Duration::ZERO, 3600),
        coalesce_max: time(
            "--coalesce-max (HEREABOUTS_COALESCE_MAX)",
            &flags.coalesce_max,
            Duration::ZERO,
            10,
        ),
        auth_timeout: time("--auth-timeout (HEREABOUTS_AUTH_TIMEOUT)", &flags.auth_timeout, tick, 600),
        access_ttl: time(
            "--access-token-ttl (HEREABOUTS_ACCESS_TOKEN_TTL)",
            &flags.access_token_ttl,
            second,
            86_400,
        ),
        refresh_ttl: time(
            "--refresh-token-ttl (HEREABOUTS_REFRESH_TOKEN_TTL)",
            &flags.refresh_token_ttl,
            second,
            400 * 86_400,
        ),
        ticket_ttl: time("--ticket-ttl (HEREABOUTS_TICKET_TTL)", &flags.ticket_ttl, second, 600),
        header_timeout: time(
            "--header-timeout (HEREABOUTS_HEADER_TIMEOUT)",
            &flags.header_timeout,
            tick,
            600,
        ),
        keep_alive: time("--keep-alive (HEREABOUTS_KEEP_ALIVE)", &flags.keep_alive, tick, 3600),
        request_timeout: time(
            "--request-timeout (HEREABOUTS_REQUEST_TIMEOUT)",
            &flags.request_timeout,
            tick,
            600,
        ),
        drain: time("--drain (HEREABOUTS_DRAIN)", &flags.drain, Duration::ZERO, 30),
    };
    if times.dead_after < times.ping_interval * 3 / 2 {
        let wrong = "a healthy connection would be taken for dead between two pings".to_owned();
        let right =
            format!("at least one and a half times --ping-interval: {:?}", times.ping_interval * 3 / 2);
        faults.check("--dead-after (HEREABOUTS_DEAD_AFTER)", Err((wrong, right)), ());
    }
    times
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }

    const KEY: &str = "0b5c1d0cf0a34dd0b1a6e2f7a9c48e1d";

    fn check(line: &[&str]) -> Result<Settings, Faults> {
        let flags = Line::try_parse_from(["hereabouts"].iter().chain(line)).unwrap().flags;
        Settings::check(&flags, &Purpose::Serve)
    }

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let settings = check(&["--secret-key", KEY]).unwrap();
        assert_eq!(settings.bind.to_string(), "127.0.0.1:8000");
        assert_eq!(settings.internal_bind.to_string(), "127.0.0.1:9000");
        assert_eq!(settings.limits.connections_per_user_max, Some(50));
        assert_eq!(settings.limits.connections_per_ip_max, Some(1000));
        assert_eq!(settings.limits.requests_per_second_per_ip, Some(100));
        assert_eq!(settings.limits.request_burst_per_ip, 500);
        assert_eq!(settings.limits.messages_per_second, Some(20));
        assert_eq!(settings.limits.logins_per_minute, Some(5));
        assert_eq!(settings.directory, crate::directory::DirectoryKind::Builtin);
        assert_eq!(settings.times.access_ttl, Duration::from_secs(900));
        assert_eq!(settings.times.refresh_ttl, Duration::from_secs(7 * 86_400));
        assert_eq!(settings.times.ticket_ttl, Duration::from_secs(30));
        assert_eq!(settings.times.ping_interval, Duration::from_secs(25));
        assert_eq!(settings.times.dead_after, Duration::from_secs(45));
        assert_eq!(settings.times.grace, Duration::from_secs(15));
        assert_eq!(settings.times.coalesce_max, Duration::from_millis(500));
        assert!(settings.allowed_hosts.iter().any(|host| host.matches("localhost")));
    }

    #[test]
    fn zero_is_no_limit() {
        let settings = check(&["--secret-key", KEY, "--max-connections-per-ip", "0"]).unwrap();
        assert_eq!(settings.limits.connections_per_ip_max, None);
    }

    #[test]
    fn every_fault_is_reported_with_what_would_be_right() {
        let line = "--bind nowhere --allowed-hosts a,http://b --cors-allowed-origins c --shards many --grace soon \
                    --database-url postgresql://u:hush@localhost:port/x --redis-url redis://localhost --directory push";
        let faults = check(&line.split(' ').collect::<Vec<_>>()).unwrap_err();
        let settings: Vec<_> =
            faults.0.iter().map(|fault| fault.setting.split(' ').next().unwrap()).collect();
        assert_eq!(
            settings,
            [
                "--bind",
                "REDIS_URL",
                "--directory",
                "SECRET_KEY",
                "DATABASE_URL",
                "ALLOWED_HOSTS",
                "CORS_ALLOWED_ORIGINS",
                "--grace",
                "--shards"
            ]
        );
        assert!(faults.0.iter().all(|fault| !fault.right.is_empty()));
        assert!(!faults.to_string().contains("hush"));
    }

    #[test]
    fn a_dead_time_shorter_than_the_pings_is_refused() {
        let faults = check(&["--secret-key", KEY, "--dead-after", "10s"]).unwrap_err();
        assert!(faults.0[0].right.contains("37.5s"), "{faults}");
    }
}
