//! Closing the sockets of people whose credentials no longer count, and those that are only in the way of new ones.
//!
//! One walk over the connections serves all revocations that have come in since the last: a thousand people who sign
//! out at once cost one walk, and each waits for it for a tenth of a second at most (half a second while the shard
//! sleeps).

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::time::Duration;

use hereabouts_engine::Departure;
use hereabouts_protocol::{CloseCode, Timestamp, UserId};

use super::connection::{ConnectionId, Phase};
use super::sessions::SessionsReply;
use super::shard::Shard;
use super::{Command, Gateway};
use crate::failpoint::failpoint;

/// Shortest time between two walks.
const PERIOD_MIN: Duration = Duration::from_millis(100);

/// How long the answer to a ping may be on its way before its sender is suspected.
const PING_ANSWER_MAX: Duration = Duration::from_secs(3);

/// Tells the sign-ins of one person apart, in four bytes. Two of them are taken for one about once in four thousand
/// million: then a socket is closed that could have stayed, and its client comes back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignInTag(Option<NonZeroU32>);

impl SignInTag {
    /// Of a token that belongs to no sign-in.
    pub const NONE: Self = Self(None);

    /// The tag of these bits.
    pub fn new(bits: u32) -> Self {
        Self(NonZeroU32::new(bits.max(1)))
    }
}

/// Whose sockets are closed, and with which code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The person.
    pub user_id: UserId,
    /// One sign-in of theirs; [`SignInTag::NONE`]: everything.
    pub sign_in: SignInTag,
    /// 4401 or 4403.
    pub code: CloseCode,
}

/// What waits for the next walk. One entry per person that was revoked within a tenth of a second, or came while they
/// held as many sockets as they may.
#[derive(Default)]
pub(super) struct Cuts {
    waiting: HashMap<UserId, Vec<Cut>>,
    crowded: HashSet<UserId>,
    curious: HashMap<UserId, Vec<SessionsReply>>,
    walked_at: Timestamp,
}

impl Gateway {
    /// Closes sockets, without grace: a revocation is a word, not a loss.
    pub fn cut(&self, cut: Cut) {
        self.shards.iter().for_each(|shard| shard.send(Command::Cut(cut)));
    }

    /// Makes room for a new connection of somebody who holds as many as they may: in each shard, the one that has been
    /// silent for longest is closed with 4409, if it missed a ping. A person whose network broke would otherwise wait
    /// for their own dead sockets.
    pub fn make_room(&self, user_id: UserId) {
        self.shards.iter().for_each(|shard| shard.send(Command::MakeRoom(user_id)));
    }
}

impl Shard {
    pub(super) fn note_cut(&mut self, cut: Cut) {
        self.cuts.waiting.entry(cut.user_id).or_default().push(cut);
    }

    pub(super) fn note_crowded(&mut self, user_id: UserId) {
        self.cuts.crowded.insert(user_id);
    }

    pub(super) fn note_curious(&mut self, user_id: UserId, reply: SessionsReply) {
        self.cuts.curious.entry(user_id).or_default().push(reply);
    }

    /// Notes the sign-in that the newest credentials of a connection belong to.
    pub(super) fn note_sign_in(&mut self, id: ConnectionId, sign_in: SignInTag) {
        if let Some(connection) = self.connections.get_exact(id.slot(), id.generation()) {
            connection.sign_in = sign_in;
        }
    }

    /// Walks over all connections if somebody was revoked and the last walk is not just over.
    pub(super) fn carry_out_cuts(&mut self) {
        let is_empty =
            self.cuts.waiting.is_empty() && self.cuts.crowded.is_empty() && self.cuts.curious.is_empty();
        if is_empty || self.now < self.cuts.walked_at + PERIOD_MIN {
            return;
        }
        self.cuts.walked_at = self.now;
        let waiting = std::mem::take(&mut self.cuts.waiting);
        let crowded = std::mem::take(&mut self.cuts.crowded);
        let curious = std::mem::take(&mut self.cuts.curious);
        let mut silent: HashMap<UserId, (Timestamp, u32)> = HashMap::new();
        for slot in 0..self.connections.n_slots() {
            self.working_on = Some(slot);
            let Some(connection) = self.connections.get(slot) else { continue };
            if !matches!(connection.phase, Phase::Open | Phase::Opening { .. }) {
                continue;
            }
            let Some(user_id) = connection.permit.user() else { continue };
            let last_frame_at = connection.last_frame_at;
            let is_suspect =
                connection.asked_for(self.now).is_some_and(|asked_for| asked_for >= PING_ANSWER_MAX);
            if is_suspect && crowded.contains(&user_id) {
                let oldest = silent.entry(user_id).or_insert((last_frame_at, slot));
                *oldest = (last_frame_at, slot).min(*oldest);
            }
            if let Some(replies) = curious.get(&user_id)
                && let Some(session) = self.session_of(slot)
            {
                for reply in replies {
                    // Who asked may have gone.
                    let _ = reply.send(session);
                }
            }
            let Some(cuts) = waiting.get(&user_id) else { continue };
            let Some(sign_in) = self.connections.get(slot).map(|connection| connection.sign_in) else {
                continue;
            };
            let is_meant = |cut: &&Cut| cut.sign_in == SignInTag::NONE || cut.sign_in == sign_in;
            if let Some(cut) = cuts.iter().find(is_meant) {
                failpoint("shard.cut");
                self.close(slot, cut.code, "", Departure::Bye);
            }
        }
        for (_, slot) in silent.into_values() {
            self.supersede(slot);
        }
    }

    /// Its place is free at once; the socket goes as all do.
    fn supersede(&mut self, slot: u32) {
        self.close(slot, CloseCode::REPLACED, "", Departure::Lost { dead: true });
        if let Some(connection) = self.connections.get(slot) {
            connection.permit.unbind();
        }
    }
}
