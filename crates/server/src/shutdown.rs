//! The wish to stop, shared by everything that runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

/// One switch, thrown once; cheap to clone. Everything that loops waits for it.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<Switch>);

#[derive(Debug)]
struct Switch {
    sender: watch::Sender<bool>,
    /// What broke, where that is why we stop.
    broken: OnceLock<&'static str>,
}

impl Shutdown {
    /// A switch that nobody has thrown.
    pub fn new() -> Self {
        Self(Arc::new(Switch { sender: watch::Sender::new(false), broken: OnceLock::new() }))
    }

    /// Throws the switch; again does nothing.
    pub fn trigger(&self) {
        self.0.sender.send_replace(true);
    }

    /// Runs something without which the server is no server: if it ends by a panic, the server stops, in good order and
    /// with an error, so that whoever started it starts it again.
    pub fn unless_panics(&self, what: &'static str, work: impl FnOnce()) {
        // Nothing of it is used afterwards.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("{what} ended by a bug: the server stops");
            // The first to break is what is told; the others may have broken for want of it.
            let _ = self.0.broken.set(what);
            self.trigger();
        }
    }

    /// What broke, where that is why the server stops.
    pub fn broken(&self) -> Option<&'static str> {
        self.0.broken.get().copied()
    }

    /// Whether the switch was thrown.
    pub fn is_triggered(&self) -> bool {
        *self.0.sender.borrow()
    }

    /// Returns once the switch was thrown, at once if it was.
    pub async fn wait(&self) {
        let mut receiver = self.0.sender.subscribe();
        // The sender lives in `self`, so the only way out is `true`.
        let _ = receiver.wait_for(|triggered| *triggered).await;
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everyone_hears_it_also_those_who_come_late() {
        let shutdown = Shutdown::new();
        assert!(!shutdown.is_triggered());
        let early = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { shutdown.wait().await }
        });
        shutdown.trigger();
        early.await.unwrap();
        shutdown.clone().wait().await;
        assert!(shutdown.is_triggered());
    }
}
