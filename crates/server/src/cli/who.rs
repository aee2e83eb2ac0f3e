//! `hereabouts who`: who is online now, in the terminal. It reads the list with the service key and opens no socket, so
//! nobody appears because of it.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Args;
use hereabouts_protocol::{OnlineUser, Timestamp, UserId};
use serde_json::json;
use tokio::time;

use super::{
    block_on,
    client::{Server, Unreachable},
    data_dir::DataDir,
};
use crate::clock::Clock;

/// Between two looks of --watch. An unchanged list is answered with 304 and costs next to nothing.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
const DEFAULT_DATA_DIR: &str = "hereabouts-data";
/// Puts the cursor to the top and clears what is below: only ever written to a terminal.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

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
        let bearer = format!("Bearer {}", self.key()?);
        let mut list = List { server, bearer, etag: String::new() };
        block_on(async {
            let people = list.read().await?.unwrap_or_default();
            let shown = if self.watch { self.watch(&mut list, people).await } else { self.print(&people) };
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
            out.write_all(table(people, Clock::start().now()).as_bytes())?;
        }
        Ok(())
    }

    async fn watch(&self, list: &mut List, mut people: Vec<OnlineUser>) -> anyhow::Result<()> {
        let is_screen = io::stdout().is_terminal() && !self.json;
        let mut known = BTreeMap::new();
        loop {
            if is_screen {
                write!(io::stdout(), "{CLEAR}{}", table(&people, Clock::start().now()))?;
                io::stdout().flush()?;
            } else {
                self.print_changes(&mut known, &people)?;
            }
            people = loop {
                time::sleep(LOOK_INTERVAL).await;
                match list.read().await {
                    Ok(Some(people)) => break people,
                    // Nothing new, but on a screen "2m ago" grows older.
                    Ok(None) if is_screen => break people,
                    Ok(None) => {}
                    Err(error) if error.downcast_ref::<Unreachable>().is_some() => {
                        eprintln!("hereabouts: {error:#}; trying again");
                    }
                    Err(error) => return Err(error),
                }
            };
        }
    }

    fn print_changes(
        &self,
        known: &mut BTreeMap<UserId, String>,
        people: &[OnlineUser],
    ) -> anyhow::Result<()> {
        let at = Clock::start().now();
        let now: BTreeMap<_, _> = people.iter().map(|user| (user.id, user.username.clone())).collect();
        let left =
            known.iter().filter(|(id, _)| !now.contains_key(id)).map(|(id, name)| ("offline", id, name));
        let came =
            now.iter().filter(|(id, _)| !known.contains_key(id)).map(|(id, name)| ("online", id, name));
        let mut out = io::stdout().lock();
        for (event, id, name) in left.chain(came) {
            if self.json {
                let line = json!({"at": at.to_string(), "event": event, "user_id": id, "username": name});
                writeln!(out, "{line}")?;
            } else {
                writeln!(out, "{at}  {event:<7}  {id}  {}", printable(name))?;
            }
        }
        out.flush()?;
        *known = now;
        Ok(())
    }
}

/// The online list of one server, read as a browser's cache would.
struct List {
    server: Server,
    bearer: String,
    etag: String,
}

impl List {
    /// Everybody who is online; `None` when that is the same as last time.
    async fn read(&mut self) -> anyhow::Result<Option<Vec<OnlineUser>>> {
        let headers = [("Authorization", self.bearer.as_str()), ("If-None-Match", self.etag.as_str())];
        let headers = if self.etag.is_empty() { &headers[..1] } else { &headers[..] };
        let answer = self
            .server
            .get("/api/users/online/", headers)
            .await
            .with_context(|| format!("cannot ask {}", self.server))?;
        match answer.status.as_u16() {
            200 => {
                answer.header("etag").clone_into(&mut self.etag);
                let people =
                    serde_json::from_slice(&answer.body).context("the answer is no list of people")?;
                Ok(Some(people))
            }
            304 => Ok(None),
            401 => bail!(
                "the server does not know this key: it must be started with the same --service-key \
                 (HEREABOUTS_SERVICE_KEY)"
            ),
            status => bail!("the server answers {status}: {}", answer.detail()),
        }
    }
}

/// A line for each person, the names as wide as the longest.
fn table(people: &[OnlineUser], now: Timestamp) -> String {
    let names: Vec<_> = people.iter().map(|user| printable(&user.username)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let mut out = format!("{} online\n", people.len());
    for (user, name) in people.iter().zip(&names) {
        let seen = user.last_activity.map(|at| ago(at, now)).unwrap_or_default();
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
fn printable(name: &str) -> String {
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
        let person = |name: &str, id: &str, at: u64| OnlineUser {
            id: id.parse().unwrap(),
            username: name.to_owned(),
            profile_image_url: None,
            is_online: true,
            last_seen: None,
            last_activity: Some(Timestamp::from_secs(at)),
            slug: String::new(),
        };
        let people = [
            person("Ada Lovelace", "7c9e6679-7425-40de-944b-e07fc1f90ae7", 990),
            person("\u{1b}[2J\u{202e}x", "7c9e6679-7425-40de-944b-e07fc1f90ae8", 700),
        ];
        insta::assert_snapshot!(table(&people, Timestamp::from_secs(1000)), @r"
        2 online
        Ada Lovelace  just now  7c9e6679-7425-40de-944b-e07fc1f90ae7
        �[2J�x        5m ago    7c9e6679-7425-40de-944b-e07fc1f90ae8
        ");
    }
}
