//! People who come to a server and stay: the start of every workload.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::client::{Client, Handler, Happening};
use crate::cohort::Cohort;
use crate::message::{Message, read_message};
use crate::procfs::CpuWatch;
use crate::server::Server;

/// Coming takes at most this long, however many come.
const COMING_LIMIT: Duration = Duration::from_mins(3);
/// A server is given this long to become quiet.
const QUIET_LIMIT: Duration = Duration::from_mins(1);
/// Below this share of one core a server is quiet; server pings to 15,000 connections take 1 to 2 %.
const QUIET_CPU_SHARE: f64 = 0.06;

/// People with one socket each; socket `i` of the fleet is person `i`.
#[derive(Debug)]
pub(crate) struct Crowd {
    /// Who they are.
    pub(crate) cohort: Cohort,
    /// Their sockets.
    pub(crate) client: Client,
    /// What they heard so far.
    pub(crate) heard: Heard,
}

/// Counts what a crowd hears.
#[derive(Debug)]
pub(crate) struct Heard {
    cohort: Cohort,
    /// Acknowledged connections.
    pub(crate) n_acks: usize,
    /// Changes of anybody.
    pub(crate) n_changes: usize,
    /// Pongs.
    pub(crate) n_pongs: usize,
    /// Connections closed by the server.
    pub(crate) n_closed: usize,
}

impl Handler for Heard {
    fn socket(&mut self, _connection: usize, happening: Happening<'_>) {
        match happening {
            Happening::Text(payload) => match read_message(payload, &self.cohort) {
                Message::Ack => self.n_acks += 1,
                Message::Changed { .. } => self.n_changes += 1,
                Message::Pong => self.n_pongs += 1,
                Message::Other => {}
            },
            Happening::Closed(_) => self.n_closed += 1,
            Happening::Opened => {}
        }
    }
}

impl Crowd {
    /// Nobody yet.
    pub(crate) fn new(server: &Server) -> Result<Self> {
        let cohort = Cohort::new();
        let heard = Heard { cohort: cohort.clone(), n_acks: 0, n_changes: 0, n_pongs: 0, n_closed: 0 };
        Ok(Self { cohort, client: Client::new(server.address)?, heard })
    }

    /// Prepares the socket of one more person, without opening it; returns the person's number.
    pub(crate) fn invite(&mut self, server: &Server, subprotocol: Option<&str>) -> Result<usize> {
        let number = self.client.fleet.n_added();
        let token = self.cohort.token(number, server.secret())?;
        Ok(self.client.fleet.add(server.upgrade_request(&token, subprotocol)))
    }

    /// Brings people until there are `n` in all, and waits for everybody's ack.
    pub(crate) fn grow_to(&mut self, server: &Server, n: usize, subprotocol: Option<&str>) -> Result<()> {
        let mut comers = Vec::new();
        while self.client.fleet.n_added() < n {
            comers.push(self.invite(server, subprotocol)?);
        }
        let n_acks = self.heard.n_acks + comers.len();
        for connection in comers {
            self.client.fleet.open(connection);
        }
        self.client.turn_until(COMING_LIMIT, "an ack for everybody", &mut self.heard, |_, heard| {
            heard.n_acks >= n_acks
        })
    }

    /// Waits until the server does nothing but hold the connections: no message for a second, and hardly any CPU.
    pub(crate) fn wait_for_quiet(&mut self, server: &Server) -> Result<()> {
        let deadline = Instant::now() + QUIET_LIMIT;
        loop {
            let n_changes = self.heard.n_changes;
            let watch = CpuWatch::start(server.pid)?;
            self.client.turn_for(Duration::from_secs(1), &mut self.heard)?;
            let share = watch.cpu_seconds()? / watch.elapsed().as_secs_f64();
            if self.heard.n_changes == n_changes && share < QUIET_CPU_SHARE {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "not quiet in {QUIET_LIMIT:?}: {:.0} % of a core",
                share * 100.0
            );
        }
    }

    /// Everybody who is there must still be: a lost connection makes a cheap figure.
    pub(crate) fn expect_all_there(&self, n: usize) -> Result<()> {
        let n_open = self.client.fleet.n_open();
        ensure!(n_open == n && self.heard.n_closed == 0, "{} of {n} connections were lost", n - n_open);
        Ok(())
    }
}
