//! How large a run is: the sizes of the design, or small ones for CI.

/// Sizes of all workloads.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// Name for the report.
    pub(crate) name: &'static str,
    /// Connections whose memory is compared: from, to.
    pub(crate) idle_connections: (usize, usize),
    /// Sockets of the floors, watchers of the fan-out, connections of the heartbeat.
    pub(crate) watchers: usize,
    /// Times one person comes and goes.
    pub(crate) changes: usize,
    /// People who come and go at the same moment, and how often: the cost of an event among others.
    pub(crate) burst: (usize, usize),
    /// Sizes of the storms.
    pub(crate) storm_users: Vec<usize>,
    /// How the storm's clients ask for the list.
    pub(crate) storm_keep_alive: bool,
    /// Seconds of one heartbeat per second and connection.
    pub(crate) heartbeat_seconds: usize,
    /// People online while the list is asked for.
    pub(crate) list_people: usize,
    /// Seconds of asking for the list, then for a 304.
    pub(crate) list_seconds: usize,
    /// Kept connections that ask for lists.
    pub(crate) list_connections: usize,
    /// Rounds over all sockets in the write and heartbeat floors.
    pub(crate) floor_rounds: usize,
    /// Rounds of connecting in the accept floor.
    pub(crate) floor_accept_rounds: usize,
    /// Requests in the list floor.
    pub(crate) floor_list_requests: usize,
    /// People of a soak.
    pub(crate) soak_connections: usize,
    /// Its length.
    pub(crate) soak_seconds: usize,
    /// How often somebody pings, is cut off or leaves, and comes back.
    pub(crate) soak_moves_per_second: usize,
}

impl Profile {
    /// The sizes the targets are written for.
    pub(crate) fn full() -> Self {
        Self {
            name: "full",
            idle_connections: (5_000, 15_000),
            watchers: 5_000,
            changes: 200,
            burst: (16, 50),
            storm_users: vec![1_000, 2_000],
            storm_keep_alive: true,
            heartbeat_seconds: 10,
            list_people: 1_000,
            list_seconds: 4,
            list_connections: 4,
            floor_rounds: 80,
            floor_accept_rounds: 6,
            floor_list_requests: 20_000,
            soak_connections: 5_000,
            soak_seconds: 1_800,
            soak_moves_per_second: 100,
        }
    }

    /// A minute of CI on two shared cores: the ratios mean the same, with more noise.
    /// Memory is compared at full size: below it, what a process costs once would count as the price of a connection.
    pub(crate) fn small() -> Self {
        Self {
            name: "small",
            watchers: 1_000,
            changes: 100,
            burst: (16, 40),
            storm_users: vec![1_000],
            heartbeat_seconds: 5,
            list_seconds: 2,
            floor_rounds: 200,
            floor_accept_rounds: 10,
            floor_list_requests: 8_000,
            soak_connections: 500,
            soak_seconds: 60,
            ..Self::full()
        }
    }
}
