//! The workloads: each brings people to a server, does one thing to it, and returns figures.

mod crowd;
mod fanout;
mod handshake;
mod heartbeat;
mod idle;
mod known;
mod list;
mod reconnect;
mod soak;
mod storm;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::figure::Figure;
use crate::floor::Floors;
use crate::profile::Profile;
use crate::server::{Server, ServerChoice};

/// Which workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Workload {
    /// User memory per idle authenticated connection.
    Idle,
    /// CPU and latency of one change on its way to many watchers.
    Fanout,
    /// Everybody joins at once and watches everybody.
    Storm,
    /// CPU per heartbeat.
    Heartbeat,
    /// Requests for the list.
    List,
    /// CPU per authenticated handshake.
    Handshake,
    /// Everybody is cut off and comes back within the grace.
    Reconnect,
    /// Coming and going for long; no part of the report.
    Soak,
}

impl Workload {
    /// All of the report, in its order.
    pub(crate) const ALL: [Self; 7] = [
        Self::Idle,
        Self::Fanout,
        Self::Heartbeat,
        Self::Handshake,
        Self::Storm,
        Self::List,
        Self::Reconnect,
    ];

    /// Runs once on a server of its own (or on the running one).
    pub(crate) fn run(
        self,
        choice: &ServerChoice,
        profile: &Profile,
        floors: &Floors,
    ) -> Result<Vec<Figure>> {
        match self {
            Self::Storm => {
                let mut figures = Vec::new();
                for &n in &profile.storm_users {
                    figures
                        .extend(on_server(choice, |server| storm::run(server, n, profile.storm_keep_alive))?);
                }
                Ok(figures)
            }
            Self::Idle => on_server(choice, |server| idle::run(server, profile)),
            Self::Fanout => on_server(choice, |server| fanout::run(server, profile, floors)),
            Self::Heartbeat => on_server(choice, |server| heartbeat::run(server, profile, floors)),
            Self::List => on_server(choice, |server| list::run(server, profile, floors)),
            Self::Handshake => on_server(choice, |server| handshake::run(server, profile, floors)),
            Self::Reconnect => on_server(choice, |server| reconnect::run(server, profile)),
            Self::Soak => on_server(choice, |server| soak::run(server, profile)),
        }
        .with_context(|| format!("workload {self:?}"))
    }
}

fn on_server(
    choice: &ServerChoice,
    workload: impl FnOnce(&Server) -> Result<Vec<Figure>>,
) -> Result<Vec<Figure>> {
    let server = choice.get()?;
    let figures = workload(&server)?;
    server.stop()?;
    Ok(figures)
}

#[cfg(test)]
mod tests;
