//! `hereabouts serve` and `hereabouts dev`.

use std::path::PathBuf;

use clap::Args;

use super::{Flags, data_dir::DataDir, names};
use crate::{
    server,
    settings::{Faults, Purpose, Settings},
    shutdown::Shutdown,
    telemetry,
};

/// The flags of `serve`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  # People register and log in here. A new key would sign everybody out.
  (umask 077; openssl rand -hex 32 > hereabouts.key)
  hereabouts serve --secret-key-file hereabouts.key

  # Beside an app that makes the tokens and has the people.
  SECRET_KEY=\"$THE_KEY_OF_YOUR_APP\" hereabouts serve --directory token

  # Behind a proxy on this machine, for pages of another site.
  hereabouts serve --secret-key-file /etc/hereabouts.key \\
    --trusted-proxies 127.0.0.1 --allowed-hosts presence.example.com,localhost \\
    --cors-allowed-origins https://app.example.com \\
    --database-url sqlite:///var/lib/hereabouts/people.sqlite3")]
pub(super) struct Serve {
    #[command(flatten)]
    flags: Flags,
}

/// The flags of `dev`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hereabouts dev
  hereabouts dev --bind 127.0.0.1:0 --data-dir /tmp/hereabouts")]
pub(super) struct Dev {
    /// Folder for the database and the generated key
    #[arg(long, env = "HEREABOUTS_DATA_DIR", value_name = "DIR", default_value = "hereabouts-data")]
    data_dir: PathBuf,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let settings = Settings::check(&self.flags, &Purpose::Serve);
        start(&self.flags, settings)
    }
}

impl Dev {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let folder = DataDir::create(self.data_dir)?;
        let service_key = folder.service_key()?;
        let purpose = Purpose::Dev { secret: folder.secret()?, data_dir: folder.into_path() };
        let settings = Settings::check(&self.flags, &purpose)
            .map(|settings| Settings { service_key: settings.service_key.or(Some(service_key)), ..settings });
        start(&self.flags, settings)
    }
}

fn start(flags: &Flags, settings: Result<Settings, Faults>) -> anyhow::Result<()> {
    let logging = telemetry::start(&flags.log.log_format, &flags.log.log, &flags.log.debug);
    // The faults of both, at once.
    let settings = match (settings, logging) {
        (Ok(settings), Ok(())) => settings,
        (settings, logging) => {
            let faults = [settings.err(), logging.err()].into_iter().flatten().flat_map(|faults| faults.0);
            return Err(Faults(faults.collect()).into());
        }
    };
    for unknown in names::unknown_in_environment() {
        tracing::warn!("{} is set in the environment, and is no setting: {}", unknown.name, unknown.advice);
    }
    telemetry::set_hash_key(settings.secrets.current.as_bytes());
    raise_descriptor_limit();
    if settings.is_dev && settings.secrets.is_weak() {
        tracing::warn!("SECRET_KEY is too weak for more than trying out: `serve` will refuse it");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let shutdown = Shutdown::new();
        server::stop_at_signal(shutdown.clone())?;
        server::run(settings, shutdown).await
    });
    // Whatever still waits for a client that never answers is not waited for.
    runtime.shutdown_background();
    outcome
}

/// One socket is one descriptor: takes as many as the system allows this process to take.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}
