//! Rows A17, A18, A19 and A28: clients that take their time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use socket2::SockRef;

use super::{quick, raw, rest_of, status_of, upgrade};
use crate::conformance::raw::Raw;
use crate::server::{PATIENCE, Socket, TestServer, eventually, request, token};

#[test]
fn a17_partial_requests_and_silence_are_closed_and_slow_nobody_down() {
    let server = TestServer::start(&quick(&["--header-timeout", "2s"]));
    let slow: Vec<_> = (0..400)
        .map(|n| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            let begin: &[u8] = match n % 4 {
                0 => b"",
                1 => b"GET /livez HT",
                2 => b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ",
                _ => b"\r\n",
            };
            stream.write_all(begin).unwrap();
            stream
        })
        .collect();
    let mut worst = Duration::ZERO;
    for _ in 0..50 {
        let asked_at = Instant::now();
        assert_eq!(server.get("/livez", &[]).0, 200);
        worst = worst.max(asked_at.elapsed());
    }
    assert!(worst < Duration::from_millis(500), "a healthy request took {worst:?}");
    // One that sends a byte now and then gains no time by it.
    let mut dripping = TcpStream::connect(server.address).unwrap();
    let started = Instant::now();
    dripping.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    dripping.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ").unwrap();
    let mut byte = [0];
    while started.elapsed() < PATIENCE {
        let is_open = dripping.write_all(b"a").is_ok();
        match dripping.read(&mut byte) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && is_open => {}
            Ok(_) | Err(_) => break,
        }
    }
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    for mut stream in slow {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let answer = rest_of(&mut stream);
        assert!(matches!(status_of(&answer), 0 | 408), "{answer}");
    }
}

#[test]
fn a18_a_body_that_nobody_reads_holds_nothing() {
    let server = TestServer::start(&quick(&["--request-timeout", "1s"]));
    let started = Instant::now();
    let answer = raw(
        server.address,
        b"POST /api/users/online/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nfirst bytes",
    );
    assert!(matches!(status_of(&answer), 401 | 405 | 408), "{answer}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn a18_silence_after_the_handshake_is_4408() {
    let server = TestServer::start(&quick(&["--auth-timeout", "300ms"]));
    let mut silent = Socket::open(server.address, "/ws/user-status/", Some("hereabouts.v1"));
    assert_eq!(silent.close_code(), 4408);
    // Pings are no credentials.
    let mut pinging = Socket::open(server.address, "/ws/user-status/", Some("hereabouts.v1"));
    pinging.ping();
    assert_eq!(pinging.close_code(), 4408);
    // Nor are fragments of a message that never ends.
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = upgrade("/ws/user-status/", "localhost", &[("Sec-WebSocket-Protocol", "hereabouts.v1")]);
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(b"\x01\x81\0\0\0\0{").unwrap();
    let answer = rest_of(&mut stream);
    assert!(answer.contains("101 Switching"), "{answer}");
}

#[test]
fn a19_endless_headers_are_431_and_take_no_memory() {
    let server = TestServer::start(super::QUICK);
    server.get("/livez", &[]);
    let before = server.resident_bytes();
    let line = format!("X: {}\r\n", "a".repeat(1000));
    let many: String = (0..10_000).map(|n| format!("X-{n}: 1\r\n")).collect();
    for head in [
        many,
        line.repeat(64 * 1024),
        format!("X: {}", "a".repeat(8 << 20)),
        format!("{}: 1\r\n", "X".repeat(1 << 20)),
    ] {
        let started = Instant::now();
        let answer =
            raw(server.address, format!("GET /livez HTTP/1.1\r\nHost: localhost\r\n{head}\r\n").as_bytes());
        assert!(matches!(status_of(&answer), 0 | 400 | 431), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
    let long = raw(server.address, format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(8 << 20)).as_bytes());
    assert!(matches!(status_of(&long), 0 | 414 | 431), "{long:.80}");
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes more");
}

/// The server's own end of this connection.
fn taken_from(server: &TestServer, client: SocketAddr) -> OwnedFd {
    let pid = Pid::from_raw(server.pid().try_into().unwrap()).unwrap();
    let process = pidfd_open(pid, PidfdFlags::empty()).unwrap();
    let entries = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap();
    let numbers = entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap());
    let mut descriptors = numbers.filter_map(|n| pidfd_getfd(&process, n, PidfdGetfdFlags::empty()).ok());
    let is_it =
        |fd: &OwnedFd| SockRef::from(fd).peer_addr().is_ok_and(|peer| peer.as_socket() == Some(client));
    descriptors.find(is_it).expect("the server holds the other end")
}

#[test]
fn a28_the_system_keeps_little_for_a_socket_and_gives_up_on_a_dead_peer() {
    let server = TestServer::start(&quick(&["--dead-after", "40s"]));
    let mut client = Raw::open(server.address, &format!("/ws/user-status/?token={}", token(1)));
    // The first frame comes from the shard: by then the socket has been taken over.
    client.frame();
    let socket = taken_from(&server, client.local_address());
    let socket = SockRef::from(&socket);
    assert_eq!(socket.tcp_notsent_lowat().unwrap(), 16 * 1024);
    // Linux doubles what is asked for, for its own bookkeeping.
    assert_eq!(socket.send_buffer_size().unwrap(), 2 * 64 * 1024);
    assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_secs(40)));
    assert!(socket.tcp_nodelay().unwrap());
}

#[test]
fn a28_a_client_that_never_reads_is_cut_and_nobody_waits_for_it() {
    let server = TestServer::start(&quick(&[
        "--dead-after",
        "3s",
        "--ping-interval",
        "1s",
        "--messages-per-second",
        "0",
    ]));
    let mut people: Vec<_> = (100..160).map(|n| server.v1(&token(n))).collect();
    let mut deaf: Vec<_> = (1..=5).map(|n| server.v1(&token(n))).collect();
    // Answers of some 15 KiB each: more than the system holds for somebody who does not read.
    for socket in &mut deaf {
        for _ in 0..40 {
            socket.say(r#"{"type":"subscribe","scope":"everyone"}"#);
        }
    }
    let metrics = || request(server.internal, "/metrics", &[]).2;
    let (mut n_pongs, mut worst) = (0, Duration::ZERO);
    eventually("the deaf are gone", || {
        let asked_at = Instant::now();
        let healthy = &mut people[n_pongs % 60];
        healthy.say(r#"{"type":"ping"}"#);
        healthy.next_of("pong");
        worst = worst.max(asked_at.elapsed());
        n_pongs += 1;
        metrics().contains("hereabouts_connections_open 60\n")
    });
    assert!(worst < Duration::from_millis(500), "a healthy pong took {worst:?}");
    assert!(server.resident_bytes() < 200 << 20);
}
