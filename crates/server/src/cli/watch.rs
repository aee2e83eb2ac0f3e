//! `hereabouts who --watch`: follows the online list over a socket that observes, so nobody appears because of it.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use hereabouts_protocol::{Presence, SUBPROTOCOL_V1, ServerMessage, Timestamp, UserId};
use serde_json::json;
use tokio::time;

use super::{
    client::{Handshake, Heard, Server, Socket, Unreachable},
    who::{Row, UNKNOWN_KEY, printable, table},
};
use crate::clock::Clock;

/// Before a server that went away is asked again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// A server that says nothing for this long, not even when asked, is gone.
const DEAD_AFTER: Duration = Duration::from_secs(60);
/// Puts the cursor to the top and clears what is below: only ever written to a terminal.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// Shows who comes and goes, for ever.
pub(super) async fn watch(server: &Server, key: &str, is_json: bool) -> anyhow::Result<()> {
    let is_live = io::stdout().is_terminal() && !is_json;
    let mut screen = Screen { is_json, is_live, people: BTreeMap::new() };
    let mut was_there = false;
    loop {
        match follow(server, key, &mut screen).await? {
            Ended::Unreachable(why) if !was_there => {
                return Err(why).with_context(|| format!("cannot ask {server}"));
            }
            Ended::Unreachable(why) => eprintln!("hereabouts: cannot ask {server}: {why}; trying again"),
            Ended::Lost => was_there = true,
        }
        time::sleep(RETRY_INTERVAL).await;
    }
}

/// Why one socket is followed no more.
enum Ended {
    /// There was none.
    Unreachable(Unreachable),
    /// It ended, or the server has no room for it now.
    Lost,
}

async fn follow(server: &Server, key: &str, screen: &mut Screen) -> anyhow::Result<Ended> {
    let mut socket = match server.upgrade(&[("Sec-WebSocket-Protocol", SUBPROTOCOL_V1)]).await {
        Ok(Handshake::Open(socket)) => socket,
        Ok(Handshake::Refused(answer)) if answer.status.is_server_error() => return Ok(Ended::Lost),
        Ok(Handshake::Refused(answer)) => {
            bail!("the server answers {}: {}", answer.status.as_u16(), answer.detail())
        }
        Err(why) => return Ok(Ended::Unreachable(why)),
    };
    if say(&mut socket, "auth", key).await && say(&mut socket, "subscribe", "").await {
        let mut heard_at = Instant::now();
        loop {
            match socket.hear().await {
                Heard::Message(message) => {
                    heard_at = Instant::now();
                    screen.take(serde_json::from_value(message).ok())?;
                }
                Heard::Close(4401) => bail!(UNKNOWN_KEY),
                Heard::Close(_) | Heard::End => break,
                Heard::Silence => {
                    let silence = heard_at.elapsed();
                    let is_asked = silence > DEAD_AFTER / 2 && !say(&mut socket, "ping", "").await;
                    if silence > DEAD_AFTER || is_asked {
                        break;
                    }
                    // Nothing new, but "2m ago" grows older.
                    screen.draw()?;
                }
            }
        }
    }
    Ok(Ended::Lost)
}

/// False when the socket is gone.
async fn say(socket: &mut Socket, kind: &str, token: &str) -> bool {
    socket.say(&json!({"type": kind, "token": token, "scope": "everyone"})).await.is_ok()
}

/// What is shown: to a terminal the list, to a pipe each change.
struct Screen {
    is_json: bool,
    is_live: bool,
    people: BTreeMap<UserId, Row>,
}

impl Screen {
    fn take(&mut self, message: Option<ServerMessage>) -> anyhow::Result<()> {
        match message {
            Some(ServerMessage::Snapshot { users, .. }) => {
                let here: BTreeMap<_, _> = users.iter().map(|user| (user.user_id, row(user))).collect();
                let known = std::mem::replace(&mut self.people, here);
                let left = known.values().filter(|row| !self.people.contains_key(&row.id));
                let came = self.people.values().filter(|row| !known.contains_key(&row.id));
                left.map(|row| ("offline", row))
                    .chain(came.map(|row| ("online", row)))
                    .try_for_each(|(event, row)| self.tell(event, row))?;
            }
            Some(ServerMessage::Diff { changes, .. }) => {
                for change in changes {
                    let user_id = change.presence.user_id;
                    let row = row(&change.presence);
                    let was_here = self.people.remove(&user_id).is_some();
                    match (was_here, change.presence.is_online) {
                        (false, true) => self.tell("online", &row)?,
                        (true, false) => self.tell("offline", &row)?,
                        _ => {}
                    }
                    if change.presence.is_online {
                        self.people.insert(user_id, row);
                    }
                }
            }
            _ => return Ok(()),
        }
        self.draw()
    }

    /// A line of its own for one change, where nobody looks at the list.
    fn tell(&self, event: &str, row: &Row) -> anyhow::Result<()> {
        if self.is_live {
            return Ok(());
        }
        let (at, id, name) = (Clock::start().now(), row.id, &row.name);
        let mut out = io::stdout().lock();
        if self.is_json {
            let line = json!({"at": at.to_string(), "event": event, "user_id": id, "username": name});
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{at}  {event:<7}  {id}  {}", printable(name))?;
        }
        Ok(out.flush()?)
    }

    /// The list, in the order in which they came.
    fn draw(&self) -> anyhow::Result<()> {
        if !self.is_live {
            return Ok(());
        }
        let mut rows: Vec<_> = self.people.values().collect();
        rows.sort_by_key(|row| (row.at, row.id));
        let mut out = io::stdout().lock();
        write!(out, "{CLEAR}{}", table(&rows, Clock::start().now()))?;
        Ok(out.flush()?)
    }
}

/// A person, with the time since which they are here.
fn row(user: &Presence) -> Row {
    let at: Option<Timestamp> = user.since;
    Row { id: user.user_id, name: user.username.clone(), at }
}
