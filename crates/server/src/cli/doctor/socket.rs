//! The socket: whether the upgrade gets through, whether the token opens it, and whether a person who left is gone.

use std::time::{Duration, Instant};

use hereabouts_protocol::{SUBPROTOCOL_V1, UserId};
use serde_json::{Value, json};
use tokio::time;

use super::{reach::allow_origin, report::Check};
use crate::cli::client::{Answer, Handshake, Heard, Server, Socket, Unreachable};

/// The contract's 2 s after `bye`, and patience for a busy machine.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// Between two looks at the list.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// What a proxy must say so that upgrades get through.
const PASS_UPGRADE: &str = "let the proxy pass the upgrade on: nginx `proxy_http_version 1.1; proxy_set_header \
                            Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";`, Caddy does it by \
                            itself (docs/OPERATIONS.md)";

/// Whether a socket can be opened at all: without a token, so the server must close it with 4401.
pub(super) async fn upgrade(server: &Server) -> Check {
    match server.upgrade(&[]).await {
        Ok(Handshake::Open(mut socket)) => match socket.hear().await {
            Heard::Close(4401) => {
                Check::ok("upgrade", "sockets open; one without a token is closed with 4401")
            }
            heard => Check::fail(
                "upgrade",
                format!("the socket opens, but what the server says does not arrive ({heard:?})"),
                "let the proxy not buffer: nginx `proxy_buffering off;`, and look whether /ws/ is passed to the \
                 server and not to another program",
            ),
        },
        Ok(Handshake::Refused(answer)) => refused("upgrade", &answer),
        Err(error) => unreachable("upgrade", &error),
    }
}

/// Whether a page of this origin may open a socket.
pub(super) async fn origin(server: &Server, origin: Option<&str>) -> Check {
    let Some(origin) = origin else {
        return Check::skip("origin", "needs --origin, the address of the page: http://localhost:3000");
    };
    match server.upgrade(&[("Origin", origin)]).await {
        Ok(Handshake::Open(_)) => Check::ok("origin", format!("pages of {origin} may open sockets")),
        Ok(Handshake::Refused(answer)) if answer.status.as_u16() == 403 => {
            Check::fail("origin", format!("pages of {origin} may not open sockets"), allow_origin(origin))
        }
        Ok(Handshake::Refused(answer)) => refused("origin", &answer),
        Err(error) => unreachable("origin", &error),
    }
}

/// A whole visit: the token opens a socket, the person is in the list, says `bye`, and is gone. With `thorough` a
/// second one, that ends as a tab does whose browser was killed. Three checks.
pub(super) async fn visit(server: &Server, token: &str, user: UserId, thorough: bool) -> [Check; 3] {
    let was_online = is_online(server, token, user).await;
    let skip_rest = |first| {
        let needs = "needs a socket that opens";
        [first, Check::skip("leave", needs), Check::skip("lost", needs)]
    };
    let (mut socket, ack) = match open(server, token).await {
        Ok(opened) => opened,
        Err(check) => return skip_rest(check),
    };
    // A ping and its answer prove both directions, behind whatever stands between.
    let pong = match socket.say(&json!({"type": "ping"})).await {
        Ok(()) => socket.hear_type("pong").await,
        Err(_) => Heard::End,
    };
    let Heard::Message(_) = pong else {
        let fix = "let the proxy keep sockets open: nginx `proxy_read_timeout 1h;`";
        return skip_rest(Check::fail("socket", format!("it opens, and then no pong comes ({pong:?})"), fix));
    };
    let opened = Check::ok("socket", "the token opens it, and messages go both ways");
    let is_here = is_online(server, token, user).await;
    let grace = Duration::from_millis(ack["grace_ms"].as_u64().unwrap_or_default());
    let (leave, lost) = match (was_online, is_here) {
        (Some(false), Some(true)) => {
            let leave = leave(server, token, user, socket).await;
            let can_be_lost = thorough && !leave.is_failure();
            let lost = if can_be_lost { lost(server, token, user, grace).await } else { not_lost(grace) };
            (leave, lost)
        }
        (Some(true), _) => {
            let needs = "this person is online elsewhere; name one who is not";
            (Check::skip("leave", needs), Check::skip("lost", needs))
        }
        _ => (
            Check::fail(
                "leave",
                "the person is not in the list while their socket is open",
                "the list and the socket are answered by different servers: let the proxy pass /api/ and /ws/ \
                 to one",
            ),
            not_lost(grace),
        ),
    };
    [opened, leave, lost]
}

fn not_lost(grace: Duration) -> Check {
    Check::skip("lost", format!("needs --thorough, which waits for the grace of {} s", grace.as_secs()))
}

async fn open(server: &Server, token: &str) -> Result<(Socket, Value), Check> {
    // In a message, not in the address: no proxy writes it into a log.
    let mut socket = match server.upgrade(&[("Sec-WebSocket-Protocol", SUBPROTOCOL_V1)]).await {
        Ok(Handshake::Open(socket)) => socket,
        Ok(Handshake::Refused(answer)) => return Err(refused("socket", &answer)),
        Err(error) => return Err(unreachable("socket", &error)),
    };
    if socket.say(&json!({"type": "auth", "token": token})).await.is_err() {
        return Err(Check::fail("socket", "it takes no message", PASS_UPGRADE));
    }
    match socket.hear_type("connection.ack").await {
        Heard::Message(ack) => Ok((socket, ack)),
        heard => {
            let (found, fix) = closed(&heard);
            Err(Check::fail("socket", found, fix))
        }
    }
}

async fn leave(server: &Server, token: &str, user: UserId, mut socket: Socket) -> Check {
    let said = socket.say(&json!({"type": "bye"})).await;
    // The connection ends here, too, as a closed tab's does.
    let _ = socket.close().await;
    if said.is_ok() && is_gone(server, token, user, GONE_WITHIN).await {
        return Check::ok("leave", "who closes the page is offline at once");
    }
    Check::fail(
        "leave",
        format!("who left is still online after {} s", GONE_WITHIN.as_secs()),
        "what the client says at its end does not arrive: let the proxy pass messages on at once (nginx \
         `proxy_buffering off;`), and look whether another tab of this person is open",
    )
}

async fn lost(server: &Server, token: &str, user: UserId, grace: Duration) -> Check {
    match open(server, token).await {
        Ok((socket, _)) => drop(socket),
        Err(check) => return Check { id: "lost", ..check },
    }
    let within = grace + GONE_WITHIN;
    if is_gone(server, token, user, within).await {
        let grace_s = grace.as_secs();
        return Check::ok("lost", format!("who is cut off is offline after the grace of {grace_s} s"));
    }
    Check::fail(
        "lost",
        format!("who was cut off is still online after {} s", within.as_secs()),
        "a proxy keeps its side of the socket open after the browser's is gone: take out `proxy_ignore_client_abort \
         on;`. The server ends a silent socket after --dead-after (45 s), so nobody stays longer than that",
    )
}

async fn is_gone(server: &Server, token: &str, user: UserId, within: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < within {
        if is_online(server, token, user).await == Some(false) {
            return true;
        }
        time::sleep(LOOK_INTERVAL).await;
    }
    false
}

/// Whether this person is in the list; `None` when it cannot be read.
async fn is_online(server: &Server, token: &str, user: UserId) -> Option<bool> {
    let bearer = format!("Bearer {token}");
    let path = "/api/users/online/?include_self=true";
    let answer = server.get(path, &[("Authorization", &bearer)]).await.ok()?;
    let user = user.to_string();
    Some(answer.json().as_array()?.iter().any(|row| row["id"] == user.as_str()))
}

fn closed(heard: &Heard) -> (String, &'static str) {
    match heard {
        Heard::Close(4401) => (
            "the server closes it with 4401: the token is refused".to_owned(),
            "see `token` and `list`: it has expired, or is signed with another SECRET_KEY",
        ),
        Heard::Close(4403) => ("the account is blocked (4403)".to_owned(), "unblock it, or take another one"),
        Heard::Close(1013 | 4429) => (
            "the server takes no more of this person's sockets or messages".to_owned(),
            "close some, or raise --max-connections-per-user and --messages-per-second",
        ),
        Heard::Close(1012) => ("the server is stopping (1012)".to_owned(), "try again when it is up"),
        Heard::Close(code) => {
            (format!("the server closes it with {code}"), "docs/PROTOCOL.md lists the codes")
        }
        Heard::Silence => ("nothing comes after the upgrade".to_owned(), PASS_UPGRADE),
        Heard::End | Heard::Message(_) => ("it ends without a close".to_owned(), PASS_UPGRADE),
    }
}

fn refused(id: &'static str, answer: &Answer) -> Check {
    let (status, detail) = (answer.status.as_u16(), answer.detail());
    let is_ours = !detail.is_empty();
    match status {
        421 => {
            Check::fail(id, detail, "add the host to ALLOWED_HOSTS, or let the proxy keep the Host header")
        }
        // Ours, to a request that is no upgrade any more: somebody between took the headers off.
        400 | 401 | 426 if is_ours => {
            Check::fail(id, format!("the upgrade arrives as a plain request ({status})"), PASS_UPGRADE)
        }
        429 | 503 if is_ours => Check::fail(
            id,
            detail,
            "behind a proxy everybody has its address: set TRUSTED_PROXIES to the proxy's, or raise \
             --max-connections-per-ip",
        ),
        403 if !is_ours => {
            Check::fail(id, "a proxy or firewall refuses sockets (403)", "let it pass /ws/ on to the server")
        }
        _ => Check::fail(id, format!("no socket, but the answer {status} {detail}"), PASS_UPGRADE),
    }
}

fn unreachable(id: &'static str, error: &Unreachable) -> Check {
    Check::fail(id, format!("no answer to an upgrade: {error}"), PASS_UPGRADE)
}
