//! Too little of something: descriptors, memory, processor time. What is there is served, the rest is refused, and
//! nothing is lost that was held.

use std::{
    fs,
    io::Read,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    time::{Duration, Instant},
};

use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

use crate::process::{PATIENCE, Running, eventually};

const UNLIMITED: [&str; 6] = [
    "--requests-per-second-per-ip",
    "0",
    "--max-connections-per-ip",
    "0",
    "--max-unauthenticated-per-ip",
    "0",
];

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

fn acknowledged(server: &Running, token: &str) -> Socket {
    let mut socket = server.socket(token);
    assert!(matches!(socket.read().unwrap(), Message::Text(text) if text.contains("connection.ack")));
    socket
}

fn assert_answers(socket: &mut Socket) {
    socket.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
    while !matches!(socket.read().unwrap(), Message::Text(text) if text.contains("pong")) {}
}

fn is_deep() -> bool {
    std::env::var_os("HEREABOUTS_DEEP").is_some()
}

/// The text a connection without a request gets: a refusal, or none before the time is over.
fn refusal_on(connection: &mut TcpStream) -> String {
    let mut text = String::new();
    connection.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    // A surplus beyond the surplus is closed without a word.
    let _ = connection.read_to_string(&mut text);
    text
}

#[test]
fn f30_a29_descriptors_for_health_and_database_are_never_given_to_connections() {
    let n_descriptors = if is_deep() { 1024 } else { 256 };
    let limit = format!("--nofile={n_descriptors}:{n_descriptors}");
    let server = Running::serve_under(&["/usr/bin/prlimit", &limit], &UNLIMITED, &[]);
    let ada = server.token("Ada");
    let mut held = acknowledged(&server, &ada);
    let mut greedy: Vec<_> =
        (0..n_descriptors * 3 / 2).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    eventually("the surplus is refused", || server.metric("connections_refused_total") > 0);

    assert_answers(&mut held);
    for path in ["/livez", "/readyz", "/metrics"] {
        let asked = Instant::now();
        let answer = server.internal(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(asked.elapsed() < Duration::from_secs(1), "{path} took {:?}", asked.elapsed());
    }
    let n_open = fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    assert!(n_open < n_descriptors, "{n_open} of {n_descriptors} are open");
    let refused = greedy.iter_mut().rev().map(refusal_on).find(|text| !text.is_empty()).unwrap();
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("Retry-After: 5"), "{refused}");
    assert!(!server.log().contains("could not be accepted"), "it never ran out");

    drop(greedy);
    let freed = Instant::now();
    eventually("somebody else is let in", || is_let_in(&server, &ada));
    assert!(freed.elapsed() < Duration::from_secs(2), "{:?}", freed.elapsed());
}

fn is_let_in(server: &Running, token: &str) -> bool {
    let address = format!("ws://{}/ws/user-status/?token={token}", server.address);
    tungstenite::connect(address).is_ok()
}

/// A memory group of cgroup v1, removed when this is dropped.
struct MemoryGroup(PathBuf);

impl MemoryGroup {
    /// `None`, with a word about it, where there are none, or we may not make any.
    fn of(limit_bytes: u64) -> Option<Self> {
        let group = PathBuf::from(format!("/sys/fs/cgroup/memory/hereabouts-test-{}", std::process::id()));
        let made = fs::create_dir(&group)
            .and_then(|()| fs::write(group.join("memory.limit_in_bytes"), limit_bytes.to_string()));
        if made.is_err() {
            println!("skipped: this needs root and the memory controller of cgroup v1");
        }
        made.is_ok().then_some(Self(group))
    }

    fn peak_bytes(&self) -> u64 {
        fs::read_to_string(self.0.join("memory.max_usage_in_bytes")).unwrap().trim().parse().unwrap()
    }

    fn n_killed(&self) -> u64 {
        let control = fs::read_to_string(self.0.join("memory.oom_control")).unwrap();
        control.lines().find_map(|line| line.strip_prefix("oom_kill ")).unwrap().parse().unwrap()
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        // Its last process may still be on its way out.
        let start = Instant::now();
        while fs::remove_dir(&self.0).is_err() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn f29_in_256_mib_of_memory_it_is_never_killed() {
    let Some(group) = MemoryGroup::of(256 << 20) else { return };
    let n_sockets = if is_deep() { 18_000 } else { 2_000 };
    let enter = format!("echo $$ > {}/cgroup.procs && exec \"$0\" \"$@\"", group.0.display());
    let server = Running::serve_under(&["/bin/sh", "-c", &enter], &UNLIMITED, &[]);
    let ada = server.token("Ada");
    let mut held = acknowledged(&server, &ada);
    // From many addresses: one has only some 28,000 ports, and the handshakes are what costs.
    let crowd: Vec<_> = (0..n_sockets)
        .filter_map(|n: u32| {
            let [_, _, high, low] = (n / 200).to_be_bytes();
            let source = SocketAddr::from(([127, 1 + high, low, 1], 0));
            connect_from(source, server.address)
        })
        .collect();
    for connection in &crowd {
        let request = "GET /ws/user-status/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: hereabouts.v1\r\n\r\n";
        // It may have been refused already.
        let _ = std::io::Write::write_all(&mut &*connection, request.as_bytes());
    }
    assert_answers(&mut held);
    assert_eq!(server.internal("/livez").status, 200);
    println!("{} sockets, {} MiB at most", crowd.len(), group.peak_bytes() >> 20);
    drop(crowd);
    assert_answers(&mut held);
    assert_eq!(group.n_killed(), 0);
    drop((held, server));
}

fn connect_from(source: SocketAddr, target: SocketAddr) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).ok()?;
    socket.bind(&source.into()).ok()?;
    socket.connect(&target.into()).ok()?;
    Some(socket.into())
}
