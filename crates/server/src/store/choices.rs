//! What is kept of a person's decisions about themselves: the port, in domain words.

use async_trait::async_trait;
use hereabouts_protocol::{Mode, OwnCustomStatus, Privacy, Timestamp, UserId};

use super::StoreError;

/// Everything a person decided about how they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The mode without an end.
    pub base_mode: Mode,
    /// The mode that holds instead until its end, which may have passed.
    pub override_mode: Option<(Mode, Timestamp)>,
    /// The custom status, whose end may have passed.
    pub custom: Option<OwnCustomStatus>,
    /// Who sees what.
    pub privacy: Privacy,
    /// Counts the changes.
    pub epoch: u64,
}

impl Choices {
    /// The mode that holds at `now`, and its end.
    pub fn mode(&self, now: Timestamp) -> (Mode, Option<Timestamp>) {
        match self.override_mode {
            Some((mode, until)) if now < until => (mode, Some(until)),
            _ => (self.base_mode, None),
        }
    }

    /// The custom status that holds at `now`.
    pub fn custom(&self, now: Timestamp) -> Option<&OwnCustomStatus> {
        self.custom.as_ref().filter(|custom| custom.until.is_none_or(|until| now < until))
    }
}

/// What becomes of the mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModeChange {
    /// It stays.
    #[default]
    Keep,
    /// This one, until it is changed.
    Base(Mode),
    /// This one until then; after that the base mode again.
    Override(Mode, Timestamp),
}

/// What becomes of the custom status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CustomChange {
    /// It stays.
    #[default]
    Keep,
    /// This one, or none.
    Set(Option<OwnCustomStatus>),
}

/// Decisions at rest. Every method is one transaction, and durable when it returns. A change of somebody who is not in
/// the users table is `None`.
#[async_trait]
pub trait ChoiceStore: Send + Sync {
    /// What this person decided; the defaults, if they never did.
    async fn choices(&self, id: UserId) -> Result<Choices, StoreError>;

    /// Changes mode and custom status; returns everything as it is now.
    async fn change_status(
        &self,
        id: UserId,
        mode: ModeChange,
        custom: CustomChange,
    ) -> Result<Option<Choices>, StoreError>;

    /// Replaces who sees what; returns everything as it is now.
    async fn change_privacy(&self, id: UserId, privacy: &Privacy) -> Result<Option<Choices>, StoreError>;
}
