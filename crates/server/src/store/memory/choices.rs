//! Decisions in memory.

use async_trait::async_trait;
use hereabouts_protocol::{Privacy, UserId};

use super::MemoryStore;
use crate::store::{ChoiceStore, Choices, CustomChange, ModeChange, StoreError};

#[async_trait]
impl ChoiceStore for MemoryStore {
    async fn choices(&self, id: UserId) -> Result<Choices, StoreError> {
        Ok(self.state().choices.get(&id).cloned().unwrap_or_default())
    }

    async fn change_status(
        &self,
        id: UserId,
        mode: ModeChange,
        custom: CustomChange,
    ) -> Result<Option<Choices>, StoreError> {
        Ok(self.change_choices(id, |choices| {
            match mode {
                ModeChange::Keep => {}
                ModeChange::Base(mode) => (choices.base_mode, choices.override_mode) = (mode, None),
                ModeChange::Override(mode, until) => choices.override_mode = Some((mode, until)),
            }
            if let CustomChange::Set(custom) = custom {
                choices.custom = custom;
            }
        }))
    }

    async fn change_privacy(&self, id: UserId, privacy: &Privacy) -> Result<Option<Choices>, StoreError> {
        Ok(self.change_choices(id, |choices| choices.privacy = privacy.clone()))
    }
}

impl MemoryStore {
    fn change_choices(&self, id: UserId, change: impl FnOnce(&mut Choices)) -> Option<Choices> {
        let mut state = self.state();
        if !state.users.contains_key(&id) {
            return None;
        }
        let choices = state.choices.entry(id).or_default();
        change(choices);
        choices.epoch += 1;
        Some(choices.clone())
    }
}
