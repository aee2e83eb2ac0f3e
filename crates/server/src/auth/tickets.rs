//! Tickets: what stands in a socket's address instead of the token. Opaque, good for one upgrade and half a minute, so
//! that an address in a log or a history opens nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hereabouts_protocol::Timestamp;

use super::Claims;
use crate::limits::TICKETS_MAX;

/// 256 bits of chance.
const TICKET_BYTES: usize = 32;
/// Length of a ticket's text.
const TICKET_TEXT_LEN: usize = 43;

/// Tickets that are sold and not used.
pub struct Tickets {
    ttl: Duration,
    n_max: usize,
    // Held for one lookup or, when it is full, for one walk; never across an await.
    sold: Mutex<HashMap<String, Sold>>,
}

struct Sold {
    claims: Claims,
    ends_at: Timestamp,
}

impl Tickets {
    /// Tickets that are good for `ttl`.
    pub fn new(ttl: Duration) -> Self {
        Self { ttl, n_max: TICKETS_MAX, sold: Mutex::default() }
    }

    /// A ticket that stands for these claims, their end included. `None` while too many are out.
    pub(super) fn sell(&self, claims: Claims, now: Timestamp) -> Option<String> {
        let mut bytes = [0; TICKET_BYTES];
        getrandom::fill(&mut bytes).ok()?;
        let ticket = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut sold = self.sold.lock().unwrap_or_else(PoisonError::into_inner);
        if sold.len() >= self.n_max {
            sold.retain(|_, ticket| ticket.ends_at > now);
        }
        if sold.len() >= self.n_max {
            return None;
        }
        sold.insert(ticket.clone(), Sold { claims, ends_at: now + self.ttl });
        Some(ticket)
    }

    /// Uses a ticket up: of many who show the same one, one gets the claims.
    pub(super) fn take(&self, ticket: &str, now: Timestamp) -> Option<Claims> {
        if ticket.len() != TICKET_TEXT_LEN {
            return None;
        }
        let sold = self.sold.lock().unwrap_or_else(PoisonError::into_inner).remove(ticket)?;
        (sold.ends_at > now).then_some(sold.claims)
    }
}

#[cfg(test)]
mod tests {
    use hereabouts_protocol::UserId;
    use uuid::Uuid;

    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_795_482_123);
    const TTL: Duration = Duration::from_secs(30);

    fn claims() -> Claims {
        let user_id = UserId(Uuid::from_u128(1));
        Claims { user_id, username: None, picture: None, slug: None, sid: None, expires_at: START + TTL * 10 }
    }

    #[test]
    fn a11_a_ticket_is_good_once_and_not_for_long() {
        let tickets = Tickets::new(TTL);
        let first = tickets.sell(claims(), START).unwrap();
        let second = tickets.sell(claims(), START).unwrap();
        assert_eq!((first.len(), first == second), (TICKET_TEXT_LEN, false));
        assert_eq!(tickets.take("", START), None);
        assert_eq!(tickets.take(&first[1..], START), None);
        assert_eq!(tickets.take(&first, START + TTL / 2), Some(claims()));
        assert_eq!(tickets.take(&first, START + TTL / 2), None);
        assert_eq!(tickets.take(&second, START + TTL), None);
    }

    #[test]
    fn a11_tickets_are_bounded_and_those_that_ran_out_make_room() {
        let tickets = Tickets { n_max: 10, ..Tickets::new(TTL) };
        assert_eq!((0..100).filter_map(|_| tickets.sell(claims(), START)).count(), 10);
        assert!(tickets.sell(claims(), START + TTL).is_some());
        assert_eq!(tickets.sold.lock().unwrap().len(), 1);
    }
}
