//! One change on its way to many watchers: CPU per delivery, and how long it takes. Then many changes at the same
//! moment: CPU per event when they share a write.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::crowd::Crowd;
use crate::client::{Client, Handler, Happening};
use crate::cohort::Cohort;
use crate::figure::Figure;
use crate::floor::Floors;
use crate::latency::Latencies;
use crate::message::{Message, read_message};
use crate::procfs::CpuWatch;
use crate::profile::Profile;
use crate::server::Server;

/// Issue 2, as a ratio to the write floor.
const TARGET_RATIO: f64 = 1.3;
/// Design 7.2: an event among at least eight of a tick, as a ratio to the floor of one write.
const TARGET_BURST_RATIO: f64 = 0.2;
const CHANGE_LIMIT: Duration = Duration::from_secs(20);
/// Between two changes: the server's tick is back at its shortest, and the last change is nobody's neighbour.
const PAUSE: Duration = Duration::from_millis(60);

pub(super) fn run(server: &Server, profile: &Profile, floors: &Floors) -> Result<Vec<Figure>> {
    let n = profile.watchers;
    let (n_burst, n_burst_rounds) = profile.burst;
    let mut crowd = Crowd::new(server)?;
    crowd.grow_to(server, n, None)?;
    let changers = (0..n_burst).map(|_| crowd.invite(server, None)).collect::<Result<Vec<usize>>>()?;
    crowd.wait_for_quiet(server)?;

    let one = come_and_go(server, &mut crowd, n, &changers[..1], profile.changes)?;
    crowd.wait_for_quiet(server)?;
    let many = come_and_go(server, &mut crowd, n, &changers, n_burst_rounds)?;

    // One shard per core, and one core is the generator's.
    let n_shards =
        std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let p99_limit_ms = 10.0 + n as f64 * 0.007 / n_shards as f64;
    let title = format!("CPU per delivery, one change, {n} watchers");
    Ok(vec![
        Figure::new("fanout.cpu", &title, "µs", one.cpu_us)
            .over_floor(floors.write_us)
            .ratio_at_most(TARGET_RATIO),
        Figure::new(
            "fanout.burst_cpu",
            &format!("CPU per event and watcher, {n_burst} changes at once"),
            "µs",
            many.cpu_us,
        )
        .over_floor(floors.write_us)
        .ratio_at_most(TARGET_BURST_RATIO),
        Figure::new("fanout.p50", "change to a watcher, p50", "ms", one.each.percentile_ms(50.0)),
        Figure::new("fanout.p99", "change to a watcher, p99", "ms", one.each.percentile_ms(99.0))
            .at_most(p99_limit_ms),
        Figure::new("fanout.last_p50", "change to the last watcher, p50", "ms", one.last.percentile_ms(50.0)),
        Figure::new("fanout.last_p99", "change to the last watcher, p99", "ms", one.last.percentile_ms(99.0)),
    ])
}

/// What a series of changes cost.
struct Series {
    /// Server CPU per change and watcher.
    cpu_us: f64,
    /// From the change to each watcher.
    each: Latencies,
    /// From the change to the last watcher.
    last: Latencies,
}

/// All `changers` come, and when all watchers know, all go, and so on.
fn come_and_go(
    server: &Server,
    crowd: &mut Crowd,
    n_watchers: usize,
    changers: &[usize],
    rounds: usize,
) -> Result<Series> {
    let mut watchers = Watchers {
        cohort: crowd.cohort.clone(),
        size: n_watchers,
        changed: Instant::now(),
        n_heard: 0,
        n_acks: 0,
        n_closed: 0,
        each: Latencies::new(),
        last: Latencies::new(),
    };
    let client = &mut crowd.client;
    let watch = CpuWatch::start(server.pid)?;
    for _ in 0..rounds {
        watchers.begin();
        for &changer in changers {
            client.fleet.open(changer);
        }
        watchers.wait(client, changers.len(), |watchers| watchers.n_acks)?;
        watchers.begin();
        for &changer in changers {
            client.fleet.close(changer)?;
        }
        watchers.wait(client, changers.len(), |watchers| watchers.n_closed)?;
    }
    let n_deliveries = 2 * rounds * changers.len() * n_watchers;
    let cpu_us = watch.cpu_seconds()? * 1e6 / n_deliveries as f64;
    Ok(Series { cpu_us, each: watchers.each, last: watchers.last })
}

struct Watchers {
    cohort: Cohort,
    size: usize,
    changed: Instant,
    n_heard: usize,
    n_acks: usize,
    n_closed: usize,
    each: Latencies,
    last: Latencies,
}

impl Watchers {
    fn begin(&mut self) {
        self.changed = Instant::now();
        self.n_heard = 0;
        self.n_acks = 0;
        self.n_closed = 0;
    }

    /// Waits until all watchers heard of all changes and the changers' own sockets are where they should be.
    fn wait(&mut self, client: &mut Client, n_changers: usize, own: fn(&Self) -> usize) -> Result<()> {
        let n_expected = self.size * n_changers;
        client.turn_until(CHANGE_LIMIT, "a change at all watchers", self, |_, watchers| {
            watchers.n_heard >= n_expected && own(watchers) >= n_changers
        })?;
        client.turn_for(PAUSE, self)?;
        anyhow::ensure!(self.n_heard == n_expected, "{} changes heard instead of {n_expected}", self.n_heard);
        Ok(())
    }
}

impl Handler for Watchers {
    fn socket(&mut self, connection: usize, happening: Happening<'_>) {
        match happening {
            Happening::Text(payload) => match read_message(payload, &self.cohort) {
                Message::Changed { person: Some(person), .. }
                    if person >= self.size && connection < self.size =>
                {
                    self.n_heard += 1;
                    let latency = self.changed.elapsed();
                    self.each.record(latency);
                    if self.n_heard.is_multiple_of(self.size) {
                        self.last.record(latency);
                    }
                }
                Message::Ack => self.n_acks += 1,
                _ => {}
            },
            Happening::Closed(_) => self.n_closed += 1,
            Happening::Opened => {}
        }
    }
}
