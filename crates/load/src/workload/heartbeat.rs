//! CPU per heartbeat: everybody pings once a second, evenly spread.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::crowd::Crowd;
use crate::client::{Handler, Happening};
use crate::figure::Figure;
use crate::floor::Floors;
use crate::frame::{OPCODE_TEXT, client_frame};
use crate::latency::Latencies;
use crate::message::{Message, PING, read_message};
use crate::pace::Pace;
use crate::procfs::CpuWatch;
use crate::profile::Profile;
use crate::server::Server;

/// Issue 2, as a ratio to the heartbeat floor.
const TARGET_RATIO: f64 = 2.0;
const PONG_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn run(server: &Server, profile: &Profile, floors: &Floors) -> Result<Vec<Figure>> {
    let n = profile.watchers;
    let mut crowd = Crowd::new(server)?;
    crowd.grow_to(server, n, None)?;
    crowd.wait_for_quiet(server)?;

    let n_pings = n * profile.heartbeat_seconds;
    let ping = client_frame(OPCODE_TEXT, PING);
    let mut pongs =
        Pongs { crowd: crowd.cohort.clone(), sent: vec![Instant::now(); n], latencies: Latencies::new() };
    let watch = CpuWatch::start(server.pid)?;
    Pace::new(n, Duration::from_secs(1)).run(
        &mut crowd.client,
        &mut pongs,
        n_pings,
        |client, pongs, nth| {
            pongs.sent[nth % n] = Instant::now();
            client.fleet.send(nth % n, &ping)
        },
    )?;
    crowd.client.turn_until(PONG_LIMIT, "a pong for every ping", &mut pongs, |_, pongs| {
        pongs.latencies.count() as usize >= n_pings
    })?;
    let us = watch.cpu_seconds()? * 1e6 / n_pings as f64;
    crowd.expect_all_there(n)?;

    let title = format!("CPU per heartbeat, {n} connections, one a second");
    Ok(vec![
        Figure::new("heartbeat.cpu", &title, "µs", us)
            .over_floor(floors.heartbeat_us)
            .ratio_at_most(TARGET_RATIO),
        Figure::new("heartbeat.cpu_spread", "the same against the floor in the same rhythm", "µs", us)
            .over_floor(floors.heartbeat_spread_us),
        Figure::new("heartbeat.p99", "ping to pong, p99", "ms", pongs.latencies.percentile_ms(99.0)),
    ])
}

struct Pongs {
    crowd: crate::cohort::Cohort,
    sent: Vec<Instant>,
    latencies: Latencies,
}

impl Handler for Pongs {
    fn socket(&mut self, connection: usize, happening: Happening<'_>) {
        let Happening::Text(payload) = happening else { return };
        if read_message(payload, &self.crowd) == Message::Pong {
            self.latencies.record(self.sent[connection].elapsed());
        }
    }
}
