//! How many connections one user and one address may hold, counted from before the upgrade until the socket is gone.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use hereabouts_protocol::UserId;

/// The counts, shared by the handshakes and the shards. A limit of 0 is none.
#[derive(Debug, Default)]
pub struct Permits {
    /// Connections per user.
    pub per_user_max: u32,
    /// Connections per address (IPv6: per /64).
    pub per_ip_max: u32,
    users: Mutex<HashMap<UserId, u32>>,
    addresses: Mutex<HashMap<AddressKey, u32>>,
}

/// Which limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitReached {
    /// Too many connections of one user.
    #[error("this user already has as many connections as --max-connections-per-user allows")]
    User,
    /// Too many connections from one address.
    #[error("this address already has as many connections as --max-connections-per-ip allows")]
    Address,
}

/// What an address is counted by: an IPv4 address, or the /64 that one IPv6 host can choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum AddressKey {
    V4([u8; 4]),
    V6([u8; 8]),
}

/// A place that is held until this is dropped.
#[derive(Debug)]
pub struct Permit {
    permits: Arc<Permits>,
    address: AddressKey,
    user: Option<UserId>,
}

impl Permits {
    /// Counts of nobody, with these limits; 0 is none.
    pub fn new(per_user_max: u32, per_ip_max: u32) -> Self {
        Self { per_user_max, per_ip_max, ..Self::default() }
    }

    /// Counts a connection from this address.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Permit, LimitReached> {
        let address = AddressKey::from(address);
        if !increase(&self.addresses, address, self.per_ip_max) {
            return Err(LimitReached::Address);
        }
        Ok(Permit { permits: Arc::clone(self), address, user: None })
    }
}

impl Permit {
    /// Counts the connection for its user too, once known.
    pub fn bind(&mut self, user: UserId) -> Result<(), LimitReached> {
        if self.user.is_some() {
            return Ok(());
        }
        if !increase(&self.permits.users, user, self.permits.per_user_max) {
            return Err(LimitReached::User);
        }
        self.user = Some(user);
        Ok(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        decrease(&self.permits.addresses, &self.address);
        if let Some(user) = &self.user {
            decrease(&self.permits.users, user);
        }
    }
}

impl From<IpAddr> for AddressKey {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

fn increase<K: Hash + Eq>(counts: &Mutex<HashMap<K, u32>>, key: K, max: u32) -> bool {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(key).or_default();
    let is_free = max == 0 || *count < max;
    *count += u32::from(is_free);
    is_free
}

fn decrease<K: Hash + Eq>(counts: &Mutex<HashMap<K, u32>>, key: &K) {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn permits(per_user_max: u32, per_ip_max: u32) -> Arc<Permits> {
        Arc::new(Permits { per_user_max, per_ip_max, ..Permits::default() })
    }

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        let permits = permits(1, 2);
        let home: IpAddr = "192.0.2.1".parse().unwrap();
        let user = UserId(Uuid::from_u128(1));
        let mut first = permits.admit(home).unwrap();
        first.bind(user).unwrap();
        let mut second = permits.admit(home).unwrap();
        assert_eq!(second.bind(user), Err(LimitReached::User));
        assert_eq!(permits.admit(home).unwrap_err(), LimitReached::Address);
        drop(first);
        assert_eq!(second.bind(user), Ok(()));
        drop(second);
        assert!(permits.users.lock().unwrap().is_empty() && permits.addresses.lock().unwrap().is_empty());
    }

    #[test]
    fn zero_is_no_limit_and_ipv6_counts_by_network() {
        let unlimited = permits(0, 0);
        let held: Vec<_> = (0..100).map(|_| unlimited.admit("::1".parse().unwrap()).unwrap()).collect();
        assert_eq!(held.len(), 100);
        let one = permits(0, 1);
        let _held = one.admit("2001:db8::1".parse().unwrap()).unwrap();
        assert!(one.admit("2001:db8::2".parse().unwrap()).is_err(), "the same /64");
        assert!(one.admit("2001:db8:0:1::1".parse().unwrap()).is_ok());
        assert!(one.admit("::ffff:192.0.2.1".parse().unwrap()).is_ok());
        assert!(one.admit("192.0.2.1".parse().unwrap()).is_ok_and(|_| true));
    }
}
