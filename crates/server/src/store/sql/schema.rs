//! The migrations of the schema.

use async_trait::async_trait;
use sqlx::migrate::{MigrateError, MigrationType};

use super::{HAS_LEDGER, SqlStore};
use crate::store::{Migration, Schema, StoreError};

#[async_trait]
impl Schema for SqlStore {
    async fn migrate_up(&self) -> Result<Vec<Migration>, StoreError> {
        let pending: Vec<_> =
            self.migrations().await?.into_iter().filter(|migration| !migration.is_applied).collect();
        self.make_room().await?;
        self.steps().run(&self.pool_for_migrations().await?).await?;
        self.attach().await?;
        Ok(pending)
    }

    async fn migrate_down(&self) -> Result<Option<Migration>, StoreError> {
        if let Some(detached) = self.detach().await? {
            return Ok(Some(detached));
        }
        let migrations = self.migrations().await?;
        let Some(newest) = migrations.iter().rposition(|migration| migration.is_applied) else {
            return Ok(None);
        };
        let target = newest.checked_sub(1).map_or(0, |before| migrations[before].version);
        self.steps().undo(&self.pool_for_migrations().await?, target).await?;
        Ok(Some(migrations[newest].clone()))
    }

    async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        let has_ledger: bool = sqlx::query_scalar(HAS_LEDGER).fetch_one(&self.writer).await?;
        let applied: Vec<i64> = if has_ledger {
            sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
                .fetch_all(&self.writer)
                .await?
        } else {
            Vec::new()
        };
        let known = || self.steps().iter().filter(|it| it.migration_type != MigrationType::ReversibleDown);
        if let Some(unknown) = applied.iter().find(|version| known().all(|it| it.version != **version)) {
            return Err(MigrateError::VersionMissing(*unknown).into());
        }
        let steps = known().map(|it| Migration {
            version: it.version,
            name: it.description.clone(),
            is_applied: applied.contains(&it.version),
        });
        Ok(steps.chain(self.attachment().await?).collect())
    }

    async fn add_app_columns(&self) -> Result<Vec<String>, StoreError> {
        self.make_room().await?;
        self.steps().run(&self.pool_for_migrations().await?).await?;
        self.add_columns().await
    }
}
