//! How often one address may try to sign in as one person.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use hereabouts_protocol::Timestamp;

use crate::{http::rate_limit::network_of, limits::LOGIN_ATTEMPTS_MAX};

const MICROS_PER_MINUTE: u64 = 60_000_000;

/// So many attempts at once, and then one after each equal part of a minute: whether they succeed or not, so that the
/// answer tells nothing.
pub(super) struct Attempts {
    /// `None`: no limit.
    per_minute: Option<u64>,
    hasher: RandomState,
    // Held for one lookup. Accounts stand here by a keyed hash: nobody can choose names that meet.
    full_at: Mutex<HashMap<(IpAddr, u64), Timestamp>>,
}

impl Attempts {
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute: per_minute.map(u64::from), hasher: RandomState::new(), full_at: Mutex::default() }
    }

    /// Takes one attempt; if there is none left, the seconds after which there is.
    pub(super) fn take(&self, ip: IpAddr, account: &str, now: Timestamp) -> Result<(), u64> {
        let Some(per_minute) = self.per_minute else { return Ok(()) };
        let key = (network_of(ip), self.hasher.hash_one(account));
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= LOGIN_ATTEMPTS_MAX {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= LOGIN_ATTEMPTS_MAX {
                full_at.clear();
            }
        }
        // As in the request limiter: a bucket is known by the moment it will be full again.
        let micros_each = MICROS_PER_MINUTE / per_minute;
        let at = full_at.entry(key).or_insert(now);
        let next = (*at).max(now).as_micros() + micros_each;
        let allowed = now.as_micros() + per_minute * micros_each;
        if next > allowed {
            return Err((next - allowed).div_ceil(1_000_000));
        }
        *at = Timestamp::from_micros(next);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a37_five_attempts_a_minute_for_each_pair_of_address_and_account() {
        let attempts = Attempts::new(Some(5));
        let start = Timestamp::from_secs(1000);
        let (here, there) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let taken =
            |ip, account, now| (0..50).take_while(|_| attempts.take(ip, account, now).is_ok()).count();
        assert_eq!(taken(here, "ada", start), 5);
        assert_eq!(attempts.take(here, "ada", start), Err(12));
        assert_eq!(taken(there, "ada", start), 5, "another address");
        assert_eq!(taken(here, "bob", start), 5, "another account");
        assert_eq!(taken(here, "ada", start + Duration::from_secs(12)), 1);
        assert_eq!(taken(here, "ada", start + Duration::from_secs(600)), 5);
        assert_eq!(Attempts::new(None).take(here, "ada", start), Ok(()));
    }

    #[test]
    fn a30_the_map_of_attempts_stays_bounded() {
        let attempts = Attempts::new(Some(5));
        let ip = "10.0.0.1".parse().unwrap();
        for n in 0..LOGIN_ATTEMPTS_MAX + 10 {
            assert!(attempts.take(ip, &n.to_string(), Timestamp::from_secs(1000)).is_ok());
        }
        assert!(attempts.full_at.lock().unwrap().len() <= LOGIN_ATTEMPTS_MAX);
    }
}
