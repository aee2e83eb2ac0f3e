//! `hereabouts who`: who is online now, in the terminal. It asks with the service key, so nobody appears because of it.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, bail};
use clap::Args;
use hereabouts_protocol::{OnlineUser, Timestamp, UserId};

use super::{block_on, client::Server, data_dir::DataDir, watch};
use crate::clock::Clock;

const DEFAULT_DATA_DIR: &str = "hereabouts-data";
pub(super) const UNKNOWN_KEY: &str = "the server does not know this key: it must be started with the same --service-key \
                                      (HEREABOUTS_SERVICE_KEY)";

/// The flags of `who`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  hereabouts who --watch
  hereabouts who --json | jq -r '.[].username'

With --watch, a terminal shows the list as it is; a pipe gets a line per change.")]
pub(super) struct Who {
    /// Go on, and show who comes and goes
    #[arg(long)]
    watch: bool,
    /// Print JSON: the list; with --watch an object per change
    #[arg(long)]
    json: bool,
    /// The server
    #[arg(long, env = "HEREABOUTS_URL", value_name = "URL", default_value = "http://127.0.0.1:8000")]
    url: String,
    /// The server's service key; better in the environment, where `ps` does not show it
    /// [default: the one in the data folder]
    #[arg(long, env = "HEREABOUTS_SERVICE_KEY", value_name = "KEY", hide_env_values = true)]
    service_key: Option<String>,
    /// Data folder of `hereabouts dev` [default: hereabouts-data, if it is there]
    #[arg(long, env = "HEREABOUTS_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Who {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let server = Server::parse(&self.url)?;
        let key = self.key()?;
        block_on(async {
            let shown = if self.watch {
                watch::watch(&server, &key, self.json).await
            } else {
                self.print(&read(&server, &key).await?)
            };
            match shown {
                // Who reads our output has read enough.
                Err(error) if is_broken_pipe(&error) => Ok(()),
                other => other,
            }
        })
    }

    fn key(&self) -> anyhow::Result<String> {
        if let Some(key) = self.service_key.as_deref().filter(|key| !key.is_empty()) {
            return Ok(key.to_owned());
        }
        let folder = self.data_dir.clone().unwrap_or_else(|| DEFAULT_DATA_DIR.into());
        let folder = DataDir::find(&folder).context(
            "no key to ask with: start the server with --service-key (HEREABOUTS_SERVICE_KEY) and set the same here, \
             or name the data folder of `hereabouts dev` with --data-dir",
        )?;
        Ok(String::from_utf8(folder.service_key()?.as_bytes().to_vec())?)
    }

    fn print(&self, people: &[OnlineUser]) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string(people)?)?;
        } else {
            let rows: Vec<_> = people.iter().map(row).collect();
            out.write_all(table(&rows.iter().collect::<Vec<_>>(), Clock::start().now()).as_bytes())?;
        }
        Ok(())
    }
}

/// Everybody who is online.
async fn read(server: &Server, key: &str) -> anyhow::Result<Vec<OnlineUser>> {
    let bearer = format!("Bearer {key}");
    let answer = server
        .get("/api/users/online/", &[("Authorization", bearer.as_str())])
        .await
        .with_context(|| format!("cannot ask {server}"))?;
    match answer.status.as_u16() {
        200 => serde_json::from_slice(&answer.body).context("the answer is no list of people"),
        401 => bail!(UNKNOWN_KEY),
        status => bail!("the server answers {status}: {}", answer.detail()),
    }
}

/// What a list shows of somebody.
pub(super) struct Row {
    pub(super) id: UserId,
    pub(super) name: String,
    /// The time that is shown as "2m ago".
    pub(super) at: Option<Timestamp>,
}

/// A person, with the time of their last frame.
fn row(user: &OnlineUser) -> Row {
    Row { id: user.id, name: user.username.clone(), at: user.last_activity }
}

/// A line for each person, the names as wide as the longest.
pub(super) fn table(people: &[&Row], now: Timestamp) -> String {
    let names: Vec<_> = people.iter().map(|row| printable(&row.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut out = format!("{} online\n", people.len());
    for (user, name) in people.iter().zip(&names) {
        let seen = user.at.map(|at| ago(at, now)).unwrap_or_default();
        out.extend([format!("{name:width$}  {seen:<8}  {}\n", user.id)]);
    }
    out
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    match now.as_secs().saturating_sub(at.as_secs()) {
        0..60 => "just now".to_owned(),
        seconds @ 60..3600 => format!("{}m ago", seconds / 60),
        seconds => format!("{}h ago", seconds / 3600),
    }
}

/// A name as a terminal may get it: nothing that moves the cursor, colours, or turns the line around.
pub(super) fn printable(name: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_and_hides_what_moves_a_cursor() {
        let person = |name: &str, id: &str, at: u64| Row {
            id: id.parse().unwrap(),
            name: name.to_owned(),
            at: Some(Timestamp::from_secs(at)),
        };
        let people = [
            person("Ada Lovelace", "7c9e6679-7425-40de-944b-e07fc1f90ae7", 990),
            person("\u{1b}[2J\u{202e}x", "7c9e6679-7425-40de-944b-e07fc1f90ae8", 700),
        ];
        insta::assert_snapshot!(table(&people.iter().collect::<Vec<_>>(), Timestamp::from_secs(1000)), @r"
        2 online
        Ada Lovelace  just now  7c9e6679-7425-40de-944b-e07fc1f90ae7
        �[2J�x        5m ago    7c9e6679-7425-40de-944b-e07fc1f90ae8
        ");
    }
}
