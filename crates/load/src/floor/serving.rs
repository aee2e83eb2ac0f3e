//! The serving halves of the floors: nothing but the system calls a server cannot avoid.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, TcpStream as StdStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Protocol, Socket, Type};

use super::peer::{LIST_LANES, Peer, Role};
use super::{FRAME_BYTES, ping_frame};
use crate::frame::server_text_frame;
use crate::message::PING;
use crate::procfs::CpuWatch;

const LISTENER: Token = Token(usize::MAX - 1);
/// No floor may hang a run: the peer is silent for this long only when something is broken.
const PATIENCE: Duration = Duration::from_mins(1);
const UPGRADED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Microseconds of CPU per `write(2)` of `n_joined` frames in one buffer, to `n` sockets in turn. The other side
/// reads all of a round before the next begins, as watchers do between two changes.
pub(crate) fn writes(n: usize, n_joined: usize, rounds: usize) -> Result<f64> {
    let (mut control, mut sockets, mut peer) = meet(n, Role::Drain { n_joined, rounds })?;
    let buffer = server_text_frame(&[b'x'; FRAME_BYTES - 2]).repeat(n_joined);
    let watch = CpuWatch::start(std::process::id())?;
    for _ in 0..rounds {
        for socket in &mut sockets {
            socket.write_all(&buffer).context("writing a frame")?;
        }
        control.read_exact(&mut [0]).context("the peer did not read a round")?;
    }
    let us = per_operation_us(&watch, n * rounds)?;
    peer.wait()?;
    Ok(us)
}

/// Microseconds of CPU per heartbeat on `n` connections, in the rhythm of the role.
pub(crate) fn heartbeats(n: usize, role: Role) -> Result<f64> {
    let n_pings = role.n_pings(n);
    let (mut control, sockets, mut peer) = meet(n, role)?;
    let mut poll = Poll::new()?;
    let mut sockets = register(&poll, sockets, Interest::READABLE)?;
    let pong = server_text_frame(br#"{"type":"pong"}"#);
    let expected_bytes = ping_frame().len();
    let mut scratch = vec![0; 4096];
    let mut events = Events::with_capacity(1024);
    let mut n_answered = 0;
    let watch = CpuWatch::start(std::process::id())?;
    control.write_all(b"g")?;
    while n_answered < n_pings {
        poll.poll(&mut events, Some(PATIENCE))?;
        ensure!(!events.is_empty(), "the heartbeat peer fell silent");
        for event in &events {
            let socket = &mut sockets[event.token().0];
            let n_bytes = read_some(socket, &mut scratch)?;
            if n_bytes > 0 {
                ensure!(n_bytes == expected_bytes && is_ping(&mut scratch[..n_bytes]), "not a heartbeat");
                socket.write_all(&pong)?;
                n_answered += 1;
            }
        }
    }
    let us = per_operation_us(&watch, n_pings)?;
    peer.wait()?;
    Ok(us)
}

/// Microseconds of CPU per accept + register + read + write, `n` connections per round.
pub(crate) fn accepts(n: usize, rounds: usize) -> Result<f64> {
    let mut us = 0.0;
    for _ in 0..rounds {
        us += accept_round(n)? / rounds as f64;
    }
    Ok(us)
}

/// Microseconds of CPU per request answered with `n_bytes` bytes over a few kept connections.
pub(crate) fn lists(n_bytes: usize, n_requests: usize) -> Result<f64> {
    let (mut control, sockets, mut peer) = meet(LIST_LANES, Role::List { n_bytes, n_requests })?;
    let mut poll = Poll::new()?;
    let mut sockets = register(&poll, sockets, Interest::READABLE | Interest::WRITABLE)?;
    let body = vec![b'x'; n_bytes];
    let mut left_bytes = vec![0; sockets.len()];
    let mut scratch = vec![0; 4096];
    let mut events = Events::with_capacity(64);
    let mut n_answered = 0;
    let watch = CpuWatch::start(std::process::id())?;
    control.write_all(b"g")?;
    while n_answered < n_requests {
        poll.poll(&mut events, Some(PATIENCE))?;
        ensure!(!events.is_empty(), "the list peer fell silent");
        for event in &events {
            let lane = event.token().0;
            if left_bytes[lane] == 0 && read_some(&mut sockets[lane], &mut scratch)? > 0 {
                left_bytes[lane] = n_bytes;
            }
            if left_bytes[lane] > 0 {
                left_bytes[lane] = write_rest(&mut sockets[lane], &body, left_bytes[lane])?;
                n_answered += usize::from(left_bytes[lane] == 0);
            }
        }
    }
    let us = per_operation_us(&watch, n_requests)?;
    peer.wait()?;
    Ok(us)
}

fn accept_round(n: usize) -> Result<f64> {
    let listener = listen()?;
    let mut peer = Peer::start(listener.local_addr()?, n, Role::Connect)?;
    // The control connection comes first; this role has no use for it but to know the peer is there.
    let (_control, _) = listener.accept()?;
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut sockets: Vec<TcpStream> = Vec::with_capacity(n);
    let mut scratch = vec![0; 4096];
    let mut n_answered = 0;
    let watch = CpuWatch::start(std::process::id())?;
    while n_answered < n {
        poll.poll(&mut events, Some(PATIENCE))?;
        ensure!(!events.is_empty(), "the connecting peer fell silent");
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, &poll, &mut sockets)?;
            } else if read_some(&mut sockets[event.token().0], &mut scratch)? > 0 {
                sockets[event.token().0].write_all(UPGRADED)?;
                n_answered += 1;
            }
        }
    }
    let us = per_operation_us(&watch, n)?;
    peer.wait()?;
    Ok(us)
}

fn accept_all(listener: &TcpListener, poll: &Poll, sockets: &mut Vec<TcpStream>) -> Result<()> {
    loop {
        match listener.accept() {
            Ok((mut socket, _)) => {
                poll.registry().register(&mut socket, Token(sockets.len()), Interest::READABLE)?;
                sockets.push(socket);
            }
            Err(fault) if fault.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(fault) => return Err(fault).context("accepting a connection"),
        }
    }
}

/// Starts a peer and accepts its control connection and `n` others. Each is answered, so that the peer never has more
/// under way than the accept queue holds: beyond it TCP drops what the peer believes to be connected.
fn meet(n: usize, role: Role) -> Result<(StdStream, Vec<StdStream>, Peer)> {
    let listener = listen()?;
    let peer = Peer::start(listener.local_addr()?, n, role)?;
    let (control, _) = listener.accept()?;
    control.set_read_timeout(Some(PATIENCE))?;
    let mut sockets = Vec::with_capacity(n);
    let mut scratch = vec![0; 4096];
    for _ in 0..n {
        let (mut socket, _) = listener.accept().context("accepting a connection")?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        ensure!(socket.read(&mut scratch).context("reading an upgrade request")? > 0, "no upgrade request");
        socket.write_all(UPGRADED)?;
        sockets.push(socket);
    }
    Ok((control, sockets, peer))
}

/// The standard library's accept queue holds 128, the peer has up to 256 handshakes under way.
fn listen() -> Result<StdListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    socket.listen(4096)?;
    Ok(socket.into())
}

fn register(poll: &Poll, sockets: Vec<StdStream>, interest: Interest) -> Result<Vec<TcpStream>> {
    let mut registered = Vec::with_capacity(sockets.len());
    for (number, socket) in sockets.into_iter().enumerate() {
        socket.set_nonblocking(true)?;
        let mut socket = TcpStream::from_std(socket);
        poll.registry().register(&mut socket, Token(number), interest)?;
        registered.push(socket);
    }
    Ok(registered)
}

/// Reads once; 0 when nothing is there.
fn read_some(socket: &mut TcpStream, scratch: &mut [u8]) -> Result<usize> {
    match socket.read(scratch) {
        Ok(n_bytes) => Ok(n_bytes),
        Err(fault) if fault.kind() == ErrorKind::WouldBlock => Ok(0),
        Err(fault) => Err(fault).context("reading from the peer"),
    }
}

/// Writes what the socket takes of the last `left_bytes` of the body; returns what is left.
fn write_rest(socket: &mut TcpStream, body: &[u8], mut left_bytes: usize) -> Result<usize> {
    while left_bytes > 0 {
        match socket.write(&body[body.len() - left_bytes..]) {
            Ok(n_bytes) => left_bytes -= n_bytes,
            Err(fault) if fault.kind() == ErrorKind::WouldBlock => break,
            Err(fault) => return Err(fault).context("writing a list"),
        }
    }
    Ok(left_bytes)
}

/// Unmasks a short client frame in place and compares it.
fn is_ping(frame: &mut [u8]) -> bool {
    let Some((header, payload)) = frame.split_at_mut_checked(6) else { return false };
    for (position, byte) in payload.iter_mut().enumerate() {
        *byte ^= header[2 + position % 4];
    }
    payload == PING
}

fn per_operation_us(watch: &CpuWatch, n_operations: usize) -> Result<f64> {
    Ok(watch.cpu_seconds()? * 1e6 / n_operations as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_is_recognised_under_its_mask() {
        assert!(is_ping(&mut ping_frame()));
        let mut other = ping_frame();
        other[10] ^= 1;
        assert!(!is_ping(&mut other));
        assert!(!is_ping(&mut [0x81, 0x80]));
    }

    #[test]
    fn every_floor_ends_and_counts_no_negative_time() {
        for us in [
            writes(20, 1, 3).unwrap(),
            writes(20, 8, 3).unwrap(),
            heartbeats(20, Role::PingTogether { rounds: 3 }).unwrap(),
            heartbeats(20, Role::PingSpread { seconds: 1 }).unwrap(),
            accepts(20, 2).unwrap(),
            lists(100_000, 20).unwrap(),
        ] {
            // The tests' other threads are on the same bill, so only the sign is certain.
            assert!(us >= 0.0 && us.is_finite());
        }
    }
}
