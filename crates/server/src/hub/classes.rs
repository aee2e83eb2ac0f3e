//! How many connections watch what: only for classes that somebody is in are frames encoded.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use crate::gateway::Subscriptions;

/// The counts. Bounded: a window has one of 200 limits.
#[derive(Debug, Default)]
pub(super) struct Classes {
    n_original: usize,
    n_everyone: usize,
    windows: BTreeMap<NonZeroU16, usize>,
}

impl Classes {
    /// A connection watches this.
    pub(super) fn add(&mut self, subscriptions: Subscriptions) {
        match subscriptions {
            Subscriptions::Original => self.n_original += 1,
            Subscriptions::V1 { everyone, window, .. } => {
                self.n_everyone += usize::from(everyone);
                if let Some(limit) = window {
                    *self.windows.entry(limit).or_default() += 1;
                }
            }
        }
    }

    /// A connection no longer does. One that was added, so nothing goes below zero; a connection that ends while its
    /// subscription is on the way is counted out by saturation at worst, never into a panic.
    pub(super) fn remove(&mut self, subscriptions: Subscriptions) {
        match subscriptions {
            Subscriptions::Original => self.n_original = self.n_original.saturating_sub(1),
            Subscriptions::V1 { everyone, window, .. } => {
                self.n_everyone = self.n_everyone.saturating_sub(usize::from(everyone));
                let Some(limit) = window else { return };
                if let Some(count) = self.windows.get_mut(&limit) {
                    *count -= 1;
                    if *count == 0 {
                        self.windows.remove(&limit);
                    }
                }
            }
        }
    }

    pub(super) fn has_original(&self) -> bool {
        self.n_original > 0
    }

    pub(super) fn has_everyone(&self) -> bool {
        self.n_everyone > 0
    }

    /// The limits somebody watches a window by.
    pub(super) fn windows(&self) -> impl Iterator<Item = NonZeroU16> {
        self.windows.keys().copied()
    }
}
