//! Clients that ask and do not read: they cost a position, not a backlog, and nobody else notices.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket as RawSocket, Type};

use super::{Over, is_deep, live};
use crate::server::{Socket, TestServer, eventually, token, user_id};

const TIMES: [&str; 10] = [
    "--dead-after",
    "3s",
    "--ping-interval",
    "1s",
    "--grace",
    "0s",
    "--requests-per-second-per-ip",
    "0",
    "--max-connections-per-ip",
    "0",
];

/// A client with a tiny window that asks for everything several times and takes none of it.
fn zero_window(address: SocketAddr, n: u128) -> TcpStream {
    let socket = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(1024).unwrap();
    socket.connect(&address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    let request = format!(
        "GET /ws/user-status/?token={} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: hereabouts.v1\r\n\r\n",
        token(n)
    );
    stream.write_all(request.as_bytes()).unwrap();
    let subscribe = br#"{"type":"subscribe","scope":"everyone"}"#;
    for _ in 0..12 {
        // Masked with zeros: the text stays readable.
        let head = [0x81, 0x80 | subscribe.len() as u8, 0, 0, 0, 0];
        stream.write_all(&[&head[..], subscribe].concat()).unwrap();
    }
    stream
}

#[test]
fn f28_slow_readers_cost_no_backlog_and_others_do_not_notice() {
    let server = TestServer::start(&TIMES);
    let (n_people, n_slow) = if is_deep() { (1_000, 500) } else { (150, 40) };
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let over = Over(&is_over);
        let readers: Vec<_> = (1..=n_people)
            .map(|n| {
                let mut socket = server.original(&token(n));
                socket.next_of("connection.ack");
                scope.spawn(|| live(socket, &is_over))
            })
            .collect();
        let before = server.resident_bytes();
        let slow: Vec<_> = (0..n_slow).map(|n| zero_window(server.address, 10_000 + n)).collect();
        let begun = Instant::now();
        let (mut latencies, mut n_visitors) = (Vec::new(), 0);
        let mut observer = server.original(&token(9));
        observer.next_of("connection.ack");
        // Somebody comes and goes all the time: there is always something that the slow ones do not take.
        while server.metric("closed_slow_total") < u64::try_from(n_slow).unwrap() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{} closed",
                server.metric("closed_slow_total")
            );
            let came = Instant::now();
            come_and_go(&server, &mut observer, n_visitors);
            n_visitors += 1;
            latencies.push(came.elapsed());
        }
        assert!(begun.elapsed() > Duration::from_secs(2), "not before nothing could be written for so long");
        latencies.sort();
        let p99 = latencies[latencies.len() * 99 / 100];
        assert!(p99 < Duration::from_secs(1), "p99 {p99:?} of {}", latencies.len());
        let grown = server.resident_bytes().saturating_sub(before);
        // I7, with what this many sockets may cost, and room for a snapshot that all share.
        assert!(grown < (16 << 20) + n_slow as u64 * 8192, "{} KiB more", grown >> 10);
        eventually("their descriptors are free", || {
            server.metric("connections_open") <= u64::try_from(n_people).unwrap() + 1
        });
        drop(slow);
        drop(over);
        for reader in readers {
            assert_eq!(reader.join().unwrap(), None, "nobody else was closed");
        }
    });
}

/// Somebody new each time, since one person may not change all the time.
fn come_and_go(server: &TestServer, observer: &mut Socket, n: u128) {
    let visitor = server.original(&token(100_000 + n));
    hears(observer, &user_id(100_000 + n), true);
    visitor.close(1000);
    hears(observer, &user_id(100_000 + n), false);
}

fn hears(observer: &mut Socket, visitor: &str, is_online: bool) {
    loop {
        let message = observer.next();
        if message["user_id"] == visitor && message["is_online"] == is_online {
            return;
        }
    }
}

#[test]
fn f28_a_slow_reader_that_reads_again_gets_the_newest_state() {
    let server = TestServer::start(&["--grace", "0s", "--requests-per-second-per-ip", "0"]);
    let mut observer = server.original(&token(9));
    observer.next_of("connection.ack");
    let mut slow = server.v1(&token(50));
    SockRef::from(slow.stream()).set_recv_buffer_size(1024).unwrap();
    slow.say(r#"{"type":"subscribe","scope":"everyone"}"#);
    slow.next_of("presence.snapshot");
    // More than the buffers take, then more ticks than the log holds, and it does not read.
    let (n_ticks, mut n_visitors) = (server.metric("ticks_total"), 0);
    for _ in 0..8 {
        drop((100..250).map(|n| server.original(&token(n))).collect::<Vec<_>>());
    }
    while server.metric("ticks_total") < n_ticks + 150 {
        come_and_go(&server, &mut observer, n_visitors);
        n_visitors += 1;
    }
    let mut visitor = server.v1(&token(77));
    visitor.say(r#"{"type":"ping"}"#);
    visitor.next_of("pong");
    // It reads on: whatever it was given, in the end it knows who is there.
    let mut known = std::collections::BTreeMap::new();
    let read = Instant::now();
    while known.get(&user_id(77)) != Some(&true) {
        assert!(read.elapsed() < Duration::from_secs(10), "it knows {} people", known.len());
        let message = slow.next();
        let rows = match message["type"].as_str().unwrap() {
            "presence.snapshot" => {
                known.clear();
                &message["users"]
            }
            "presence.diff" => &message["changes"],
            _ => continue,
        };
        for row in rows.as_array().unwrap() {
            known.insert(row["user_id"].as_str().unwrap().to_owned(), row["is_online"] == true);
        }
    }
    assert_eq!(server.metric("stale_readers_total"), 1, "what it missed was never sent");
}
