//! Machines and clients that stand still, are slow, or come and go faster than anybody looks: rows F28, F31 to F35, and A50.

mod bugs;
mod reconnect;
mod slow_readers;
mod standstill;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::server::{Said, Socket};

/// Short enough for a test: dead after two seconds, asked every half.
const SHORT: [&str; 8] = [
    "--dead-after",
    "2s",
    "--ping-interval",
    "500ms",
    "--grace",
    "300ms",
    "--requests-per-second-per-ip",
    "0",
];

fn is_deep() -> bool {
    std::env::var_os("HEREABOUTS_DEEP").is_some()
}

/// Tells the clients of a test that it is over, also when it fails: the threads they live in are waited for.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lives as clients do, answering pings, until told to stop. Returns the code it was closed with, if it was.
fn live(mut socket: Socket, is_over: &AtomicBool) -> Option<u16> {
    while !is_over.load(Ordering::Relaxed) {
        if let Said::Closed(code) = socket.poll(Duration::from_millis(50)) {
            return Some(code);
        }
    }
    None
}
