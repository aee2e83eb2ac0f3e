//! How much one address may ask, and how many others one person may look up: a token bucket each, in a bounded map.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use hereabouts_protocol::{Timestamp, UserId};

use crate::{limits::RATE_LIMIT_ADDRESSES_MAX, settings::Limits};

const MICROS_PER_SECOND: u64 = 1_000_000;

/// Lets each key through so many times on average, and a burst at once.
struct Buckets<K> {
    micros_per_request: u64,
    burst: u64,
    // Held for one lookup.
    full_at: Mutex<HashMap<K, Timestamp>>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(micros_per_request: u64, burst: u64) -> Self {
        Self { micros_per_request: micros_per_request.max(1), burst: burst.max(1), full_at: Mutex::default() }
    }

    /// Takes one; if there is none left, the seconds after which there is.
    fn take(&self, key: K, now: Timestamp) -> Result<(), u64> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= RATE_LIMIT_ADDRESSES_MAX {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= RATE_LIMIT_ADDRESSES_MAX {
                full_at.clear();
            }
        }
        // A bucket is known by the moment it will be full again (GCRA): one number, and nothing to refill.
        let at = full_at.entry(key).or_insert(now);
        let next = (*at).max(now).as_micros() + self.micros_per_request;
        let allowed = now.as_micros() + self.burst * self.micros_per_request;
        if next > allowed {
            return Err((next - allowed).div_ceil(MICROS_PER_SECOND));
        }
        *at = Timestamp::from_micros(next);
        Ok(())
    }
}

/// Lets each address ask `per_second` times on average and `burst` times at once.
pub struct RateLimiter(Option<Buckets<IpAddr>>);

impl RateLimiter {
    /// A limiter with the limits of the settings.
    pub fn new(limits: &Limits) -> Self {
        Self(limits.requests_per_second_per_ip.map(|per_second| {
            Buckets::new(MICROS_PER_SECOND / u64::from(per_second), u64::from(limits.request_burst_per_ip))
        }))
    }

    /// Takes one request of this address; if there is none left, the seconds after which there is.
    pub fn take(&self, ip: IpAddr, now: Timestamp) -> Result<(), u64> {
        self.0.as_ref().map_or(Ok(()), |buckets| buckets.take(network_of(ip), now))
    }
}

/// Lets each person look others up so many times a minute: all at once, if they like.
pub struct LookupLimiter(Option<Buckets<UserId>>);

impl LookupLimiter {
    /// A limiter with the limit of the settings.
    pub fn new(limits: &Limits) -> Self {
        Self(limits.lookups_per_minute.map(|per_minute| {
            Buckets::new(60 * MICROS_PER_SECOND / u64::from(per_minute), u64::from(per_minute))
        }))
    }

    /// Takes one lookup of this person; if there is none left, the seconds after which there is.
    pub fn take(&self, user_id: UserId, now: Timestamp) -> Result<(), u64> {
        self.0.as_ref().map_or(Ok(()), |buckets| buckets.take(user_id, now))
    }
}

/// What counts as one address: an IPv6 customer has a whole /64 to hop around in.
pub fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limiter(per_second: u64, burst: u64) -> RateLimiter {
        RateLimiter(Some(Buckets::new(MICROS_PER_SECOND / per_second, burst)))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_then_the_average_then_a_burst_again_after_rest() {
        let limiter = limiter(10, 5);
        let start = Timestamp::from_secs(1000);
        let taken = |now| (0..100).take_while(|_| limiter.take(ip("10.0.0.1"), now).is_ok()).count();
        assert_eq!(taken(start), 5);
        assert_eq!(limiter.take(ip("10.0.0.1"), start), Err(1));
        assert_eq!(taken(start + Duration::from_millis(200)), 2);
        assert_eq!(taken(start + Duration::from_secs(60)), 5);
        assert!(limiter.take(ip("10.0.0.2"), start).is_ok(), "another address is not concerned");
    }

    #[test]
    fn a30_hopping_within_a_64_is_one_address() {
        let limiter = limiter(1, 1);
        let now = Timestamp::from_secs(1000);
        assert!(limiter.take(ip("2001:db8::1"), now).is_ok());
        assert!(limiter.take(ip("2001:db8::ffff:2"), now).is_err());
        assert!(limiter.take(ip("2001:db8:0:1::1"), now).is_ok());
        assert!(limiter.take(ip("::ffff:10.0.0.1"), now).is_ok());
        assert!(limiter.take(ip("10.0.0.1"), now).is_err(), "the same IPv4 address in IPv6 clothes");
    }

    #[test]
    fn a36_a_person_looks_up_so_many_a_minute() {
        let limiter = LookupLimiter(Some(Buckets::new(100_000, 600)));
        let (ann, bob) = (UserId(uuid::Uuid::from_u128(1)), UserId(uuid::Uuid::from_u128(2)));
        let now = Timestamp::from_secs(1000);
        assert_eq!((0..1000).take_while(|_| limiter.take(ann, now).is_ok()).count(), 600);
        assert!(limiter.take(bob, now).is_ok());
        assert_eq!(limiter.take(ann, now), Err(1));
        let later = now + Duration::from_secs(6);
        assert_eq!((0..1000).take_while(|_| limiter.take(ann, later).is_ok()).count(), 60);
    }

    #[test]
    fn a30_the_map_stays_bounded() {
        let limiter = limiter(1, 1);
        let now = Timestamp::from_secs(1000);
        for n in 0..RATE_LIMIT_ADDRESSES_MAX as u32 + 10 {
            assert!(limiter.take(IpAddr::V4(n.into()), now).is_ok());
        }
        assert!(limiter.0.unwrap().full_at.lock().unwrap().len() <= RATE_LIMIT_ADDRESSES_MAX);
    }
}
