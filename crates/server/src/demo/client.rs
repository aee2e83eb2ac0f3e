//! A client as the original's app has one: connects with `?token=`, pings every 30 s, ignores what it hears.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hereabouts_websocket::{Opcode, client};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{self, MissedTickBehavior},
};

const PING_INTERVAL: Duration = Duration::from_secs(30);
/// The handshake, and the answer to a close, come within this time or not at all.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: usize = 4 * 1024;
/// Our own server sends at most some hundred KiB in one frame, when a thousand people come at once.
const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Connects and stays until `end`, then closes with 1000. An error when the server closes first.
pub(super) async fn stay_connected(
    address: SocketAddr,
    token: &str,
    end: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut stream = TcpStream::connect(reachable(address)).await?;
    let mut read = time::timeout(ANSWER_TIMEOUT, handshake(&mut stream, address.port(), token)).await??;
    let mut pings = time::interval_at(time::Instant::now() + PING_INTERVAL, PING_INTERVAL);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(end);
    loop {
        tokio::select! {
            () = &mut end => break,
            _ = pings.tick() => send(&mut stream, Opcode::Text, br#"{"type":"ping"}"#).await?,
            received = stream.read_buf(&mut read) => {
                if received? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                answer_frames(&mut stream, &mut read).await?;
            }
        }
    }
    send(&mut stream, Opcode::Close, &1000_u16.to_be_bytes()).await?;
    // What still comes is read away, so that the close is not cut short by a reset.
    let drained = async {
        while stream.read_buf(&mut read).await? > 0 {
            read.clear();
        }
        Ok(())
    };
    time::timeout(ANSWER_TIMEOUT, drained).await?
}

/// The upgrade; returns what the server sent behind its answer.
async fn handshake(stream: &mut TcpStream, port: u16, token: &str) -> io::Result<Vec<u8>> {
    let key = BASE64_STANDARD.encode(random_bytes::<16>()?);
    let request = format!(
        "GET /ws/user-status/?token={token} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut read).await? == 0 || read.len() > HEAD_BYTES_MAX {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    if !read.starts_with(b"HTTP/1.1 101 ") {
        return Err(io::Error::other("the upgrade was refused"));
    }
    read.drain(..head_end);
    Ok(read)
}

/// Takes whole frames off the front of `read`: answers pings, fails at a close, and hears the rest without interest.
async fn answer_frames(stream: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<()> {
    let mut at = 0;
    while let Some(frame) = client::parse_server_frame(&read[at..]) {
        match frame.opcode {
            Opcode::Ping => send(stream, Opcode::Pong, frame.payload).await?,
            Opcode::Close => return Err(io::ErrorKind::ConnectionAborted.into()),
            _ => {}
        }
        at += frame.len;
    }
    read.drain(..at);
    if read.len() > FRAME_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // After a burst the buffer is given back: a thousand guests would keep a thousand bursts.
    if read.is_empty() && read.capacity() > 16 * 1024 {
        *read = Vec::new();
    }
    Ok(())
}

async fn send(stream: &mut TcpStream, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
    let mut frame = Vec::with_capacity(payload.len() + 14);
    client::write_masked_frame(&mut frame, opcode, payload, random_bytes()?);
    stream.write_all(&frame).await
}

fn random_bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// A listener on every address is reached on the loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
