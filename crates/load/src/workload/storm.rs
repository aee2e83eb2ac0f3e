//! Everybody joins at once, watches everybody, and asks for the list once after the ack, as original clients do.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::known::Known;
use crate::client::{Client, Handler, Happening, Response};
use crate::cohort::Cohort;
use crate::figure::Figure;
use crate::message::{Message, read_message};
use crate::procfs::CpuWatch;
use crate::server::{LIST_PATH, Server};

/// How long a storm may last; the slowest other server measured took 29 s for 2,000.
const STORM_LIMIT: Duration = Duration::from_mins(2);
/// Work the storm left behind (writes to the database) belongs on its bill.
const AFTERMATH: Duration = Duration::from_secs(3);

pub(super) fn run(server: &Server, n: usize, keep_alive: bool) -> Result<Vec<Figure>> {
    run_for_at_most(server, n, keep_alive, STORM_LIMIT)
}

/// A storm that must be over within `limit`.
pub(super) fn run_for_at_most(
    server: &Server,
    n: usize,
    keep_alive: bool,
    limit: Duration,
) -> Result<Vec<Figure>> {
    let cohort = Cohort::new();
    let tokens: Vec<String> =
        (0..n).map(|number| cohort.token(number, server.secret())).collect::<Result<_>>()?;
    let mut client = Client::new(server.address)?;
    client.http.configure(8, keep_alive, true);
    let mut watch = Storm { cohort, known: Known::new(n), acked: Vec::new(), n_lists: 0, fault: None };
    let cpu = CpuWatch::start(server.pid)?;
    for token in &tokens {
        let connection = client.fleet.add(server.upgrade_request(token, None));
        client.fleet.open(connection);
    }
    let deadline = Instant::now() + limit;
    while !(watch.known.is_complete() && watch.n_lists == n) && Instant::now() < deadline {
        client.turn(Duration::from_millis(5), &mut watch)?;
        for person in watch.acked.drain(..) {
            client.http.get(person, LIST_PATH, &tokens[person], "");
        }
        if let Some(fault) = watch.fault {
            anyhow::bail!("a storm of {n} broke: {fault}");
        }
    }
    let (cpu_s, wall_s) = (cpu.cpu_seconds()?, cpu.elapsed().as_secs_f64());
    client.turn_for(AFTERMATH, &mut watch)?;
    let cpu_after_s = cpu.cpu_seconds()?;
    ensure!(
        watch.known.is_complete() && watch.n_lists == n,
        "a storm of {n}: {:.1} % of the clients know everybody, {} pairs are missing, {} lists came; {}",
        watch.known.complete_share() * 100.0,
        watch.known.n_missing(),
        watch.n_lists,
        client.fleet.state()
    );
    Ok(figures(n, &client, &watch, [cpu_s, cpu_after_s, wall_s]))
}

fn figures(n: usize, client: &Client, watch: &Storm, [cpu_s, cpu_after_s, wall_s]: [f64; 3]) -> Vec<Figure> {
    let key = |name: &str| format!("storm.{n}.{name}");
    let cpu = Figure::new(&key("cpu"), &format!("storm of {n}: server CPU until all know all"), "s", cpu_s);
    let cpu = match target_cpu_s(n) {
        Some(limit) => cpu.at_most(limit),
        None => cpu,
    };
    let complete_percent = watch.known.complete_share() * 100.0;
    vec![
        cpu,
        Figure::new(&key("cpu_after"), "the same, with the 3 s after it", "s", cpu_after_s),
        Figure::new(&key("complete"), "clients that know everybody", "%", complete_percent).at_least(100.0),
        Figure::new(&key("wall"), "time until all know all, this generator beside", "s", wall_s),
        Figure::new(
            &key("refused"),
            "handshakes refused and tried again",
            "",
            client.fleet.n_refused() as f64,
        ),
    ]
}

/// Issue 2 and design 7.2: server CPU in seconds.
fn target_cpu_s(n: usize) -> Option<f64> {
    match n {
        1_000 => Some(0.4),
        2_000 => Some(1.2),
        10_000 => Some(6.0),
        _ => None,
    }
}

struct Storm {
    cohort: Cohort,
    known: Known,
    /// Who may ask for the list now.
    acked: Vec<usize>,
    n_lists: usize,
    fault: Option<String>,
}

impl Handler for Storm {
    fn socket(&mut self, connection: usize, happening: Happening<'_>) {
        match happening {
            Happening::Text(payload) => match read_message(payload, &self.cohort) {
                Message::Changed { person: Some(person), is_online } => {
                    self.known.learn(connection, person, is_online);
                }
                Message::Ack => self.acked.push(connection),
                _ => {}
            },
            Happening::Closed(code) => self.fault = Some(format!("the server closed a connection: {code:?}")),
            Happening::Opened => {}
        }
    }

    fn response(&mut self, person: usize, response: &Response) {
        if response.status != 200 {
            self.fault = Some(format!("the list answered {}", response.status));
            return;
        }
        self.n_lists += 1;
        for other in self.cohort.numbers_in(&response.body) {
            self.known.learn(person, other, true);
        }
    }
}
