//! `hereabouts doctor`: looks at a server from outside and at this machine's settings, and says what to do about it.
//!
//! Each check answers one way in which a presence card stays empty, a socket does not open, or people stay online. A
//! check that needs an earlier one is skipped when that failed, so that one cause is reported once.

mod config;
mod reach;
mod report;
mod socket;
mod token;

use std::{path::PathBuf, time::SystemTime};

use anyhow::Context;
use clap::Args;

use self::report::{Check, Report};
use super::{Flags, block_on, client::Server, data_dir::DataDir, user::find};
use crate::{
    auth::{TokenKind, TokenSigner},
    clock::Clock,
    settings::{Faults, Settings},
    store,
};

/// The flags of `doctor`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hereabouts doctor --user ada --origin http://localhost:3000
  hereabouts doctor --url http://presence.example.com --token \"$TOKEN\" --json

With a token the doctor opens a socket as that person, who is online for that
moment. Exit code 0: nothing failed; 1: something did.")]
pub(super) struct Doctor {
    /// Look at this server only, not at this machine's settings
    /// [default: the server that --bind names, and this machine]
    #[arg(long, env = "HEREABOUTS_URL", value_name = "URL")]
    url: Option<String>,
    /// An access token to try; better in the environment, where `ps` does not show it
    #[arg(long, env = "HEREABOUTS_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Try a token of this person, signed with this machine's key: a name, slug or id
    #[arg(long, value_name = "NAME", conflicts_with = "token")]
    user: Option<String>,
    /// The address of the page that shows who is online
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Also wait until a lost connection is noticed: the grace, 15 s by default
    #[arg(long)]
    thorough: bool,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    /// Data folder of `hereabouts dev` [default: hereabouts-data, if it is there]
    #[arg(long, env = "HEREABOUTS_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

impl Doctor {
    /// Runs all checks and prints them. False when one failed.
    pub(super) fn run(self) -> anyhow::Result<bool> {
        let folder = DataDir::find(self.data_dir.as_deref().unwrap_or(DEFAULT_DATA_DIR.as_ref()));
        let settings = config::read(&self.flags, folder)?;
        let server = self.server(&settings)?;
        let report = block_on(async { Ok(self.examine(&server, &settings).await) })?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{report}");
        }
        Ok(report.is_ok())
    }

    /// The server that is meant: the one of --url, or the one that runs with these settings.
    fn server(&self, settings: &Result<Settings, Faults>) -> anyhow::Result<Server> {
        if let Some(url) = &self.url {
            return Ok(Server::parse(url)?);
        }
        let mut address = match settings {
            Ok(settings) => settings.bind,
            Err(_) => self.flags.network.bind.parse().unwrap_or(([127, 0, 0, 1], 8000).into()),
        };
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                std::net::Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        Ok(Server::parse(&format!("http://{address}"))?)
    }

    async fn examine(&self, server: &Server, settings: &Result<Settings, Faults>) -> Report {
        let origin = self.origin.as_deref().map(|origin| origin.trim_end_matches('/'));
        let mut checks = Vec::new();
        let is_here = self.url.is_none();
        if is_here {
            checks.extend(config::settings(settings));
        }
        let (reach, answer) = reach::reach(server).await;
        if let (true, Ok(settings)) = (is_here, settings) {
            checks.push(config::database(settings).await);
            checks.push(config::descriptors());
            checks.push(config::port(settings, answer.is_some()));
        }
        checks.push(reach);
        if let Some(answer) = answer {
            checks.push(reach::clock(&answer, SystemTime::now()));
            checks.push(socket::upgrade(server).await);
            checks.push(reach::cors(server, origin).await);
            checks.push(socket::origin(server, origin).await);
            checks.extend(self.credentials(server, settings, origin).await);
        }
        checks.push(config::front_end(server, std::env::var("NEXT_PUBLIC_API_BASE_URL").ok().as_deref()));
        Report::new(server.to_string(), checks)
    }

    /// What takes a token: the list, and a whole visit.
    async fn credentials(
        &self,
        server: &Server,
        settings: &Result<Settings, Faults>,
        origin: Option<&str>,
    ) -> Vec<Check> {
        let given = match (&self.token, &self.user) {
            (Some(token), _) => Ok(token.trim().to_owned()),
            (None, Some(name)) => signed_for(name, settings).await,
            (None, None) => {
                let needs =
                    "needs --token or --user NAME; then the list, the socket and leaving are tried too";
                return vec![Check::skip("token", needs)];
            }
        };
        let token = match given {
            Ok(token) => token,
            Err(error) => {
                let fix = "name somebody whom `hereabouts user list` shows, with SECRET_KEY and DATABASE_URL as \
                           the server has them; or give a token with --token";
                return vec![Check::fail("token", format!("none can be made: {error:#}"), fix)];
            }
        };
        let content = token::content(&token, Clock::start().now());
        let list = token::accepted(server, &token, origin).await;
        let can_visit = !content.is_failure() && !list.is_failure();
        let mut checks = vec![content, list];
        match token::owner(&token).filter(|_| can_visit) {
            Some(user) => checks.extend(socket::visit(server, &token, user, self.thorough).await),
            None => checks.push(Check::skip("socket", "needs a token that is accepted")),
        }
        checks
    }
}

/// `dev`'s folder, where it is looked for when none is named.
const DEFAULT_DATA_DIR: &str = "hereabouts-data";
/// Long enough for every check, and no longer.
const TOKEN_TTL: std::time::Duration = std::time::Duration::from_secs(300);

async fn signed_for(name: &str, settings: &Result<Settings, Faults>) -> anyhow::Result<String> {
    let settings = settings.as_ref().ok().context("this machine's settings are wrong")?;
    let store = store::open(&settings.database, false).await?;
    let user = find(store.as_ref(), name).await?.with_context(|| format!("nobody is called {name:?}"))?;
    let signer = TokenSigner::new(&settings.secrets.current);
    Ok(signer.sign(&user.profile, TokenKind::Access, Clock::start().now(), TOKEN_TTL))
}
