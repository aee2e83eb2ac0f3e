//! How many connections one user and one address may hold, counted from before the upgrade until the socket is gone.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hereabouts_protocol::UserId;

/// How many connections there may be; 0 is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermitLimits {
    /// Connections in all.
    pub total: u32,
    /// Connections of one user.
    pub per_user: u32,
    /// Connections of one address (IPv6: of one /64).
    pub per_ip: u32,
    /// Of these, connections that have not shown a good token.
    pub unauthenticated_per_ip: u32,
}

/// The counts, shared by the handshakes and the shards. In trees, because a hash table that has just grown would take
/// half as much again for each person.
#[derive(Debug, Default)]
pub struct Permits {
    limits: PermitLimits,
    total: AtomicU32,
    users: Mutex<BTreeMap<UserId, u32>>,
    addresses: Mutex<BTreeMap<AddressKey, u32>>,
    unauthenticated: Mutex<BTreeMap<AddressKey, u32>>,
}

/// Which limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitReached {
    /// Too many connections in all.
    #[error("this server has as many connections as --max-connections or its file descriptors allow")]
    Total,
    /// Too many connections of one user.
    #[error("this user already has as many connections as --max-connections-per-user allows")]
    User,
    /// Too many connections from one address.
    #[error("this address already has as many connections as --max-connections-per-ip allows")]
    Address,
    /// Too many connections without a good token from one address.
    #[error(
        "this address already has as many connections without a valid token as --max-unauthenticated-per-ip allows"
    )]
    Unauthenticated,
}

/// What an address is counted by: an IPv4 address, or the /64 that one IPv6 host can choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AddressKey {
    V4([u8; 4]),
    V6([u8; 8]),
}

/// Whose connection it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// The token is being looked at.
    Unknown,
    /// There is no good token, so far.
    Unauthenticated,
    User(UserId),
}

/// A place that is held until this is dropped.
#[derive(Debug)]
pub struct Permit {
    permits: Arc<Permits>,
    address: AddressKey,
    holder: Holder,
}

impl Permits {
    /// Counts of nobody.
    pub fn new(limits: PermitLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Connections that are counted at this moment.
    pub fn n_held(&self) -> usize {
        self.total.load(Ordering::Relaxed) as usize
    }

    /// Counts a connection from this address.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Permit, LimitReached> {
        let address = AddressKey::from(address);
        if !increase(&self.addresses, address, self.limits.per_ip) {
            return Err(LimitReached::Address);
        }
        let permit = Permit { permits: Arc::clone(self), address, holder: Holder::Unknown };
        // Counted first, so that of two at the edge one is refused; the permit takes it back.
        let n_others = self.total.fetch_add(1, Ordering::Relaxed);
        if self.limits.total != 0 && n_others >= self.limits.total {
            return Err(LimitReached::Total);
        }
        Ok(permit)
    }
}

impl Permit {
    /// Counts the connection for its user too, once known.
    pub fn bind(&mut self, user: UserId) -> Result<(), LimitReached> {
        if matches!(self.holder, Holder::User(_)) {
            return Ok(());
        }
        if !increase(&self.permits.users, user, self.permits.limits.per_user) {
            return Err(LimitReached::User);
        }
        self.release_holder();
        self.holder = Holder::User(user);
        Ok(())
    }

    /// Counts the connection as one without a good token.
    pub fn bind_unauthenticated(&mut self) -> Result<(), LimitReached> {
        if self.holder != Holder::Unknown {
            return Ok(());
        }
        if !increase(&self.permits.unauthenticated, self.address, self.permits.limits.unauthenticated_per_ip)
        {
            return Err(LimitReached::Unauthenticated);
        }
        self.holder = Holder::Unauthenticated;
        Ok(())
    }

    /// Leaves the user's place to another connection; the address and the total still count this one until it is gone.
    pub fn unbind(&mut self) {
        self.release_holder();
        self.holder = Holder::Unknown;
    }

    /// Whose connection it is; `None` until [`Permit::bind`].
    pub fn user(&self) -> Option<UserId> {
        match self.holder {
            Holder::User(user) => Some(user),
            Holder::Unknown | Holder::Unauthenticated => None,
        }
    }

    fn release_holder(&self) {
        match &self.holder {
            Holder::Unknown => {}
            Holder::Unauthenticated => decrease(&self.permits.unauthenticated, &self.address),
            Holder::User(user) => decrease(&self.permits.users, user),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.permits.total.fetch_sub(1, Ordering::Relaxed);
        decrease(&self.permits.addresses, &self.address);
        self.release_holder();
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

fn increase<K: Ord>(counts: &Mutex<BTreeMap<K, u32>>, key: K, max: u32) -> bool {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(key).or_default();
    let is_free = max == 0 || *count < max;
    *count += u32::from(is_free);
    is_free
}

fn decrease<K: Ord>(counts: &Mutex<BTreeMap<K, u32>>, key: &K) {
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

    fn permits(per_user: u32, per_ip: u32) -> Arc<Permits> {
        Arc::new(Permits::new(PermitLimits { per_user, per_ip, ..PermitLimits::default() }))
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
    fn strangers_are_fewer_than_connections_and_no_longer_counted_once_known() {
        let limits = PermitLimits { unauthenticated_per_ip: 1, ..PermitLimits::default() };
        let permits = Arc::new(Permits::new(limits));
        let home: IpAddr = "192.0.2.1".parse().unwrap();
        let mut first = permits.admit(home).unwrap();
        let mut second = permits.admit(home).unwrap();
        assert_eq!(first.bind_unauthenticated(), Ok(()));
        assert_eq!(second.bind_unauthenticated(), Err(LimitReached::Unauthenticated));
        assert_eq!(first.bind(UserId(Uuid::from_u128(1))), Ok(()));
        assert_eq!(second.bind_unauthenticated(), Ok(()));
        drop((first, second));
        assert!(permits.unauthenticated.lock().unwrap().is_empty());
    }

    #[test]
    fn the_whole_server_has_a_limit_too() {
        let permits = Arc::new(Permits::new(PermitLimits { total: 2, ..PermitLimits::default() }));
        let address = |n: u8| IpAddr::from([192, 0, 2, n]);
        let _first = permits.admit(address(1)).unwrap();
        let second = permits.admit(address(2)).unwrap();
        assert_eq!(permits.admit(address(3)).unwrap_err(), LimitReached::Total);
        drop(second);
        assert!(permits.admit(address(3)).is_ok(), "a refusal leaves no count behind");
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
