//! Requests for the list of everybody online: whole answers, then answers 304 to who has it already.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::crowd::Crowd;
use crate::client::{Client, Handler, Response};
use crate::figure::Figure;
use crate::floor::Floors;
use crate::procfs::CpuWatch;
use crate::profile::Profile;
use crate::server::{LIST_PATH, Server};

/// Issue 2: whole lists per second and core.
const TARGET_PER_CORE: f64 = 8_000.0;
/// Design 7.2.
const TARGET_304_PER_CORE: f64 = 40_000.0;
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

pub(super) fn run(server: &Server, profile: &Profile, floors: &Floors) -> Result<Vec<Figure>> {
    let n = profile.list_people;
    let mut crowd = Crowd::new(server)?;
    crowd.grow_to(server, n, None)?;
    crowd.wait_for_quiet(server)?;
    let n_lanes = profile.list_connections;
    let tokens: Vec<String> =
        (0..n_lanes).map(|number| crowd.cohort.token(number, server.secret())).collect::<Result<_>>()?;
    let path = format!("{LIST_PATH}?limit={n}");
    let length = Duration::from_secs(profile.list_seconds as u64);

    let mut sample = Asking::new(n_lanes);
    crowd.client.http.configure(n_lanes, true, true);
    ask_once(&mut crowd.client, &path, &tokens, &mut sample)?;
    let n_rows = crowd.cohort.numbers_in(&sample.body).count();
    ensure!(n_rows >= n - 1, "the list has {n_rows} of {} people", n - 1);

    crowd.client.http.configure(n_lanes, true, false);
    let whole = ask(server, &mut crowd.client, &path, &tokens, length, Asking::new(n_lanes))?;
    let etags = Asking { etags: sample.etags, use_etags: true, ..Asking::new(n_lanes) };
    let unchanged = ask(server, &mut crowd.client, &path, &tokens, length, etags)?;

    let whole_us = 1e6 / whole.per_cpu_second;
    Ok(vec![
        Figure::new(
            "list.rate",
            &format!("lists of {n} per second of server CPU"),
            "1/s",
            whole.per_cpu_second,
        )
        .at_least(TARGET_PER_CORE),
        Figure::new("list.cpu", "CPU per list", "µs", whole_us).over_floor(floors.list_us),
        Figure::new("list.bytes", "length of such a list", "B", sample.body.len() as f64),
        Figure::new(
            "list.unchanged_rate",
            "304 answers per second of server CPU",
            "1/s",
            unchanged.per_cpu_second,
        )
        .at_least(TARGET_304_PER_CORE),
        Figure::new("list.unchanged_share", "of them really 304", "%", unchanged.unchanged_percent),
    ])
}

/// What a series of requests came to.
struct Series {
    per_cpu_second: f64,
    unchanged_percent: f64,
}

fn ask(
    server: &Server,
    client: &mut Client,
    path: &str,
    tokens: &[String],
    length: Duration,
    mut asking: Asking,
) -> Result<Series> {
    let watch = CpuWatch::start(server.pid)?;
    let deadline = Instant::now() + length;
    while Instant::now() < deadline {
        asking.ask_the_free(client, path, tokens);
        client.turn(Duration::from_millis(20), &mut asking)?;
        ensure!(asking.n_faults == 0, "the list answered {}", asking.last_status);
    }
    let all_answered = |_: &Client, asking: &Asking| asking.free.len() == tokens.len();
    client.turn_until(ANSWER_LIMIT, "the last lists", &mut asking, all_answered)?;
    ensure!(asking.n_answers > 0, "no list came");
    Ok(Series {
        per_cpu_second: asking.n_answers as f64 / watch.cpu_seconds()?,
        unchanged_percent: asking.n_unchanged as f64 * 100.0 / asking.n_answers as f64,
    })
}

fn ask_once(client: &mut Client, path: &str, tokens: &[String], asking: &mut Asking) -> Result<()> {
    asking.ask_the_free(client, path, tokens);
    let n = tokens.len();
    client.turn_until(ANSWER_LIMIT, "the first lists", asking, |_, asking| asking.n_answers == n)?;
    ensure!(asking.n_faults == 0, "the list answered {}", asking.last_status);
    Ok(())
}

/// Each of a few people asks again as soon as the answer is there.
#[derive(Default)]
struct Asking {
    free: Vec<usize>,
    etags: Vec<Option<String>>,
    use_etags: bool,
    n_answers: usize,
    n_unchanged: usize,
    n_faults: usize,
    last_status: u16,
    body: Vec<u8>,
}

impl Asking {
    fn new(n: usize) -> Self {
        Self { free: (0..n).collect(), etags: vec![None; n], ..Self::default() }
    }

    fn ask_the_free(&mut self, client: &mut Client, path: &str, tokens: &[String]) {
        for person in self.free.drain(..) {
            let condition = match &self.etags[person] {
                Some(etag) if self.use_etags => format!("If-None-Match: {etag}\r\n"),
                _ => String::new(),
            };
            client.http.get(person, path, &tokens[person], &condition);
        }
    }
}

impl Handler for Asking {
    fn response(&mut self, person: usize, response: &Response) {
        self.free.push(person);
        self.n_answers += 1;
        self.last_status = response.status;
        match response.status {
            200 => {
                self.etags[person].clone_from(&response.etag);
                self.body.clone_from(&response.body);
            }
            304 => self.n_unchanged += 1,
            _ => self.n_faults += 1,
        }
    }
}
