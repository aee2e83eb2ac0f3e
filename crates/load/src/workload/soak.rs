//! Hours of coming and going in short: what a server does not give back shows as a slope, and what it forgets to take
//! off its counts is left when everybody has gone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::crowd::Crowd;
use crate::client::{Client, Handler, Happening};
use crate::figure::Figure;
use crate::frame;
use crate::procfs::{anonymous_bytes, n_descriptors, n_threads};
use crate::profile::Profile;
use crate::server::{LIST_PATH, Server};

/// Samples in one run. The first fifth is left out: caches fill, and the allocator finds its size.
const SAMPLES: usize = 50;
/// After everybody has gone: the grace of 15 s, and a margin for a busy machine.
const EMPTY_LIMIT: Duration = Duration::from_mins(1);
/// I7 of the design, for each ten minutes.
const SLOPE_MIB: f64 = 1.0;
/// Readers of the database open when they are needed and end when they are not.
const THREADS_MORE: f64 = 4.0;
const DESCRIPTORS_MORE: f64 = 16.0;
/// What must be 0 when nobody is there.
const GAUGES: [&str; 3] =
    ["hereabouts_users_online", "hereabouts_connections_open", "hereabouts_presence_rows_pending"];

/// Who is connected, and who was told to go.
#[derive(Debug, Default)]
struct Notes {
    is_open: Vec<bool>,
    /// Said good-bye, and not heard back.
    is_leaving: Vec<bool>,
    /// Gone after a good-bye: to be brought back.
    gone: Vec<usize>,
    n_pongs: usize,
    n_lost: usize,
}

impl Handler for Notes {
    fn socket(&mut self, connection: usize, happening: Happening<'_>) {
        match happening {
            Happening::Opened => self.is_open[connection] = true,
            Happening::Closed(_) => {
                self.is_open[connection] = false;
                if std::mem::take(&mut self.is_leaving[connection]) {
                    self.gone.push(connection);
                } else {
                    self.n_lost += 1;
                }
            }
            Happening::Text(text) => self.n_pongs += usize::from(text.starts_with(b"{\"type\":\"pong\"")),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    anonymous_bytes: u64,
    n_threads: usize,
}

pub(super) fn run(server: &Server, profile: &Profile) -> Result<Vec<Figure>> {
    let (n, length) = (profile.soak_connections, Duration::from_secs(profile.soak_seconds as u64));
    let internal = server.internal.context("a soak needs a server that it starts itself")?;
    let n_descriptors_before = n_descriptors(server.pid)?;
    let mut crowd = Crowd::new(server)?;
    crowd.grow_to(server, n, None)?;
    let token = crowd.cohort.token(0, server.secret())?;
    let mut notes = Notes { is_open: vec![true; n], is_leaving: vec![false; n], ..Notes::default() };
    let mut samples = Vec::new();
    let (started, mut n_moves, mut n_pings) = (Instant::now(), 0_usize, 0_usize);
    while started.elapsed() < length {
        crowd.client.turn(Duration::from_millis(5), &mut notes)?;
        for connection in std::mem::take(&mut notes.gone) {
            crowd.client.fleet.open(connection);
        }
        let due = (started.elapsed().as_secs_f64() * profile.soak_moves_per_second as f64) as usize;
        while n_moves < due {
            // A step that has no divisor in common with most sizes: everybody has their turn, neighbours do not follow.
            let connection = n_moves.wrapping_mul(7_919) % n;
            n_moves += 1;
            n_pings += usize::from(make_a_move(&mut crowd.client, &mut notes, connection, n_moves)?);
        }
        let due = (started.elapsed().as_secs_f64() / length.as_secs_f64() * SAMPLES as f64) as usize;
        if samples.len() < due {
            get(server.address, LIST_PATH, &token)?;
            samples.push(Sample {
                anonymous_bytes: anonymous_bytes(server.pid)?,
                n_threads: n_threads(server.pid)?,
            });
        }
    }
    ensure!(
        samples.len() >= SAMPLES / 2,
        "the server kept this generator waiting: {} samples",
        samples.len()
    );
    ensure!(notes.n_pongs > 0 && notes.n_pongs <= n_pings, "{} pongs for {n_pings} pings", notes.n_pongs);
    let left = wait_until_empty(&mut crowd.client, &mut notes, internal)?;
    let descriptors_more = n_descriptors(server.pid)? as f64 - n_descriptors_before as f64;
    Ok(figures(profile, &samples, n_moves, notes.n_lost, left, descriptors_more))
}

/// Somebody pings, is cut off and comes back, or leaves and comes back. Returns whether they pinged.
fn make_a_move(client: &mut Client, notes: &mut Notes, connection: usize, nth: usize) -> Result<bool> {
    if !notes.is_open[connection] || notes.is_leaving[connection] {
        return Ok(false);
    }
    match nth % 4 {
        0 => {
            client.fleet.cut(connection);
            notes.is_open[connection] = false;
            client.fleet.open(connection);
        }
        1 => {
            notes.is_leaving[connection] = true;
            client.fleet.close(connection)?;
        }
        _ => {
            client.fleet.send(connection, &frame::client_frame(frame::OPCODE_TEXT, br#"{"type":"ping"}"#))?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Sends everybody away; the gauges, once all are 0 or have had their time.
fn wait_until_empty(client: &mut Client, notes: &mut Notes, internal: SocketAddr) -> Result<Vec<f64>> {
    let deadline = Instant::now() + EMPTY_LIMIT;
    loop {
        // In each round: whoever was about to come back at the end comes only now.
        for (connection, is_open) in notes.is_open.iter_mut().enumerate() {
            if std::mem::take(is_open) {
                client.fleet.cut(connection);
            }
        }
        let metrics = get(internal, "/metrics", "")?;
        let value = |name: &&str| -> Result<f64> {
            let line = metrics.lines().find_map(|line| line.strip_prefix(*name)?.strip_prefix(' '));
            Ok(line.with_context(|| format!("{name} is not in the metrics"))?.parse()?)
        };
        let left = GAUGES.iter().map(value).collect::<Result<Vec<_>>>()?;
        if left.iter().all(|value| *value == 0.0) || Instant::now() >= deadline {
            return Ok(left);
        }
        client.turn_for(Duration::from_millis(500), notes)?;
    }
}

fn figures(
    profile: &Profile,
    samples: &[Sample],
    n_moves: usize,
    n_lost: usize,
    left: Vec<f64>,
    descriptors_more: f64,
) -> Vec<Figure> {
    let fifth = samples.len() / 5;
    // Means of a fifth each: one sample may fall into a burst of work.
    let mean = |samples: &[Sample], of: fn(&Sample) -> f64| {
        samples.iter().map(of).sum::<f64>() / samples.len().max(1) as f64
    };
    let growth = |of: fn(&Sample) -> f64| {
        mean(&samples[samples.len() - fifth..], of) - mean(&samples[fifth..2 * fifth], of)
    };
    let mib = growth(|sample| sample.anonymous_bytes as f64) / f64::from(1 << 20);
    // A short run is not drawn out: its noise would be taken for a slope.
    let tens_of_minutes = (profile.soak_seconds as f64 * 0.7 / 600.0).max(1.0);
    let title = format!(
        "{} s of {} connections, {} moves a second",
        profile.soak_seconds, profile.soak_connections, profile.soak_moves_per_second
    );
    let mut figures = vec![
        Figure::new("soak.memory", &format!("growth in ten minutes ({title})"), "MiB", mib / tens_of_minutes)
            .at_most(SLOPE_MIB),
        Figure::new("soak.threads", "more threads at the end", "", growth(|sample| sample.n_threads as f64))
            .at_most(THREADS_MORE),
        Figure::new("soak.descriptors", "more descriptors when all have gone", "", descriptors_more)
            .at_most(DESCRIPTORS_MORE),
        Figure::new("soak.lost", "connections the server closed unasked", "", n_lost as f64).at_most(0.0),
        Figure::new("soak.moves", "moves made", "", n_moves as f64),
    ];
    figures.extend(GAUGES.iter().zip(left).map(|(name, value)| {
        Figure::new(&format!("soak.{name}"), &format!("{name} when all have gone"), "", value).at_most(0.0)
    }));
    figures
}

/// The body of one answer, over a connection of its own.
fn get(address: SocketAddr, path: &str, token: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {}", answer.lines().next().unwrap_or_default());
    let (_, body) = answer.split_once("\r\n\r\n").context("an answer without an end of its head")?;
    Ok(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_back_is_a_slope() {
        let profile = Profile { soak_seconds: 1_800, ..Profile::full() };
        let sample = |bytes: u64| Sample { anonymous_bytes: bytes, n_threads: 20 };
        let memory = |samples: &[Sample]| {
            let figures = figures(&profile, samples, 0, 0, vec![0.0; 3], 0.0);
            figures.into_iter().find(|figure| figure.key == "soak.memory").unwrap().measured
        };
        let flat: Vec<_> = (0..50).map(|n| sample((100 << 20) + n % 2)).collect();
        assert!(memory(&flat).abs() < 0.01);
        // 3 MiB in half an hour.
        let leak: Vec<_> = (0..50).map(|n| sample((100 << 20) + n * (3 << 20) / 50)).collect();
        assert!((memory(&leak) - 1.0).abs() < 0.15, "{}", memory(&leak));
        // What is taken in the first fifth is warming up.
        let warm: Vec<_> = (0..50).map(|n| sample((100 << 20) + n.min(9) * (1 << 20))).collect();
        assert!(memory(&warm).abs() < 0.01);
    }
}
