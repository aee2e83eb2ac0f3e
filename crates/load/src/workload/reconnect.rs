//! Everybody is cut off and comes back within the grace: nobody may hear of it.

use anyhow::Result;

use super::crowd::Crowd;
use crate::figure::Figure;
use crate::procfs::CpuWatch;
use crate::profile::Profile;
use crate::server::Server;

/// Design 7.2: reconnects per second and core.
const TARGET_PER_CORE: f64 = 13_000.0;

pub(super) fn run(server: &Server, profile: &Profile) -> Result<Vec<Figure>> {
    let n = profile.watchers;
    let mut crowd = Crowd::new(server)?;
    crowd.grow_to(server, n, None)?;
    crowd.wait_for_quiet(server)?;
    let n_changes = crowd.heard.n_changes;
    let n_acks = crowd.heard.n_acks + n;

    let watch = CpuWatch::start(server.pid)?;
    for connection in 0..n {
        crowd.client.fleet.cut(connection);
        crowd.client.fleet.open(connection);
    }
    let limit = std::time::Duration::from_secs(30);
    crowd.client.turn_until(limit, "everybody back", &mut crowd.heard, |_, heard| heard.n_acks >= n_acks)?;
    let (cpu_s, wall_s) = (watch.cpu_seconds()?, watch.elapsed().as_secs_f64());
    crowd.wait_for_quiet(server)?;
    let n_heard = (crowd.heard.n_changes - n_changes) as f64;
    Ok(vec![
        Figure::new(
            "reconnect.rate",
            &format!("{n} cut off and back, per second of server CPU"),
            "1/s",
            n as f64 / cpu_s,
        )
        .at_least(TARGET_PER_CORE),
        Figure::new("reconnect.wall", "until everybody is back, this generator beside", "s", wall_s),
        Figure::new("reconnect.events", "changes heard of it", "", n_heard).at_most(0.0),
    ])
}
