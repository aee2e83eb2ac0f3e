//! Decisions in SQLite.

use async_trait::async_trait;
use hereabouts_protocol::{Mode, OwnCustomStatus, Privacy, Timestamp, UserId};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::SqliteStore;
use crate::store::{ChoiceStore, Choices, CustomChange, ModeChange, StoreError};

/// Every row, with the columns that [`read_choices`] reads.
pub(super) const ALL: &str = "SELECT user_id, mode, override_mode, override_until, custom_emoji, custom_text, custom_until, \
                              custom_show_offline, privacy, epoch FROM choices";

fn of(id: UserId) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(ALL);
    query.push(" WHERE user_id = ").push_bind(id.to_string());
    query
}

#[async_trait]
impl ChoiceStore for SqliteStore {
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
        let mut change = QueryBuilder::<Sqlite>::new("UPDATE choices SET epoch = epoch + 1");
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
            change.push(", override_until = ").push_bind(over.map(|(_, until)| until.to_string()));
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
            change.push(", custom_until = ").push_bind(custom.until.map(|until| until.to_string()));
            change.push(", custom_show_offline = ").push_bind(custom.show_offline);
        }
        change.push(" WHERE user_id = ").push_bind(id.to_string());
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
        sqlx::query("UPDATE choices SET epoch = epoch + 1, privacy = ? WHERE user_id = ?")
            .bind(serde_json::to_string(privacy).expect("rules are plain data"))
            .bind(id.to_string())
            .execute(&mut *transaction)
            .await?;
        let choices = read_back(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(Some(choices))
    }
}

/// Makes sure that there is a row to change; false when there is no such person.
async fn begin_change(connection: &mut SqliteConnection, id: UserId) -> Result<bool, StoreError> {
    let id = id.to_string();
    sqlx::query(
        "INSERT INTO choices (user_id) SELECT id FROM users WHERE id = ? ON CONFLICT (user_id) DO NOTHING",
    )
    .bind(&id)
    .execute(&mut *connection)
    .await?;
    let is_there = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM choices WHERE user_id = ?)")
        .bind(&id)
        .fetch_one(connection)
        .await?;
    Ok(is_there)
}

async fn read_back(connection: &mut SqliteConnection, id: UserId) -> Result<Choices, StoreError> {
    read_choices(&of(id).build().fetch_one(connection).await?)
}

/// A row that makes no sense is an error, never the defaults: those would show somebody who hides.
pub(super) fn read_choices(row: &SqliteRow) -> Result<Choices, StoreError> {
    let id: String = row.try_get("user_id")?;
    let corrupt = |what| StoreError::Corrupt { id: id.clone(), what };
    let mode = |text: String| text.parse::<Mode>().map_err(|()| corrupt("the mode is none"));
    let time = |text: String| text.parse::<Timestamp>().map_err(|_| corrupt("an end is not a time"));
    let over: Option<String> = row.try_get("override_mode")?;
    let until: Option<String> = row.try_get("override_until")?;
    let override_mode = match (over, until) {
        (Some(over), Some(until)) => Some((mode(over)?, time(until)?)),
        _ => None,
    };
    let custom = OwnCustomStatus {
        emoji: row.try_get("custom_emoji")?,
        text: row.try_get("custom_text")?,
        until: row.try_get::<Option<String>, _>("custom_until")?.map(time).transpose()?,
        show_offline: row.try_get("custom_show_offline")?,
    };
    let privacy: Option<String> = row.try_get("privacy")?;
    Ok(Choices {
        base_mode: mode(row.try_get("mode")?)?,
        override_mode,
        custom: (custom.emoji.is_some() || custom.text.is_some()).then_some(custom),
        privacy: read_privacy(&id, privacy)?,
        epoch: row.try_get::<i64, _>("epoch")? as u64,
    })
}

/// The rules as they are kept; the defaults where there are none.
pub(super) fn read_privacy(id: &str, text: Option<String>) -> Result<Privacy, StoreError> {
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(|_| StoreError::Corrupt { id: id.to_owned(), what: "the privacy rules are not readable" })
}
