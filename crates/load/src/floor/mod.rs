//! What the kernel alone asks for the same work, measured in the same run as the server: the serving half is this
//! process with the shortest loop possible, the other half a child process.

mod peer;
mod serving;

use anyhow::Result;

pub(crate) use peer::{PeerArguments, run_peer};
pub(crate) use serving::{accepts, heartbeats, lists, writes};

use crate::figure::Figure;
use crate::message::PING;
use crate::profile::Profile;

/// A frame as long as the design's floor takes it: 90 bytes with its header.
const FRAME_BYTES: usize = 90;
/// How many frames the row "joined" puts into one write.
pub(crate) const FRAMES_JOINED: usize = 8;

/// CPU of the serving side per operation, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_field_names, reason = "names end in their unit")]
pub(crate) struct Floors {
    /// `write(2)` of one 90 B frame, many sockets in turn.
    pub(crate) write_us: f64,
    /// The same with 8 frames joined.
    pub(crate) write_joined_us: f64,
    /// Heartbeat when all arrive at once: poll, read, unmask, compare, write.
    pub(crate) heartbeat_us: f64,
    /// Heartbeat when they come spread over the second, as the workload sends them.
    pub(crate) heartbeat_spread_us: f64,
    /// Accept, register, read, write.
    pub(crate) accept_us: f64,
    /// Poll, read a request, write as many bytes as a list of the workload's size has.
    pub(crate) list_us: f64,
}

impl Floors {
    /// Measures all rows; about ten seconds at full size.
    pub(crate) fn measure(profile: &Profile) -> Result<Self> {
        let n = profile.watchers;
        Ok(Self {
            write_us: writes(n, 1, profile.floor_rounds)?,
            write_joined_us: writes(n, FRAMES_JOINED, profile.floor_rounds)?,
            heartbeat_us: heartbeats(n, peer::Role::PingTogether { rounds: profile.floor_rounds })?,
            heartbeat_spread_us: heartbeats(
                n,
                peer::Role::PingSpread { seconds: profile.heartbeat_seconds },
            )?,
            accept_us: accepts(n, profile.floor_accept_rounds)?,
            list_us: lists(profile.list_people * LIST_ROW_BYTES, profile.floor_list_requests)?,
        })
    }

    /// The rows as figures without a target.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let us = |key, title: &str, value| Figure::new(key, title, "µs", value);
        vec![
            us("floor.write", "write(2) of one 90 B frame, sockets in turn", self.write_us),
            us("floor.write_joined", "the same, 8 frames joined in one buffer", self.write_joined_us),
            us("floor.heartbeat", "heartbeat: poll, read, unmask, compare, write", self.heartbeat_us),
            us("floor.heartbeat_spread", "the same, spread over the second", self.heartbeat_spread_us),
            us("floor.accept", "accept + register + read + write", self.accept_us),
            us("floor.list", "read a request, write the bytes of a list", self.list_us),
        ]
    }
}

/// Bytes of one row of the list, from a real response: id, name, slug, two times.
const LIST_ROW_BYTES: usize = 235;

/// The bytes of a client's heartbeat.
fn ping_frame() -> Vec<u8> {
    crate::frame::client_frame(crate::frame::OPCODE_TEXT, PING)
}
