//! Opening very many TCP connections from one machine.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use mio::net::TcpStream;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

/// Connections per source address. An address has 28,232 ephemeral ports of which half serve `bind`, and closed
/// connections hold theirs for a minute.
const CONNECTIONS_PER_ADDRESS: usize = 4_000;

/// Counts all connections of this process, so that no address is used up by an earlier workload.
static DIALLED: AtomicUsize = AtomicUsize::new(0);

/// Starts a non-blocking connection. On loopback the source is spread over 127.0.0.0/8.
pub(crate) fn dial(server: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(server), Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
    socket.set_tcp_nodelay(true)?;
    if server.is_ipv4() && server.ip().is_loopback() {
        let nth = DIALLED.fetch_add(1, Ordering::Relaxed);
        socket.bind(&source_address(nth, std::process::id()).into())?;
    }
    match socket.connect(&server.into()) {
        Err(fault) if fault.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => {
            Err(fault)
        }
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}

/// Allows this process and its children as many descriptors as the machine permits; returns how many.
pub(crate) fn raise_descriptor_limit() -> Result<u64> {
    let limits = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, maximum: limits.maximum })
        .context("cannot raise the limit of open files")?;
    Ok(limits.maximum.unwrap_or(u64::MAX))
}

/// Two processes rarely share an address: the second octet comes from the process id.
fn source_address(nth: usize, pid: u32) -> SocketAddr {
    let address = nth / CONNECTIONS_PER_ADDRESS;
    let octets = [127, 16 + (pid % 224) as u8, (address / 250 % 250) as u8, 1 + (address % 250) as u8];
    SocketAddrV4::new(Ipv4Addr::from(octets), 0).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn no_source_address_gets_more_than_its_share() {
        let mut counts: HashMap<SocketAddr, usize> = HashMap::new();
        for nth in 0..1_000_000 {
            *counts.entry(source_address(nth, 77)).or_default() += 1;
        }
        assert!(counts.values().all(|&count| count <= 14_000));
        assert!(counts.keys().all(|address| address.ip().is_loopback() && address.port() == 0));
    }
}
