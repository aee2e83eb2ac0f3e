//! The real binary as an operator runs it, in a folder of its own: `serve`, `dev` and the commands beside them. (Tests
//! of the wire have `support`, which speaks the protocol.)

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tungstenite::{WebSocket, stream::MaybeTlsStream};

/// The key of every server here.
pub(crate) const KEY: &str = "0b5c1d0cf0a34dd0b1a6e2f7a9c48e1d";

/// Longest wait for anything a healthy server does at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub(crate) struct Running {
    child: Child,
    /// API, sockets and site.
    pub(crate) address: SocketAddr,
    /// Health and metrics.
    pub(crate) internal_address: SocketAddr,
    /// Its working folder, with the database. Shared with whoever starts the next server on it.
    pub(crate) folder: Arc<TempDir>,
    log: Arc<Mutex<String>>,
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Running {
    /// `hereabouts serve` with these flags.
    pub(crate) fn serve(flags: &[&str]) -> Self {
        Self::serve_in(&Arc::new(tempfile::tempdir().unwrap()), flags)
    }

    /// The same, on the folder of an earlier server.
    pub(crate) fn serve_in(folder: &Arc<TempDir>, flags: &[&str]) -> Self {
        Self::launch(hereabouts(folder.path()).arg("serve"), folder, flags)
    }

    /// The same, started by another program (`prlimit`, `taskset`) and with more in the environment.
    pub(crate) fn serve_under(wrapper: &[&str], flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut command = match wrapper {
            [] => hereabouts(folder.path()),
            [program, arguments @ ..] => {
                let mut command = with_clean_environment(Command::new(program), folder.path());
                command.args(arguments).arg(env!("CARGO_BIN_EXE_hereabouts"));
                command
            }
        };
        Self::launch(command.arg("serve").envs(environment.iter().copied()), &folder, flags)
    }

    /// `hereabouts dev` with these flags.
    pub(crate) fn dev(flags: &[&str]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        Self::launch(hereabouts(folder.path()).arg("dev"), &folder, flags)
    }

    /// The same of any command that serves.
    pub(crate) fn launch(command: &mut Command, folder: &Arc<TempDir>, flags: &[&str]) -> Self {
        let folder = Arc::clone(folder);
        let mut child = command
            .args(["--bind", "127.0.0.1:0", "--log-format", "json"])
            .args(if flags.contains(&"--internal-bind") {
                &[][..]
            } else {
                &["--internal-bind", "127.0.0.1:0"]
            })
            .args(flags)
            .env("SECRET_KEY", KEY)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::<Mutex<String>>::default();
        let kept = Arc::clone(&log);
        let (found, addresses) = mpsc::channel();
        // Reads on for as long as the server writes, so that its log never fills the pipe.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().extend([line.as_str(), "\n"]);
                if let Some((before, address)) = line.split_once("listening on http://") {
                    let address =
                        address.split('"').next().unwrap_or_default().parse::<SocketAddr>().unwrap();
                    // Nobody listens any more once both addresses are known.
                    let _ = found.send((before.ends_with("internal "), address));
                }
            }
        });
        let (is_internal, address) = addresses.recv_timeout(PATIENCE).expect("it says where it listens");
        assert!(!is_internal, "the public address is logged first");
        let (_, internal_address) = addresses.recv_timeout(PATIENCE).expect("it says where health is");
        Self { child, address, internal_address, folder, log }
    }

    /// An access token of somebody, made by `hereabouts token`; the person is added when missing.
    pub(crate) fn token(&self, name: &str) -> String {
        if !self.command(&["user", "list"]).contains(&format!("  {name}  ")) {
            self.command(&["user", "add", name]);
        }
        self.command(&["token", "--user", name])
    }

    /// Everything logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal by name, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let (name, pid) = (format!("-{name}"), self.child.id().to_string());
        assert!(Command::new("kill").args([&name, &pid]).status().unwrap().success());
    }

    /// Ends it as a power cut would; its folder stays.
    pub(crate) fn kill(mut self) -> Arc<TempDir> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Arc::clone(&self.folder)
    }

    /// Its process id; that of the program that started it, where that did not become it.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// One number of `/metrics`, by its name without `hereabouts_`.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = self.internal("/metrics").body;
        let begin = format!("hereabouts_{name} ");
        let line = text.lines().find_map(|line| line.strip_prefix(begin.as_str()));
        line.unwrap_or_else(|| panic!("{name} is not in {text}")).parse().unwrap()
    }

    /// Runs another command of the binary on this server's database; its output.
    pub(crate) fn command(&self, line: &[&str]) -> String {
        let output = hereabouts(self.folder.path()).args(line).env("SECRET_KEY", KEY).output().unwrap();
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// `GET path`, with a token or without (`""`).
    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.get_with(path, token, &[])
    }

    /// `GET path` with more header lines.
    pub(crate) fn get_with(&self, path: &str, token: &str, headers: &[(&str, &str)]) -> Answer {
        self.request("GET", path, token, headers, "")
    }

    /// `POST path` with a JSON body.
    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.request("POST", path, "", &[("Content-Type", "application/json")], body)
    }

    /// Any request; `Host` is the server's own unless `headers` names one.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.try_request(method, path, token, headers, body).unwrap()
    }

    /// The same, of a server that may die in between.
    pub(crate) fn try_request(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let length = body.len();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.extend(["Host: ", &self.address.to_string(), "\r\n"]);
        }
        if !token.is_empty() {
            head.extend(["Authorization: Bearer ", token, "\r\n"]);
        }
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        try_exchange(self.address, &format!("{head}\r\n{body}"))
    }

    /// `GET path` on the internal port.
    pub(crate) fn internal(&self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        exchange(self.internal_address, &request)
    }

    /// A socket of an original client.
    pub(crate) fn socket(&self, token: &str) -> WebSocket<MaybeTlsStream<TcpStream>> {
        let address = format!("ws://{}/ws/user-status/?token={token}", self.address);
        let (socket, _) = tungstenite::connect(address).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        socket
    }

    /// The names in the online list, as `token`'s owner sees it.
    pub(crate) fn online(&self, token: &str) -> Vec<String> {
        let answer = self.get("/api/users/online/", token);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let rows = answer.json();
        rows.as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
    }
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The first header of this name; empty without one.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The `detail` of an error.
    pub(crate) fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_else(|| panic!("no detail: {}", self.body)).to_owned()
    }
}

/// The binary in `folder`, with nothing of this environment that it would read as a setting.
pub(crate) fn hereabouts(folder: &Path) -> Command {
    with_clean_environment(Command::new(env!("CARGO_BIN_EXE_hereabouts")), folder)
}

fn with_clean_environment(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder).env_clear().env("DATABASE_URL", "sqlite://test.sqlite3").stdin(Stdio::null());
    command
}

/// Writes a raw request and reads the whole answer.
pub(crate) fn exchange(address: SocketAddr, request: &str) -> Answer {
    try_exchange(address, request).unwrap()
}

fn try_exchange(address: SocketAddr, request: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    // A server that refuses before it has read everything may reset the connection behind its answer.
    let written = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let broken = || io::Error::other(format!("no whole answer: {answer:?} {written:?} {read:?}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(broken)?;
    let headers = lines.filter_map(|line| line.split_once(": ").map(|(k, v)| (k.to_owned(), v.to_owned())));
    let answer = Answer { status, headers: headers.collect(), body: body.to_owned() };
    match answer.header("content-length").parse() {
        Ok(length) if answer.body.len() < length => Err(broken()),
        _ => Ok(answer),
    }
}

/// Waits until `is_so`, which it must become within the patience.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::yield_now();
    }
}
