//! The wish to stop, shared by everything that runs.

use std::sync::Arc;

use tokio::sync::watch;

/// One switch, thrown once; cheap to clone. Everything that loops waits for it.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Shutdown {
    /// A switch that nobody has thrown.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Throws the switch; again does nothing.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Whether the switch was thrown.
    pub fn is_triggered(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the switch was thrown, at once if it was.
    pub async fn wait(&self) {
        let mut receiver = self.0.subscribe();
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
