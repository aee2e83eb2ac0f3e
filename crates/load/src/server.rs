//! The server under test: one that runs already, or the release binary started for one workload and ended after it.

use std::fs::{self, File};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// The socket's path.
pub(crate) const SOCKET_PATH: &str = "/ws/user-status/";
/// The list's path.
pub(crate) const LIST_PATH: &str = "/api/users/online/";

const START_LIMIT: Duration = Duration::from_secs(30);
/// The contract gives a server 30 s from SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(35);

/// No limit may stand in the way of one machine that plays thousands; settings the server does not know are
/// ignored by it.
const WITHOUT_LIMITS: [&str; 6] = [
    "HEREABOUTS_MAX_CONNECTIONS_PER_IP",
    "HEREABOUTS_MAX_CONNECTIONS_PER_USER",
    "HEREABOUTS_REQUESTS_PER_SECOND_PER_IP",
    "HEREABOUTS_MAX_CHANGES_PER_USER",
    "HEREABOUTS_MESSAGES_PER_SECOND",
    "HEREABOUTS_LOOKUPS_PER_MINUTE",
];

/// Numbers the temporary folders of this process.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// Where the server comes from.
#[derive(Debug, Clone)]
pub(crate) enum ServerChoice {
    /// It runs already.
    Running {
        /// `http://HOST:PORT`
        url: String,
        /// Whose CPU and memory are measured.
        pid: u32,
        /// Its `SECRET_KEY`.
        secret: String,
    },
    /// It is started afresh for each workload.
    Start {
        /// The binary `hereabouts`.
        binary: PathBuf,
        /// Further arguments for `serve`.
        arguments: Vec<String>,
    },
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    /// Its public address.
    pub(crate) address: SocketAddr,
    /// Its process.
    pub(crate) pid: u32,
    /// Where its metrics are, if it was started here.
    pub(crate) internal: Option<SocketAddr>,
    secret: String,
    started: Option<Started>,
}

#[derive(Debug)]
struct Started {
    child: Child,
    folder: PathBuf,
}

impl ServerChoice {
    /// The running server, or a new one with an empty database.
    pub(crate) fn get(&self) -> Result<Server> {
        match self {
            Self::Running { url, pid, secret } => Ok(Server {
                address: resolve(url)?,
                pid: *pid,
                internal: None,
                secret: secret.clone(),
                started: None,
            }),
            Self::Start { binary, arguments } => start(binary, arguments),
        }
    }
}

impl Server {
    /// The secret its tokens are signed with.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// The request that opens a socket with this token.
    pub(crate) fn upgrade_request(&self, token: &str, subprotocol: Option<&str>) -> Vec<u8> {
        upgrade_request(self.address, SOCKET_PATH, token, subprotocol)
    }

    /// Ends a server that was started here, by SIGTERM; an error when it does not end well. A running one is left
    /// alone.
    pub(crate) fn stop(mut self) -> Result<()> {
        let Some(started) = self.started.as_mut() else { return Ok(()) };
        let pid = Pid::from_child(&started.child);
        kill_process(pid, Signal::TERM).context("cannot signal the server")?;
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = started.child.try_wait()? {
                ensure!(status.success(), "the server ended with {status} on SIGTERM");
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server did not end within {STOP_LIMIT:?} of SIGTERM")
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // After an orderly stop both calls do nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The request that opens a socket.
pub(crate) fn upgrade_request(
    server: SocketAddr,
    path: &str,
    token: &str,
    subprotocol: Option<&str>,
) -> Vec<u8> {
    let subprotocol =
        subprotocol.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n")).unwrap_or_default();
    format!(
        "GET {path}?token={token} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{subprotocol}\r\n"
    )
    .into_bytes()
}

fn start(binary: &PathBuf, arguments: &[String]) -> Result<Server> {
    let nth = STARTED.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("hereabouts-load-{}-{nth}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let log_path = folder.join("server.log");
    let log = File::create(&log_path)?;
    let secret = secret();
    let mut command = Command::new(binary);
    command
        .args(["serve", "--bind", "127.0.0.1:0", "--internal-bind", "127.0.0.1:0", "--directory", "token"])
        .args(arguments)
        .env("SECRET_KEY", &secret)
        .env("DATABASE_URL", format!("sqlite:///{}", folder.join("hereabouts.sqlite").display()))
        .env("ALLOWED_HOSTS", "127.0.0.1,localhost")
        .env("NO_COLOR", "1")
        .envs(WITHOUT_LIMITS.map(|name| (name, "0")))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
    let pid = child.id();
    let mut started = Started { child, folder };
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let text = fs::read_to_string(&log_path)?;
        if let Some(address) = listening_address(&text, Side::Public)
            && let Some(internal) = listening_address(&text, Side::Internal)
        {
            return Ok(Server { address, pid, internal: Some(internal), secret, started: Some(started) });
        }
        if let Some(status) = started.child.try_wait()? {
            bail!("{} ended with {status} at its start:\n{text}", binary.display());
        }
        ensure!(
            Instant::now() < deadline,
            "no line with `listening` and a URL within {START_LIMIT:?}:\n{text}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Which of a server's two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Public,
    Internal,
}

/// One address in the server's log: the first `http://IP:PORT` behind the word "listening", in a complete line that is
/// about this side.
fn listening_address(log: &str, side: Side) -> Option<SocketAddr> {
    let complete = &log[..log.rfind('\n')?];
    complete.lines().find_map(|line| {
        let lower = line.to_ascii_lowercase();
        let from = lower.find("listening")?;
        let url = from + lower[from..].find("http://")?;
        let is_internal = lower[..url].contains("internal") || lower[..url].contains("health");
        if is_internal != (side == Side::Internal) {
            return None;
        }
        let address = &lower[url + "http://".len()..];
        let end =
            address.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(address.len());
        address[..end].parse().ok()
    })
}

fn resolve(url: &str) -> Result<SocketAddr> {
    let authority = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let mut addresses = authority
        .to_socket_addrs()
        .with_context(|| format!("--server {url}: expected http://HOST:PORT (TLS is not spoken here)"))?;
    addresses.find(SocketAddr::is_ipv4).with_context(|| format!("--server {url}: no IPv4 address"))
}

/// 48 random bytes as hex.
fn secret() -> String {
    std::iter::repeat_with(|| uuid::Uuid::new_v4().simple().to_string()).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_found_in_text_and_in_json() {
        for log in [
            "INFO hereabouts: listening on http://127.0.0.1:4567\n",
            "{\"message\":\"internal listening\",\"url\":\"http://127.0.0.1:9\"}\n\
             {\"level\":\"INFO\",\"message\":\"listening\",\"url\":\"http://127.0.0.1:4567\"}\nmore\n",
            "starting\ninternal: listening http://127.0.0.1:9\nListening url=http://127.0.0.1:4567/ x\n",
            "listening http://127.0.0.1:4567 internal=http://127.0.0.1:9\n",
        ] {
            assert_eq!(
                listening_address(log, Side::Public),
                Some("127.0.0.1:4567".parse().unwrap()),
                "{log}"
            );
        }
    }

    #[test]
    fn half_a_line_is_not_read() {
        assert_eq!(listening_address("listening on http://127.0.0.1:45", Side::Public), None);
        assert_eq!(listening_address("http://127.0.0.1:45 only\n", Side::Public), None);
    }

    #[test]
    fn a_url_becomes_an_address() {
        assert_eq!(resolve("http://127.0.0.1:8000").unwrap(), "127.0.0.1:8000".parse().unwrap());
        assert_eq!(resolve("http://127.0.0.1:8000/").unwrap().port(), 8000);
        assert!(resolve("http://127.0.0.1").is_err());
    }

    #[test]
    fn secrets_are_long_and_differ() {
        assert_eq!(secret().len(), 96);
        assert_ne!(secret(), secret());
    }

    #[test]
    fn a_binary_that_ends_at_once_is_reported_with_what_it_said() {
        let fault = start(&PathBuf::from("/bin/ls"), &[]).unwrap_err().to_string();
        assert!(fault.contains("/bin/ls ended with") && fault.contains("--bind"), "{fault}");
    }
}
