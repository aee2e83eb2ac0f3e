//! The command line, and what it means: which workloads, in which size, against which server.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::floor::PeerArguments;
use crate::profile::Profile;
use crate::server::ServerChoice;
use crate::workload::Workload;

/// Plays thousands of clients against a Hereabouts server and measures what they cost, beside the kernel's floor.
#[derive(Debug, Parser)]
#[command(name = "hereabouts-load", version)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Which server.
    #[command(flatten)]
    pub(crate) server: ServerArguments,
    /// Where the figures go.
    #[command(flatten)]
    pub(crate) output: OutputArguments,
    /// Small sizes, for CI.
    #[arg(long, global = true)]
    small: bool,
    /// Repeat everything so often and take the median.
    #[arg(long, global = true, default_value_t = 3)]
    runs: usize,
}

/// Which server is measured.
#[derive(Debug, Args)]
pub(crate) struct ServerArguments {
    /// A server that runs already: `http://HOST:PORT`. Needs `--pid` and `--secret`. Its limits per address and per
    /// user must be off.
    #[arg(long, global = true, requires = "pid", requires = "secret")]
    server: Option<String>,
    /// Its process.
    #[arg(long, global = true)]
    pid: Option<u32>,
    /// Its `SECRET_KEY`.
    #[arg(long, global = true, env = "HEREABOUTS_LOAD_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// The binary that is started for each workload when no server is given.
    #[arg(long, global = true, default_value = "target/release/hereabouts")]
    binary: PathBuf,
    /// One more argument for `hereabouts serve`; may be repeated.
    #[arg(long = "server-argument", global = true, allow_hyphen_values = true)]
    serve_arguments: Vec<String>,
}

/// Where the figures go.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArguments {
    /// Write the figures as JSON.
    #[arg(long, global = true)]
    pub(crate) json: Option<PathBuf>,
    /// Write the figures as a page.
    #[arg(long, global = true)]
    pub(crate) markdown: Option<PathBuf>,
    /// Exit with 3 when a figure is more than so many times worse than its target.
    #[arg(long, global = true)]
    pub(crate) gate: Option<f64>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The floor and every workload.
    All,
    /// Only what the kernel costs.
    Floor,
    /// User memory per idle authenticated connection.
    Idle {
        /// Fewer connections.
        #[arg(long)]
        from: Option<usize>,
        /// More connections.
        #[arg(long)]
        to: Option<usize>,
    },
    /// CPU and latency of a change on its way to many watchers.
    Fanout {
        /// How many watch.
        #[arg(long)]
        watchers: Option<usize>,
        /// How often one person comes and goes.
        #[arg(long)]
        changes: Option<usize>,
    },
    /// Everybody joins at once and watches everybody.
    Storm {
        /// Sizes, one storm each.
        #[arg(long, value_delimiter = ',')]
        users: Vec<usize>,
        /// How clients ask for the list.
        #[arg(long, value_enum, default_value = "keep-alive")]
        lists: Lists,
    },
    /// CPU per heartbeat.
    Heartbeat {
        /// How many ping once a second.
        #[arg(long)]
        connections: Option<usize>,
        /// For how long.
        #[arg(long)]
        seconds: Option<usize>,
    },
    /// Requests for the list.
    List {
        /// How many are online.
        #[arg(long)]
        people: Option<usize>,
        /// For how long, each of the two parts.
        #[arg(long)]
        seconds: Option<usize>,
        /// Kept connections that ask.
        #[arg(long)]
        connections: Option<usize>,
    },
    /// CPU per authenticated handshake.
    Handshake {
        /// How many connect.
        #[arg(long)]
        connections: Option<usize>,
    },
    /// Everybody is cut off and comes back within the grace.
    Reconnect {
        /// How many.
        #[arg(long)]
        connections: Option<usize>,
    },
    /// Half an hour of coming and going: memory, threads and counts must come back.
    Soak {
        /// How long.
        #[arg(long)]
        seconds: Option<usize>,
        /// How many.
        #[arg(long)]
        connections: Option<usize>,
    },
    /// The other half of a floor; started by this program itself.
    #[command(hide = true)]
    FloorPeer(PeerArguments),
}

/// How a storm's clients ask for the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lists {
    /// Over a small pool of kept connections, as behind a proxy.
    KeepAlive,
    /// Over a new connection each.
    Close,
}

/// What a command line asks for.
#[derive(Debug)]
pub(crate) struct Plan {
    /// In this order.
    pub(crate) workloads: Vec<Workload>,
    /// Sizes.
    pub(crate) profile: Profile,
    /// How often.
    pub(crate) n_runs: usize,
    /// Against which server.
    pub(crate) server: ServerChoice,
}

impl Plan {
    /// The binary, when this program starts the server.
    pub(crate) fn server_binary(&self) -> Option<&Path> {
        match &self.server {
            ServerChoice::Start { binary, .. } => Some(binary),
            ServerChoice::Running { .. } => None,
        }
    }
}

impl From<Arguments> for Plan {
    fn from(arguments: Arguments) -> Self {
        let mut profile = if arguments.small { Profile::small() } else { Profile::full() };
        let workloads = apply(arguments.command, &mut profile);
        Self { workloads, profile, n_runs: arguments.runs.max(1), server: arguments.server.into() }
    }
}

impl From<ServerArguments> for ServerChoice {
    fn from(arguments: ServerArguments) -> Self {
        match (arguments.server, arguments.pid, arguments.secret) {
            (Some(url), Some(pid), Some(secret)) => Self::Running { url, pid, secret },
            _ => Self::Start { binary: arguments.binary, arguments: arguments.serve_arguments },
        }
    }
}

/// Puts the sizes given for one workload into the profile; returns what is to run.
fn apply(command: Command, profile: &mut Profile) -> Vec<Workload> {
    fn set(size: &mut usize, given: Option<usize>) {
        *size = given.unwrap_or(*size);
    }
    match command {
        Command::All => Workload::ALL.to_vec(),
        Command::Floor | Command::FloorPeer(_) => Vec::new(),
        Command::Idle { from, to } => {
            set(&mut profile.idle_connections.0, from);
            set(&mut profile.idle_connections.1, to);
            vec![Workload::Idle]
        }
        Command::Fanout { watchers, changes } => {
            set(&mut profile.watchers, watchers);
            set(&mut profile.changes, changes);
            vec![Workload::Fanout]
        }
        Command::Storm { users, lists } => {
            if !users.is_empty() {
                profile.storm_users = users;
            }
            profile.storm_keep_alive = lists == Lists::KeepAlive;
            vec![Workload::Storm]
        }
        Command::Heartbeat { connections, seconds } => {
            set(&mut profile.watchers, connections);
            set(&mut profile.heartbeat_seconds, seconds);
            vec![Workload::Heartbeat]
        }
        Command::List { people, seconds, connections } => {
            set(&mut profile.list_people, people);
            set(&mut profile.list_seconds, seconds);
            set(&mut profile.list_connections, connections);
            vec![Workload::List]
        }
        Command::Handshake { connections } => {
            set(&mut profile.watchers, connections);
            vec![Workload::Handshake]
        }
        Command::Soak { seconds, connections } => {
            set(&mut profile.soak_seconds, seconds);
            set(&mut profile.soak_connections, connections);
            vec![Workload::Soak]
        }
        Command::Reconnect { connections } => {
            set(&mut profile.watchers, connections);
            vec![Workload::Reconnect]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(line: &str) -> Plan {
        Arguments::try_parse_from(line.split(' ')).unwrap().into()
    }

    #[test]
    fn sizes_and_servers_come_from_the_command_line() {
        let all = plan("x all --small --runs 1");
        assert_eq!((all.workloads.len(), all.profile.name, all.n_runs), (Workload::ALL.len(), "small", 1));
        assert_eq!(all.server_binary(), Some(Path::new("target/release/hereabouts")));
        let storm =
            plan("x storm --users 500,10000 --lists close --server http://127.0.0.1:1 --pid 7 --secret s");
        assert_eq!(storm.profile.storm_users, [500, 10_000]);
        assert!(!storm.profile.storm_keep_alive);
        assert!(matches!(storm.server, ServerChoice::Running { pid: 7, .. }));
        assert_eq!(plan("x idle --to 9000").profile.idle_connections, (5_000, 9_000));
        assert!(plan("x floor").workloads.is_empty());
    }

    #[test]
    fn a_server_without_its_process_is_refused() {
        assert!(Arguments::try_parse_from(["x", "all", "--server", "http://127.0.0.1:1"]).is_err());
    }
}
