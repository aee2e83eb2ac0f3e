//! Everything at rest of a person that decides how they are shown, in one piece: what the engine loads.

use async_trait::async_trait;
use hereabouts_engine::{Person, TimedMode, Watched};
use hereabouts_protocol::UserId;

use super::{Choices, StoreError, User};

/// One person, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAtRest {
    /// Their row of the users table.
    pub user: User,
    /// What they decided.
    pub person: Person,
}

impl PersonAtRest {
    /// Somebody of whom the table knows, before their lists are filled.
    pub(super) fn new(user: User, choices: Choices) -> Self {
        let person = Person {
            mode: choices.base_mode,
            timed: choices.override_mode.map(|(mode, until)| TimedMode { mode, until }),
            custom: choices.custom,
            privacy: choices.privacy,
            friends: Box::default(),
            blocks: Box::default(),
            watches: Box::default(),
            is_deactivated: user.is_disabled,
        };
        Self { user, person }
    }

    /// Fills the lists.
    pub(super) fn with_lists(
        mut self,
        friends: Vec<UserId>,
        blocks: Vec<UserId>,
        watches: Vec<Watched>,
    ) -> Self {
        let sorted = |mut ids: Vec<UserId>| {
            ids.sort_unstable();
            ids.into_boxed_slice()
        };
        self.person.friends = sorted(friends);
        self.person.blocks = sorted(blocks);
        self.person.watches = watches.into();
        self
    }
}

/// People at rest.
#[async_trait]
pub trait PeopleStore: Send + Sync {
    /// Those of these people who are in the users table, each as they were at one and the same moment. In any order.
    /// A row that cannot be read is an error, never somebody with the defaults: that would show who hides.
    async fn people(&self, ids: &[UserId]) -> Result<Vec<PersonAtRest>, StoreError>;
}
