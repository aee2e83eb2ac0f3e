//! Starts the real binary for tests: free ports, a database in a temporary folder, ended by pid.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};
use uuid::Uuid;

use crate::asyncapi;

/// The key of every test server.
pub(crate) const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978";
/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A running server.
pub(crate) struct TestServer {
    process: Child,
    pub(crate) address: SocketAddr,
    pub(crate) internal: SocketAddr,
    folder: PathBuf,
    temporary: Option<tempfile::TempDir>,
    /// Collects what it logs; the whole log once the process has ended.
    log: Option<std::thread::JoinHandle<String>>,
}

/// Every token of this process. None of them may be in a log, a metric or an error: see [`Canary`].
static MINTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Row A10 in every test: what a server wrote is searched for the tokens it was shown.
struct Canary;

impl Canary {
    /// Remembers a token by its signature, which is in no other text.
    fn minted(token: &str) {
        let signature = token.rsplit('.').next().unwrap_or_default().to_owned();
        MINTED.lock().unwrap_or_else(PoisonError::into_inner).push(signature);
    }

    fn is_silent_in(what: &str, text: &str) {
        for signature in MINTED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            assert!(!text.contains(signature.as_str()), "a10: a token stands in {what}: {text}");
        }
    }
}

impl TestServer {
    /// Starts one with these further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(folder.path().to_owned(), arguments);
        server.temporary = Some(folder);
        server
    }

    /// Starts one on a database folder that outlives it.
    pub(crate) fn start_in(folder: PathBuf, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    /// The same, with more in the environment.
    pub(crate) fn start_with(folder: PathBuf, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_hereabouts"))
            .args([
                "serve",
                "--bind",
                "127.0.0.1:0",
                "--internal-bind",
                "127.0.0.1:0",
                "--log-format",
                "json",
            ])
            .args(arguments)
            .env_clear()
            .env("SECRET_KEY", SECRET)
            // People here are whoever their token says; a flag still wins over this.
            .env("HEREABOUTS_DIRECTORY", "token")
            .env("DATABASE_URL", format!("sqlite://{}", folder.join("people.sqlite3").display()))
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut port_after = |words: &str| {
            let line = log
                .by_ref()
                .map_while(Result::ok)
                .find(|line| line.contains(words))
                .expect("the server starts");
            let rest = line.split("http://").nth(1).unwrap();
            rest.split('"').next().unwrap().parse::<SocketAddr>().unwrap()
        };
        let address = port_after("\"listening on");
        let internal = port_after("internal listening on");
        let log = std::thread::spawn(move || log.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
        Self { process, address, internal, folder, temporary: None, log: Some(log) }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) -> PathBuf {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.folder.clone()
    }

    /// Asks it to stop and returns its exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.process.wait().unwrap().code()
    }

    /// Runs another command of the binary on this server's database; its exit code.
    pub(crate) fn command(&self, line: &[&str]) -> Option<i32> {
        let output = Command::new(env!("CARGO_BIN_EXE_hereabouts"))
            .args(line)
            .env_clear()
            .env("DATABASE_URL", format!("sqlite://{}", self.database().display()))
            .output()
            .unwrap();
        output.status.code()
    }

    /// The file of its database.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("people.sqlite3")
    }

    /// Waits until it ends by itself: its exit code, and its log from when it served.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let code = self.process.wait().unwrap().code();
        (code, self.log.take().unwrap().join().unwrap())
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal by name, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        let (name, pid) = (format!("-{name}"), self.pid().to_string());
        assert!(Command::new("kill").args([&name, &pid]).status().unwrap().success());
    }

    /// One number of `/metrics`, by its name without `hereabouts_`.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = request(self.internal, "/metrics", &[]).2;
        let begin = format!("hereabouts_{name} ");
        let line = text.lines().find_map(|line| line.strip_prefix(begin.as_str()));
        line.unwrap_or_else(|| panic!("{name} is not in {text}")).parse().unwrap()
    }

    /// The memory it holds.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.process.id())).unwrap();
        pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
    }

    /// One GET, with and without a token: status, headers and body.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
        request(self.address, path, headers)
    }

    /// The online list as somebody sees it.
    pub(crate) fn online(&self, token: &str) -> Vec<serde_json::Value> {
        let authorization = format!("Bearer {token}");
        let (status, _, body) = self.get("/api/users/online/", &[("Authorization", &authorization)]);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// A socket as the original's clients open it.
    pub(crate) fn original(&self, token: &str) -> Socket {
        Socket::open(self.address, &format!("/ws/user-status/?token={token}"), None)
    }

    /// A socket of `hereabouts.v1`, acknowledged.
    pub(crate) fn v1(&self, token: &str) -> Socket {
        let mut socket = Socket::open(self.address, "/ws/user-status/", Some("hereabouts.v1"));
        socket.say(&serde_json::json!({"type": "auth", "token": token}).to_string());
        assert_eq!(socket.next()["type"], "connection.ack");
        socket
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(Ok(log)) = self.log.take().map(std::thread::JoinHandle::join)
            && !std::thread::panicking()
        {
            Canary::is_silent_in("the log", &log);
        }
    }
}

/// One GET over a connection of its own.
pub(crate) fn request(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head.push_str("Host: localhost\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    Canary::is_silent_in("an answer", &answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

/// A simplejwt-shaped access token of person `n`.
pub(crate) fn token(n: u128) -> String {
    token_with(n, 3600)
}

/// The same, ending in so many seconds.
pub(crate) fn token_with(n: u128, ttl_s: i64) -> String {
    signed(&claims(n, ttl_s), SECRET)
}

/// The claims of such a token.
pub(crate) fn claims(n: u128, ttl_s: i64) -> serde_json::Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    serde_json::json!({
        "token_type": "access", "exp": now + ttl_s, "iat": now, "jti": Uuid::new_v4().simple().to_string(),
        "user_id": user_id(n),
    })
}
/// A token with these claims, signed with this key.
pub(crate) fn signed(claims: &serde_json::Value, key: &str) -> String {
    let key = EncodingKey::from_secret(key.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap();
    Canary::minted(&token);
    token
}

/// The id of person `n`.
pub(crate) fn user_id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

/// What a client heard in some time.
#[derive(Debug)]
pub(crate) enum Said {
    Message(serde_json::Value),
    Nothing,
    Closed(u16),
}

/// A client on tungstenite: not our code, on purpose.
pub(crate) struct Socket {
    socket: WebSocket<TcpStream>,
    is_v1: bool,
}

impl Socket {
    pub(crate) fn open(address: SocketAddr, path: &str, protocol: Option<&str>) -> Self {
        let headers = protocol.map(|protocol| ("Sec-WebSocket-Protocol", protocol));
        Self::open_with(address, path, headers.as_slice())
    }

    /// One with these headers more.
    pub(crate) fn open_with(address: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> Self {
        let mut request = format!("ws://localhost:{}{path}", address.port()).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, answer) = tungstenite::client(request, stream).unwrap();
        let is_v1 = answer.headers().contains_key("Sec-WebSocket-Protocol");
        Self { socket, is_v1 }
    }

    /// Sends one text.
    pub(crate) fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).unwrap();
    }

    /// The next message as JSON.
    pub(crate) fn next(&mut self) -> serde_json::Value {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => return self.checked(&text),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a text: {other:?}"),
            }
        }
    }

    /// A frame, which must be one that the document promises.
    fn checked(&self, text: &str) -> serde_json::Value {
        let frame = serde_json::from_str(text).unwrap();
        asyncapi::check_frame(self.is_v1, &frame);
        frame
    }

    /// The next message of this type; others are passed over.
    pub(crate) fn next_of(&mut self, kind: &str) -> serde_json::Value {
        loop {
            let message = self.next();
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// The next message, or the code the server closes with.
    pub(crate) fn read_or_close(&mut self) -> Result<serde_json::Value, u16> {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => return Ok(self.checked(&text)),
                Message::Close(frame) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// What comes within this time; pings are answered meanwhile.
    pub(crate) fn poll(&mut self, patience: Duration) -> Said {
        let until = Instant::now() + patience;
        let said = loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break Said::Nothing;
            }
            self.socket.get_ref().set_read_timeout(Some(left)).unwrap();
            match self.socket.read() {
                Ok(Message::Text(text)) => break Said::Message(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(frame)) => {
                    break Said::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => break Said::Closed(1006),
            }
        };
        // The socket may be gone.
        let _ = self.socket.get_ref().set_read_timeout(Some(PATIENCE));
        said
    }

    /// The TCP connection.
    pub(crate) fn stream(&self) -> &TcpStream {
        self.socket.get_ref()
    }

    /// Sends a ping of the protocol.
    pub(crate) fn ping(&mut self) {
        self.socket.send(Message::Ping(tungstenite::Bytes::new())).unwrap();
    }

    /// The code the server closes with.
    pub(crate) fn close_code(&mut self) -> u16 {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Message::Close(frame) = self.socket.read().unwrap() {
                return frame.map_or(1005, |frame| frame.code.into());
            }
        }
        panic!("the server did not close");
    }

    /// Closes with a code and waits until the server has answered.
    pub(crate) fn close(mut self, code: u16) {
        let frame = tungstenite::protocol::CloseFrame { code: code.into(), reason: "".into() };
        self.socket.close(Some(frame)).unwrap();
        while self.socket.read().is_ok() {}
    }

    /// Goes away without a word.
    pub(crate) fn drop_connection(self) {
        self.socket.get_ref().shutdown(std::net::Shutdown::Both).unwrap();
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
