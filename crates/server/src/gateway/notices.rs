//! Telling people something wherever they are connected: once per socket, in one walk for all that waits.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use hereabouts_protocol::{Timestamp, UserId};

use super::connection::Phase;
use super::shard::Shard;

/// Shortest time between two walks.
const PERIOD_MIN: Duration = Duration::from_millis(100);

/// Notices that wait for the next walk: one entry per person who was told something within a tenth of a second.
#[derive(Default)]
pub(super) struct Notices {
    waiting: HashMap<UserId, Vec<Bytes>>,
    walked_at: Timestamp,
}

impl Shard {
    pub(super) fn note_notice(&mut self, user_id: UserId, frame: Bytes) {
        self.notices.waiting.entry(user_id).or_default().push(frame);
    }

    /// Walks over all connections if somebody is to be told something and the last walk is not just over.
    pub(super) fn send_notices(&mut self) {
        if self.notices.waiting.is_empty() || self.now < self.notices.walked_at + PERIOD_MIN {
            return;
        }
        self.notices.walked_at = self.now;
        let waiting = std::mem::take(&mut self.notices.waiting);
        for slot in 0..self.connections.n_slots() {
            self.working_on = Some(slot);
            let (end, now) = (self.position(slot), self.now);
            let Some(connection) = self.connections.get(slot) else { continue };
            if connection.phase != Phase::Open || !connection.subscriptions.is_v1() {
                continue;
            }
            let user_id = connection.permit.user();
            let frames = user_id.and_then(|user_id| waiting.get(&user_id)).into_iter().flatten();
            for frame in frames {
                if connection.send_shared(frame.clone(), end, now).is_err() {
                    self.lose(slot);
                    break;
                }
            }
        }
    }
}
