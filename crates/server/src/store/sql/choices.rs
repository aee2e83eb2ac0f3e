//! Decisions.

use async_trait::async_trait;
use hereabouts_protocol::{Mode, OwnCustomStatus, Privacy, UserId};
use sqlx::QueryBuilder;

use super::{Db, DbConnection, DbRow, SqlStore, users::read};
use crate::store::{
    ChoiceStore, Choices, CustomChange, ModeChange, StoreError,
    columns::{At, Json, Key},
};

/// Every row, with the columns that [`read_choices`] reads.
pub(super) const ALL: &str = "SELECT user_id, mode, override_mode, override_until, custom_emoji, custom_text, custom_until, \
                              custom_show_offline, privacy, epoch FROM choices";

fn of(id: UserId) -> QueryBuilder<Db> {
    let mut query = QueryBuilder::new(ALL);
    query.push(" WHERE user_id = ").push_bind(Key::from(id));
    query
}

#[async_trait]
impl ChoiceStore for SqlStore {
    async fn choices(&self, id: UserId) -> Result<Choices, StoreError> {
        let row = of(id).build().fetch_optional(&self.readers).await?;
        row.as_ref().map_or_else(|| Ok(Choices::default()), read_choices)
    }

    async fn change_status(
        &self,
        id: UserId,
        mode: ModeChange,
        custom: CustomChange,
    ) -> Result<Option<Choices>, StoreError> {
        let mut transaction = self.begin_write().await?;
        if !begin_change(&mut transaction, id).await? {
            return Ok(None);
        }
        let mut change = QueryBuilder::<Db>::new("UPDATE choices SET epoch = epoch + 1");
        let (base, over) = match mode {
            ModeChange::Keep => (None, None),
            ModeChange::Base(mode) => (Some(mode), Some(None)),
            ModeChange::Override(mode, until) => (None, Some(Some((mode, until)))),
        };
        if let Some(base) = base {
            change.push(", mode = ").push_bind(base.as_str());
        }
        if let Some(over) = over {
            change.push(", override_mode = ").push_bind(over.map(|(mode, _)| mode.as_str()));
            change.push(", override_until = ").push_bind(over.map(|(_, until)| At(until)));
        }
        if let CustomChange::Set(custom) = custom {
            let custom = custom.unwrap_or(OwnCustomStatus {
                emoji: None,
                text: None,
                until: None,
                show_offline: false,
            });
            change.push(", custom_emoji = ").push_bind(custom.emoji);
            change.push(", custom_text = ").push_bind(custom.text);
            change.push(", custom_until = ").push_bind(custom.until.map(At));
            change.push(", custom_show_offline = ").push_bind(custom.show_offline);
        }
        change.push(" WHERE user_id = ").push_bind(Key::from(id));
        change.build().execute(&mut *transaction).await?;
        let choices = read_back(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(Some(choices))
    }

    async fn change_privacy(&self, id: UserId, privacy: &Privacy) -> Result<Option<Choices>, StoreError> {
        let mut transaction = self.begin_write().await?;
        if !begin_change(&mut transaction, id).await? {
            return Ok(None);
        }
        sqlx::query("UPDATE choices SET epoch = epoch + 1, privacy = $1 WHERE user_id = $2")
            .bind(Json(serde_json::to_string(privacy).expect("rules are plain data")))
            .bind(Key::from(id))
            .execute(&mut *transaction)
            .await?;
        let choices = read_back(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(Some(choices))
    }
}

/// Makes sure that there is a row to change; false when there is no such person.
async fn begin_change(connection: &mut DbConnection, id: UserId) -> Result<bool, StoreError> {
    let id = Key::from(id);
    sqlx::query(
        "INSERT INTO choices (user_id) SELECT id FROM users WHERE id = $1 ON CONFLICT (user_id) DO NOTHING",
    )
    .bind(id)
    .execute(&mut *connection)
    .await?;
    let is_there = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM choices WHERE user_id = $1)")
        .bind(id)
        .fetch_one(connection)
        .await?;
    Ok(is_there)
}

async fn read_back(connection: &mut DbConnection, id: UserId) -> Result<Choices, StoreError> {
    read_choices(&of(id).build().fetch_one(connection).await?)
}

/// A row that makes no sense is an error, never the defaults: those would show somebody who hides.
pub(super) fn read_choices(row: &DbRow) -> Result<Choices, StoreError> {
    let Key(id) = read(row, "user_id")?;
    let mode = |text: String| {
        let unreadable = |()| StoreError::Corrupt { id: id.to_string(), what: "mode" };
        text.parse::<Mode>().map_err(unreadable)
    };
    let over: Option<String> = read(row, "override_mode")?;
    let override_mode = match (over, read(row, "override_until")?) {
        (Some(over), Some(At(until))) => Some((mode(over)?, until)),
        _ => None,
    };
    let custom = OwnCustomStatus {
        emoji: read(row, "custom_emoji")?,
        text: read(row, "custom_text")?,
        until: read::<Option<At>>(row, "custom_until")?.map(|At(until)| until),
        show_offline: read(row, "custom_show_offline")?,
    };
    Ok(Choices {
        base_mode: mode(read(row, "mode")?)?,
        override_mode,
        custom: (custom.emoji.is_some() || custom.text.is_some()).then_some(custom),
        privacy: read_privacy(row, UserId(id))?,
        epoch: read::<i64>(row, "epoch")? as u64,
    })
}

/// The rules as they are kept; the defaults where there are none.
pub(super) fn read_privacy(row: &DbRow, id: UserId) -> Result<Privacy, StoreError> {
    read::<Option<Json>>(row, "privacy")?
        .map(|Json(text)| serde_json::from_str(&text))
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(|_| StoreError::Corrupt { id: id.to_string(), what: "privacy" })
}
