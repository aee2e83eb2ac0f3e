//! Every number the server counts, each with its meaning, and how Prometheus reads them.
//!
//! Ours, and not a metrics crate: these are some thirty integers without labels from outside, written on the hot path
//! of threads that know no recorder, and the text form takes fewer lines than wiring an exporter.

mod process;

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

/// Counts up and never down.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub fn inc(&self) {
        self.add(1);
    }

    /// `n` more.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// One more.
    pub fn inc(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// One fewer.
    pub fn dec(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// Now `value`.
    pub fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one number means.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Its whole name.
    pub name: &'static str,
    /// `gauge` or `counter`.
    pub kind: &'static str,
    /// Its meaning.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ident,)+) => {
        /// All numbers of one server.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $($(#[doc = $doc])+ pub $name: $kind,)+
        }

        /// What the server counts, in the order of the text.
        const DESCRIPTIONS: &[Description] = &[$(
            Description {
                name: concat!("hereabouts_", stringify!($name)),
                kind: kind_of(stringify!($kind)),
                help: concat!($($doc),+),
            },
        )+];

        impl Metrics {
            /// The text that Prometheus scrapes.
            pub fn render(&self) -> String {
                let mut out = String::with_capacity(4096);
                let mut descriptions = DESCRIPTIONS.iter();
                $(
                    let description = descriptions.next().expect("there is one for each number");
                    render_one(&mut out, description, &format!(" {}", self.$name.get()));
                )+
                for (name, value) in process::samples() {
                    if let Some(description) = process::DESCRIPTIONS.iter().find(|it| it.name == name) {
                        render_one(&mut out, description, &value);
                    }
                }
                out
            }

            /// Every name in the text, with its kind and meaning.
            pub fn descriptions() -> impl Iterator<Item = &'static Description> {
                DESCRIPTIONS.iter().chain(process::DESCRIPTIONS)
            }
        }
    };
}

metrics! {
    /// Users who are online now.
    users_online: Gauge,
    /// Sockets open now, also those that have not said who they are.
    connections_open: Gauge,
    /// Sockets opened since the start.
    connections_total: Counter,
    /// Upgrades refused with 403, 421, 429 or 503.
    handshakes_refused_total: Counter,
    /// TCP connections refused with 503 because the descriptors that are left belong to health checks and the database.
    connections_refused_total: Counter,
    /// Sockets closed by the server because of their credentials (4401, 4403, 4408).
    closed_credentials_total: Counter,
    /// Sockets closed by the server because no frame came for too long.
    closed_dead_total: Counter,
    /// Sockets closed by the server because the client did not read (4008).
    closed_slow_total: Counter,
    /// Sockets closed by the server for breaking the protocol or sending too much.
    closed_misbehaving_total: Counter,
    /// Messages received from clients.
    messages_received_total: Counter,
    /// Frames written to clients; one buffer written to a thousand sockets counts a thousand.
    frames_sent_total: Counter,
    /// Bytes written to clients.
    bytes_sent_total: Counter,
    /// Ticks: rounds in which changes left.
    ticks_total: Counter,
    /// Public changes of a user's state.
    changes_total: Counter,
    /// Times a slow reader was moved on to the newest state.
    stale_readers_total: Counter,
    /// Bugs that were survived: threads that panicked at work for one connection. Each is in the log.
    panics_total: Counter,
    /// Passwords hashed or compared.
    password_hashes_total: Counter,
    /// HTTP requests answered.
    http_requests_total: Counter,
    /// HTTP requests answered with a 5xx status.
    http_errors_total: Counter,
    /// HTTP requests refused with 429.
    http_rate_limited_total: Counter,
    /// Tokens refused, over HTTP and on sockets.
    tokens_refused_total: Counter,
    /// Failed attempts to fetch the keys of the JWKS URL; those known before are kept.
    jwks_fetch_errors_total: Counter,
    /// Failed attempts to read SECRET_KEY_FILE again; those known before are kept.
    secret_file_errors_total: Counter,
    /// Rows of presence written to the database.
    presence_rows_written_total: Counter,
    /// Failed attempts to write presence; each is tried again.
    presence_write_errors_total: Counter,
    /// Rows of presence dropped because too many waited.
    presence_rows_dropped_total: Counter,
    /// Rows of presence that wait to be written.
    presence_rows_pending: Gauge,
    /// Bytes of the database's write-ahead log. Above 64 MiB presence waits in memory: some program reads for too long.
    database_log_bytes: Gauge,
    /// Profiles read from the database because they were not remembered.
    profile_reads_total: Counter,
}

const fn kind_of(type_name: &str) -> &'static str {
    if type_name.len() == "Gauge".len() { "gauge" } else { "counter" }
}

/// `value` begins with its labels, or a space.
fn render_one(out: &mut String, Description { name, kind, help }: &Description, value: &str) {
    let help = help.trim();
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{value}")
        .expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_finds_meaning_kind_and_value() {
        let metrics = Metrics::default();
        metrics.users_online.inc();
        metrics.ticks_total.add(3);
        let text = metrics.render();
        assert!(text.starts_with(
            "# HELP hereabouts_users_online Users who are online now.\n\
             # TYPE hereabouts_users_online gauge\nhereabouts_users_online 1\n"
        ));
        assert!(text.contains("# TYPE hereabouts_ticks_total counter\nhereabouts_ticks_total 3\n"));
    }
}
