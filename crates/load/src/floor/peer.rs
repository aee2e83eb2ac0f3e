//! The other half of a floor: a child process of this program, so that its CPU is not on the serving side's bill.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};

use super::ping_frame;
use crate::client::{Client, Handler, Happening};
use crate::pace::Pace;

/// Connections that ask for lists.
pub(crate) const LIST_LANES: usize = 4;

/// No peer outlives its floor by more than this.
const PATIENCE: Duration = Duration::from_mins(2);

/// What `floor-peer` is told on its command line.
#[derive(Debug, Clone, Args)]
pub(crate) struct PeerArguments {
    /// Where the serving half listens.
    #[arg(long)]
    address: SocketAddr,
    /// How many connections to open beside the control connection.
    #[arg(long)]
    connections: usize,
    #[command(subcommand)]
    role: Role,
}

/// What the peer does with its connections.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Role {
    /// Reads frames; after each round of all frames says so with one byte on the control connection.
    Drain {
        /// Frames per connection and round.
        #[arg(long)]
        n_joined: usize,
        /// How many rounds.
        #[arg(long)]
        rounds: usize,
    },
    /// Pings on all connections, waits for all answers, and again.
    PingTogether {
        /// How often.
        #[arg(long)]
        rounds: usize,
    },
    /// Pings on each connection once a second, evenly spread.
    PingSpread {
        /// For how long.
        #[arg(long)]
        seconds: usize,
    },
    /// Opens the connections with an upgrade request and waits for each answer.
    Connect,
    /// Asks again as soon as the answer is complete, on each connection.
    List {
        /// Length of an answer.
        #[arg(long)]
        n_bytes: usize,
        /// Requests in all.
        #[arg(long)]
        n_requests: usize,
    },
}

/// A running peer.
#[derive(Debug)]
pub(crate) struct Peer {
    #[cfg(not(test))]
    child: std::process::Child,
    #[cfg(test)]
    thread: Option<std::thread::JoinHandle<Result<()>>>,
}

impl Role {
    /// How many heartbeats `n` connections send in this role.
    pub(crate) fn n_pings(self, n: usize) -> usize {
        match self {
            Self::PingTogether { rounds } => n * rounds,
            Self::PingSpread { seconds } => n * seconds,
            Self::Drain { .. } | Self::Connect | Self::List { .. } => 0,
        }
    }

    #[cfg(not(test))]
    fn command_line(self) -> Vec<String> {
        let words = match self {
            Self::Drain { n_joined, rounds } => format!("drain --n-joined {n_joined} --rounds {rounds}"),
            Self::PingTogether { rounds } => format!("ping-together --rounds {rounds}"),
            Self::PingSpread { seconds } => format!("ping-spread --seconds {seconds}"),
            Self::Connect => "connect".to_owned(),
            Self::List { n_bytes, n_requests } => {
                format!("list --n-bytes {n_bytes} --n-requests {n_requests}")
            }
        };
        words.split(' ').map(str::to_owned).collect()
    }
}

impl Peer {
    /// Starts this program again as a peer.
    #[cfg(not(test))]
    pub(crate) fn start(address: SocketAddr, n: usize, role: Role) -> Result<Self> {
        let child = std::process::Command::new(std::env::current_exe()?)
            .args(["floor-peer", "--address", &address.to_string(), "--connections", &n.to_string()])
            .args(role.command_line())
            .spawn()
            .context("starting the peer of a floor")?;
        Ok(Self { child })
    }

    /// In tests there is no program to start: a thread plays the peer.
    #[cfg(test)]
    #[expect(
        clippy::unnecessary_wraps,
        reason = "the same form as outside tests, where a process may not start"
    )]
    pub(crate) fn start(address: SocketAddr, n: usize, role: Role) -> Result<Self> {
        let arguments = PeerArguments { address, connections: n, role };
        Ok(Self { thread: Some(std::thread::spawn(move || run_peer(&arguments))) })
    }

    /// Waits for the peer's end; an error if it failed.
    #[cfg(not(test))]
    pub(crate) fn wait(&mut self) -> Result<()> {
        let status = self.child.wait()?;
        ensure!(status.success(), "the peer of a floor failed: {status}");
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.thread.take().context("waited twice")?.join().expect("the peer's thread does not panic")
    }
}

#[cfg(not(test))]
impl Drop for Peer {
    /// When the serving half failed, the peer must not stay behind. After `wait` both calls do nothing.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Plays the peer: the hidden subcommand `floor-peer`.
pub(crate) fn run_peer(arguments: &PeerArguments) -> Result<()> {
    let n = arguments.connections;
    let mut control = TcpStream::connect(arguments.address)?;
    control.set_read_timeout(Some(PATIENCE))?;
    let mut client = Client::new(arguments.address)?;
    if let Role::List { n_bytes, n_requests } = arguments.role {
        return ask_for_lists(arguments.address, &mut control, n, n_bytes, n_requests);
    }
    for _ in 0..n {
        let connection = client.fleet.add(upgrade_request(arguments.address));
        client.fleet.open(connection);
    }
    let mut counter = Counter::default();
    client
        .turn_until(PATIENCE, "all connections open", &mut counter, |client, _| client.fleet.n_open() == n)?;
    match arguments.role {
        Role::Drain { n_joined, rounds } => {
            drain(&mut client, &mut control, &mut counter, n * n_joined, rounds)
        }
        Role::PingTogether { rounds } => {
            control.read_exact(&mut [0])?;
            ping_together(&mut client, &mut counter, n, rounds)
        }
        Role::PingSpread { seconds } => {
            control.read_exact(&mut [0])?;
            Pace::new(n, Duration::from_secs(1)).run(
                &mut client,
                &mut counter,
                n * seconds,
                |client, _, nth| client.fleet.send(nth % n, &ping_frame()),
            )?;
            client
                .turn_until(PATIENCE, "all pongs", &mut counter, |_, counter| counter.n_texts == n * seconds)
        }
        Role::Connect | Role::List { .. } => Ok(()),
    }
}

/// Counts messages.
#[derive(Debug, Default)]
struct Counter {
    n_texts: usize,
}

impl Handler for Counter {
    fn socket(&mut self, _connection: usize, happening: Happening<'_>) {
        self.n_texts += usize::from(matches!(happening, Happening::Text(_)));
    }
}

fn drain(
    client: &mut Client,
    control: &mut TcpStream,
    counter: &mut Counter,
    n_frames: usize,
    rounds: usize,
) -> Result<()> {
    for round in 1..=rounds {
        client.turn_until(PATIENCE, "a round of frames", counter, |_, counter| {
            counter.n_texts >= n_frames * round
        })?;
        control.write_all(b".")?;
    }
    Ok(())
}

fn ping_together(client: &mut Client, counter: &mut Counter, n: usize, rounds: usize) -> Result<()> {
    let ping = ping_frame();
    for round in 1..=rounds {
        for connection in 0..n {
            client.fleet.send(connection, &ping)?;
        }
        client
            .turn_until(PATIENCE, "a round of pongs", counter, |_, counter| counter.n_texts >= n * round)?;
    }
    Ok(())
}

/// Blocking reads are enough here: each connection waits for its answer anyway, one thread each.
fn ask_for_lists(
    address: SocketAddr,
    control: &mut TcpStream,
    n: usize,
    n_bytes: usize,
    n_requests: usize,
) -> Result<()> {
    let lanes = (0..n).map(|_| open_lane(address)).collect::<Result<Vec<_>>>()?;
    control.read_exact(&mut [0])?;
    let threads: Vec<_> = lanes
        .into_iter()
        .enumerate()
        .map(|(nth, lane)| {
            let n_mine = n_requests / n + usize::from(nth < n_requests % n);
            std::thread::spawn(move || ask_on_lane(lane, &upgrade_request(address), n_bytes, n_mine))
        })
        .collect();
    for thread in threads {
        thread.join().expect("a list thread does not panic")?;
    }
    Ok(())
}

fn open_lane(address: SocketAddr) -> Result<TcpStream> {
    let mut lane = TcpStream::connect(address)?;
    lane.set_read_timeout(Some(PATIENCE))?;
    lane.write_all(&upgrade_request(address))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        lane.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(lane)
}

fn ask_on_lane(mut lane: TcpStream, request: &[u8], n_bytes: usize, n_requests: usize) -> Result<()> {
    let mut scratch = vec![0; 256 * 1024];
    for _ in 0..n_requests {
        lane.write_all(request)?;
        let mut left_bytes = n_bytes;
        while left_bytes > 0 {
            let n_read = lane.read(&mut scratch)?;
            ensure!(n_read > 0 && n_read <= left_bytes, "an answer of another length");
            left_bytes -= n_read;
        }
    }
    Ok(())
}

/// A request as long as a real one with its token.
fn upgrade_request(address: SocketAddr) -> Vec<u8> {
    crate::server::upgrade_request(address, "/ws/user-status/", &"t".repeat(330), None)
}
