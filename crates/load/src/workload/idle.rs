//! User memory per idle authenticated connection: the slope between two numbers of connections, so that what the
//! process needs anyway cancels out.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::crowd::Crowd;
use crate::figure::Figure;
use crate::procfs::{anonymous_bytes, anonymous_bytes_exact};
use crate::profile::Profile;
use crate::server::Server;

/// Issue 2.
const TARGET_BYTES: f64 = 600.0;
/// An allocator gives memory back some seconds after it was last used: jemalloc within 10 s, and slowly at first, so a
/// shorter time of standing still would be measured before that.
const STEADY_FOR: Duration = Duration::from_secs(12);
const SETTLE_LIMIT: Duration = Duration::from_secs(60);
const STEADY_BYTES: u64 = 128 * 1024;

pub(super) fn run(server: &Server, profile: &Profile) -> Result<Vec<Figure>> {
    let (few, many) = profile.idle_connections;
    let mut crowd = Crowd::new(server)?;
    let with_few = settled_bytes(server, &mut crowd, few)?;
    let with_many = settled_bytes(server, &mut crowd, many)?;
    let n_more = (many - few) as f64;
    let slope = |few_bytes: u64, many_bytes: u64| (many_bytes as f64 - few_bytes as f64) / n_more;
    Ok(vec![
        Figure::new(
            "idle.user_memory",
            &format!("user memory per idle connection, slope {few} → {many}"),
            "B",
            slope(with_few.status, with_many.status),
        )
        .at_most(TARGET_BYTES),
        Figure::new(
            "idle.user_memory_smaps",
            "the same from smaps_rollup",
            "B",
            slope(with_few.rollup, with_many.rollup),
        ),
        Figure::new(
            "idle.process_memory",
            &format!("user memory of the whole server with {many} connections"),
            "MB",
            with_many.status as f64 / 1e6,
        ),
    ])
}

struct AnonymousBytes {
    status: u64,
    rollup: u64,
}

/// Brings `n` people, waits until memory stands still, and reads it.
fn settled_bytes(server: &Server, crowd: &mut Crowd, n: usize) -> Result<AnonymousBytes> {
    crowd.grow_to(server, n, None)?;
    crowd.wait_for_quiet(server)?;
    let deadline = Instant::now() + SETTLE_LIMIT;
    let mut steady_bytes = anonymous_bytes(server.pid)?;
    let mut steady_since = Instant::now();
    while steady_since.elapsed() < STEADY_FOR && Instant::now() < deadline {
        crowd.client.turn_for(Duration::from_millis(500), &mut crowd.heard)?;
        let bytes = anonymous_bytes(server.pid)?;
        if bytes.abs_diff(steady_bytes) > STEADY_BYTES {
            steady_bytes = bytes;
            steady_since = Instant::now();
        }
    }
    crowd.expect_all_there(n)?;
    Ok(AnonymousBytes { status: anonymous_bytes(server.pid)?, rollup: anonymous_bytes_exact(server.pid)? })
}
