//! What there is to do where an app has the people: nothing, because an app's tables are never in a file of ours.

use super::SqliteStore;
use crate::store::{Migration, StoreError};

#[expect(clippy::unused_async, clippy::unused_self, reason = "Postgres has something to do here")]
impl SqliteStore {
    pub(super) const fn is_adopted(&self) -> bool {
        false
    }

    pub(super) async fn make_room(&self) -> Result<(), StoreError> {
        Ok(())
    }

    pub(super) async fn attach(&self) -> Result<(), StoreError> {
        Ok(())
    }

    pub(super) async fn detach(&self) -> Result<Option<Migration>, StoreError> {
        Ok(None)
    }

    pub(super) async fn attachment(&self) -> Result<Vec<Migration>, StoreError> {
        Ok(Vec::new())
    }

    pub(super) async fn add_columns(&self) -> Result<Vec<String>, StoreError> {
        Err(StoreError::Unadoptable("there is no app here: --directory adopt needs PostgreSQL".to_owned()))
    }
}
