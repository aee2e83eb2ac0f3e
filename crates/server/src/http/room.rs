//! Room for TCP connections on the public port. Each is a descriptor, upgraded or not; some are kept back for the
//! database, for health checks, and for saying that there is no room.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::gateway::Permits;
use crate::limits::{DESCRIPTORS_KEPT_MAX, REFUSALS_AT_ONCE_MAX};
use crate::metrics::Metrics;

/// How long a client may take to read that there is no room.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\
Retry-After: 5\r\nConnection: close\r\nContent-Length: 91\r\n\r\n\
{\"detail\":\"This server has as many connections as it can hold. Try again in some seconds.\"}";

/// Counts the connections of the public port.
#[derive(Debug)]
pub struct Room {
    n_max: usize,
    /// Connections that speak HTTP; those that were upgraded hold a permit instead.
    n_http: AtomicUsize,
    permits: Arc<Permits>,
    metrics: Arc<Metrics>,
    refusals: Arc<Semaphore>,
}

/// A connection's place, until this is dropped.
#[derive(Debug)]
pub struct Place(Arc<Room>);

impl Room {
    /// As much as this process may have descriptors, but for those kept back.
    pub fn new(permits: Arc<Permits>, metrics: Arc<Metrics>) -> Self {
        let n_max = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            limit - DESCRIPTORS_KEPT_MAX.min(limit / 4)
        });
        let refusals = Arc::new(Semaphore::new(REFUSALS_AT_ONCE_MAX));
        Self { n_max, n_http: AtomicUsize::new(0), permits, metrics, refusals }
    }

    /// A place for one more connection; `None` when all are taken.
    pub fn take(self: &Arc<Self>) -> Option<Place> {
        let place = Place(Arc::clone(self));
        // Counted first, so that of two at the edge one is refused; the place takes it back.
        let n_http = self.n_http.fetch_add(1, Ordering::Relaxed);
        (n_http + self.permits.n_held() < self.n_max).then_some(place)
    }

    /// Says that there is no room, to a few at a time; others are closed without a word.
    pub fn refuse(&self, mut stream: TcpStream) {
        self.metrics.connections_refused_total.inc();
        let Ok(refusal) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let say = async {
                stream.write_all(REFUSAL).await?;
                stream.shutdown().await?;
                // To close with something unread would reset the connection, and the answer could be lost with it.
                while stream.read(&mut [0; 1024]).await? > 0 {}
                std::io::Result::Ok(())
            };
            // Whether they heard it is their own business.
            let _ = tokio::time::timeout(REFUSAL_TIMEOUT, say).await;
            drop(refusal);
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.n_http.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a29_places_are_counted_with_the_sockets_and_come_back() {
        let permits = Arc::new(Permits::default());
        let metrics = Arc::<Metrics>::default();
        let room = Arc::new(Room { n_max: 3, ..Room::new(Arc::clone(&permits), metrics) });
        let first = room.take().unwrap();
        let _second = room.take().unwrap();
        let socket = permits.admit([127, 0, 0, 1].into()).unwrap();
        assert!(room.take().is_none());
        drop(first);
        assert!(room.take().is_some());
        drop(socket);
        assert!(room.take().is_some());
    }

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let text = std::str::from_utf8(REFUSAL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
