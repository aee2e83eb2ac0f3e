//! CPU per authenticated handshake, without the news it causes: `hereabouts.v1` clients that subscribe to nothing
//! hear only their own ack.

use anyhow::Result;

use super::crowd::Crowd;
use crate::figure::Figure;
use crate::floor::Floors;
use crate::procfs::CpuWatch;
use crate::profile::Profile;
use crate::server::Server;

/// Design 7.2, as a ratio to the accept floor.
const TARGET_RATIO: f64 = 3.0;

pub(super) fn run(server: &Server, profile: &Profile, floors: &Floors) -> Result<Vec<Figure>> {
    let n = profile.watchers;
    let mut crowd = Crowd::new(server)?;
    let watch = CpuWatch::start(server.pid)?;
    crowd.grow_to(server, n, Some("hereabouts.v1"))?;
    let cpu_us = watch.cpu_seconds()? * 1e6;
    let wall_s = watch.elapsed().as_secs_f64();
    crowd.expect_all_there(n)?;
    Ok(vec![
        Figure::new(
            "handshake.cpu",
            &format!("CPU per authenticated handshake, {n} people"),
            "µs",
            cpu_us / n as f64,
        )
        .over_floor(floors.accept_us)
        .ratio_at_most(TARGET_RATIO),
        Figure::new(
            "handshake.rate",
            "handshakes on the wall clock, this generator beside",
            "1/s",
            n as f64 / wall_s,
        ),
    ])
}
