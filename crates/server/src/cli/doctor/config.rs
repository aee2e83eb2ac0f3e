//! What this machine was told: settings, database, descriptors, port, addresses of the front end.

use std::{io::ErrorKind, net::TcpListener};

use rustix::process::{Resource, getrlimit};

use super::report::Check;
use crate::{
    cli::{Flags, client::Server, data_dir::DataDir, names},
    settings::{Database, Faults, Purpose, Settings},
    store,
};

/// Open files under which a busy day could end the sockets: one socket is one.
const DESCRIPTORS_MIN: u64 = 10_000;

/// The settings as `serve` would read them here, or as `dev` would where only its data folder is.
pub(super) fn read(flags: &Flags, folder: Option<DataDir>) -> anyhow::Result<Result<Settings, Faults>> {
    let purpose = match folder {
        Some(folder) if flags.secret.secret_key.is_none() => {
            Purpose::Dev { secret: folder.secret()?, data_dir: folder.into_path() }
        }
        _ => Purpose::Serve,
    };
    Ok(Settings::check(flags, &purpose))
}

/// Each wrong setting is one check; one check says that none is.
pub(super) fn settings(settings: &Result<Settings, Faults>) -> Vec<Check> {
    let mut checks: Vec<_> = match settings {
        Ok(_) => vec![Check::ok("settings", "all settings make sense")],
        Err(faults) => faults
            .0
            .iter()
            .map(|fault| Check::fail("settings", format!("{}: {}", fault.setting, fault.wrong), &fault.right))
            .collect(),
    };
    checks.extend(names::unknown_in_environment().into_iter().map(|unknown| {
        let found = format!("{} is set in the environment, and is no setting", unknown.name);
        Check::warn("settings", found, unknown.advice)
    }));
    checks
}

const FILE_ADVICE: &str = "look at the file's owner and at who else has it open (`fuser FILE`); a corrupt file is \
                           replaced from the backup (docs/OPERATIONS.md)";
const POSTGRES_ADVICE: &str = "try the same address with `psql`: is the server up, the name of the database right, and may \
                               this user create tables in it?";

/// Whether the database can be opened and has this version's schema. Creates nothing.
pub(super) async fn database(settings: &Settings) -> Check {
    let shown = settings.database.to_string();
    match &settings.database {
        Database::Memory => {
            return Check::warn(
                "database",
                "people are kept in memory and forgotten at every start",
                "name a file: DATABASE_URL=sqlite:///var/lib/hereabouts/people.sqlite3",
            );
        }
        Database::File(path) if !path.exists() => {
            return Check::ok("database", format!("{} will be made at the first start", path.display()));
        }
        Database::File(_) | Database::Postgres(_) | Database::Adopted(..) => {}
    }
    let looked = async {
        let store = store::connect(&settings.database).await?;
        store.check().await?;
        store.migrations().await
    };
    match looked.await {
        Ok(migrations) => match migrations.iter().filter(|migration| !migration.is_applied).count() {
            0 => Check::ok("database", format!("{shown} opens and has the current schema")),
            n if settings.applies_migrations => {
                Check::ok("database", format!("{shown} opens; the next start applies {n} migrations"))
            }
            n => Check::fail(
                "database",
                format!("{n} migrations are pending and --no-migrate forbids applying them"),
                "run `hereabouts migrate`, or start without --no-migrate",
            ),
        },
        Err(error) => Check::fail(
            "database",
            format!("{shown} cannot be used: {error}"),
            if matches!(settings.database, Database::Postgres(_) | Database::Adopted(..)) {
                POSTGRES_ADVICE
            } else {
                FILE_ADVICE
            },
        ),
    }
}

/// How many sockets this process may hold.
pub(super) fn descriptors() -> Check {
    match getrlimit(Resource::Nofile).maximum {
        Some(n) if n < DESCRIPTORS_MIN => Check::warn(
            "descriptors",
            format!("{n} open files are allowed, so fewer sockets"),
            "raise it: LimitNOFILE=1048576 in the systemd unit, or `ulimit -Hn 1048576` before the start",
        ),
        Some(n) => Check::ok("descriptors", format!("{n} open files are allowed")),
        None => Check::ok("descriptors", "open files are not limited"),
    }
}

/// Whether the server's port is free, or taken by the server.
pub(super) fn port(settings: &Settings, answers: bool) -> Check {
    let bind = settings.bind;
    if bind.port() == 0 {
        return Check::skip("port", "--bind picks a free port; give the one it picked with --url");
    }
    match TcpListener::bind(bind) {
        Ok(_) => Check::ok("port", format!("{bind} is free: no server has it now")),
        Err(error) if error.kind() == ErrorKind::AddrInUse && answers => {
            Check::ok("port", format!("{bind} is the running server's"))
        }
        Err(error) if error.kind() == ErrorKind::AddrInUse => Check::fail(
            "port",
            format!("another program listens on {bind}"),
            format!(
                "find it with `ss -ltnp 'sport = :{}'` and stop it, or choose another with --bind",
                bind.port()
            ),
        ),
        Err(error) => Check::fail(
            "port",
            format!("{bind} cannot be used: {error}"),
            "bind an address of this machine, such as 127.0.0.1:8000 or 0.0.0.0:8000; ports below 1024 need \
             a right of their own",
        ),
    }
}

/// Whether the front end's setting, where it is set here, means this server.
pub(super) fn front_end(server: &Server, api_base: Option<&str>) -> Check {
    let wanted = format!("{server}/api");
    let Some(given) = api_base.filter(|given| !given.is_empty()) else {
        return Check::skip(
            "front-end",
            format!("NEXT_PUBLIC_API_BASE_URL is not set here; it must be {wanted} where the page is built"),
        );
    };
    let points_here =
        Server::parse(given).is_ok_and(|it| it.to_string() == server.to_string()) && given.contains("/api");
    if points_here {
        Check::ok("front-end", "NEXT_PUBLIC_API_BASE_URL means this server")
    } else {
        Check::warn(
            "front-end",
            format!("NEXT_PUBLIC_API_BASE_URL is {given:?}, which is not this server"),
            format!(
                "set NEXT_PUBLIC_API_BASE_URL={wanted} and build the page again; or give its address to --url"
            ),
        )
    }
}
