//! How much one address may ask: a token bucket each, in a bounded map.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use hereabouts_protocol::Timestamp;

use crate::{limits::RATE_LIMIT_ADDRESSES_MAX, settings::Limits};

const MICROS_PER_SECOND: u64 = 1_000_000;

/// Lets each address ask `per_second` times on average and `burst` times at once.
pub struct RateLimiter {
    /// `None`: no limit.
    per_second: Option<u64>,
    burst: u64,
    // Held for one lookup.
    full_at: Mutex<HashMap<IpAddr, Timestamp>>,
}

impl RateLimiter {
    /// A limiter with the limits of the settings.
    pub fn new(limits: &Limits) -> Self {
        Self {
            per_second: limits.requests_per_second_per_ip.map(u64::from),
            burst: u64::from(limits.request_burst_per_ip.max(1)),
            full_at: Mutex::default(),
        }
    }

    /// Takes one request of this address; if there is none left, the seconds after which there is.
    pub fn take(&self, ip: IpAddr, now: Timestamp) -> Result<(), u64> {
        let Some(per_second) = self.per_second else { return Ok(()) };
        let micros_per_request = (MICROS_PER_SECOND / per_second).max(1);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= RATE_LIMIT_ADDRESSES_MAX {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= RATE_LIMIT_ADDRESSES_MAX {
                full_at.clear();
            }
        }
        // A bucket is known by the moment it will be full again (GCRA): one number, and nothing to refill.
        let at = full_at.entry(network_of(ip)).or_insert(now);
        let next = (*at).max(now).as_micros() + micros_per_request;
        let allowed = now.as_micros() + self.burst * micros_per_request;
        if next > allowed {
            return Err((next - allowed).div_ceil(MICROS_PER_SECOND));
        }
        *at = Timestamp::from_micros(next);
        Ok(())
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
        RateLimiter { per_second: Some(per_second), burst, full_at: Mutex::default() }
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
    fn a30_the_map_stays_bounded() {
        let limiter = limiter(1, 1);
        let now = Timestamp::from_secs(1000);
        for n in 0..RATE_LIMIT_ADDRESSES_MAX as u32 + 10 {
            assert!(limiter.take(IpAddr::V4(n.into()), now).is_ok());
        }
        assert!(limiter.full_at.lock().unwrap().len() <= RATE_LIMIT_ADDRESSES_MAX);
    }
}
