//! People, and their presence at rest.

use async_trait::async_trait;
use hereabouts_engine::Profile;
use hereabouts_protocol::{Timestamp, UserId};
use sqlx::{Decode, QueryBuilder, Row, Type};

use super::{Db, DbConnection, DbRow, MINUTE_OF, SqlStore};
use crate::{
    directory::{is_fallback, presentable},
    limits::ROWS_PER_STATEMENT_MAX,
    store::{
        PresenceRecord, Store, StoreError, Strangers, User,
        columns::{At, Key},
    },
};

const COLUMNS: &str =
    "SELECT id, username, slug, profile_image_url, created_at, is_online, last_seen, disabled_at FROM users ";
/// The same columns where other tables are joined.
pub(super) const COLUMN_NAMES: &str = "users.id, users.username, users.slug, users.profile_image_url, users.created_at, \
                            users.is_online, users.last_seen, users.disabled_at";

const THE_APPS_PEOPLE: &str = "people are added and removed in the app";

/// Statements with as many values as there are rows are not kept prepared (`persistent(false)`): each length is a program
/// of its own, and a connection would keep a hundred of them, megabytes in all.
#[async_trait]
impl Store for SqlStore {
    async fn check(&self) -> Result<(), StoreError> {
        self.check_reads_and_writes().await
    }

    async fn tidy(&self) -> Result<u64, StoreError> {
        self.empty_log().await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = QueryBuilder::<Db>::new(COLUMNS)
            .push("WHERE id = ")
            .push_bind(Key::from(id))
            .build()
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_user).transpose()
    }

    async fn users_named(&self, name: &str) -> Result<Vec<User>, StoreError> {
        let rows = QueryBuilder::<Db>::new(COLUMNS)
            .push("WHERE username = ")
            .push_bind(name.to_owned())
            .push(" OR slug = ")
            .push_bind(name.to_owned())
            .push(" ORDER BY created_at, id")
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(readable(&rows))
    }

    async fn list_users(&self, limit: u32) -> Result<Vec<User>, StoreError> {
        let rows = QueryBuilder::<Db>::new(COLUMNS)
            .push("ORDER BY username, id LIMIT ")
            .push_bind(i64::from(limit))
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(readable(&rows))
    }

    async fn add_user(&self, profile: &Profile, created_at: Timestamp) -> Result<(), StoreError> {
        if self.is_adopted() {
            return Err(StoreError::Unadoptable(THE_APPS_PEOPLE.to_owned()));
        }
        self.add_person(profile, created_at).await
    }

    async fn remove_user(&self, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
        if self.is_adopted() {
            return Err(StoreError::Unadoptable(THE_APPS_PEOPLE.to_owned()));
        }
        self.remove_person(id, at).await
    }

    async fn record_presence(
        &self,
        records: &[PresenceRecord],
        strangers: Strangers,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin_behind().await?;
        for records in records.chunks(ROWS_PER_STATEMENT_MAX) {
            match strangers {
                Strangers::Enter => upsert_presence(&mut transaction, records).await?,
                Strangers::Skip => update_presence(&mut transaction, records).await?,
            }
        }
        Ok(transaction.commit().await?)
    }

    async fn record_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), StoreError> {
        let mut transaction = self.begin_behind().await?;
        for seen in seen.chunks(ROWS_PER_STATEMENT_MAX) {
            QueryBuilder::<Db>::new("WITH seen (id, at) AS (")
                .push_values(seen, |mut row, (id, at)| {
                    row.push_bind(Key::from(*id)).push_bind(At(*at));
                })
                .push(
                    ") UPDATE users SET last_seen = at, last_activity = at FROM seen \
                     WHERE users.id = seen.id AND (users.last_seen IS NULL OR at > users.last_seen)",
                )
                .build()
                .persistent(false)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn nobody_is_online(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin_write().await?;
        let marked = sqlx::query("UPDATE users SET is_online = false WHERE is_online")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE users SET last_seen = $1, last_activity = $1 WHERE last_seen > $1")
            .bind(At(now))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(marked.rows_affected())
    }

    async fn recent(&self, since: Timestamp, limit: u32, excluding: UserId) -> Result<Vec<User>, StoreError> {
        let (before, after) = MINUTE_OF;
        let minute_of_last_seen = [before, "last_seen", after].concat();
        let rows = QueryBuilder::<Db>::new(COLUMNS)
            .push("WHERE ")
            .push(&minute_of_last_seen)
            .push(" >= ")
            .push(before)
            .push_bind(At(since))
            .push(after)
            .push(" AND NOT is_online AND id <> ")
            .push_bind(Key::from(excluding))
            .push(" ORDER BY ")
            .push(&minute_of_last_seen)
            .push(" DESC, id LIMIT ")
            .push_bind(i64::from(limit))
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(readable(&rows))
    }
}

/// Presence of people who are in the table; names are the table's own.
async fn update_presence(
    connection: &mut DbConnection,
    records: &[PresenceRecord],
) -> Result<(), StoreError> {
    QueryBuilder::<Db>::new("WITH known (id, is_online, at) AS (")
        .push_values(records, |mut row, PresenceRecord { profile, is_online, last_seen }| {
            row.push_bind(Key::from(profile.user_id)).push_bind(*is_online).push_bind(At(*last_seen));
        })
        .push(
            ") UPDATE users SET is_online = known.is_online, last_seen = CASE WHEN last_seen > at THEN last_seen ELSE at END, \
             last_activity = CASE WHEN last_activity > at THEN last_activity ELSE at END FROM known WHERE users.id = known.id",
        )
        .build()
        .persistent(false)
        .execute(connection)
        .await?;
    Ok(())
}

/// The name of somebody without one never replaces a real name, picture or slug.
async fn upsert_presence(
    connection: &mut DbConnection,
    records: &[PresenceRecord],
) -> Result<(), StoreError> {
    let (nameless, named): (Vec<_>, Vec<_>) = records.iter().partition(|record| is_fallback(&record.profile));
    let keep_name = " ON CONFLICT (id) DO UPDATE SET is_online = excluded.is_online, \
                     last_seen = CASE WHEN users.last_seen > excluded.last_seen THEN users.last_seen ELSE excluded.last_seen END, \
                     last_activity = CASE WHEN users.last_activity > excluded.last_activity THEN users.last_activity ELSE excluded.last_activity END";
    let take_name = ", username = excluded.username, slug = excluded.slug, \
                     profile_image_url = excluded.profile_image_url";
    for (records, and_name) in [(nameless, ""), (named, take_name)] {
        if records.is_empty() {
            continue;
        }
        QueryBuilder::<Db>::new(
            "INSERT INTO users (id, username, slug, profile_image_url, created_at, is_online, last_seen, \
             last_activity) ",
        )
        .push_values(records, |mut row, PresenceRecord { profile, is_online, last_seen }| {
            row.push_bind(Key::from(profile.user_id))
                .push_bind(profile.username.to_string())
                .push_bind(profile.slug.to_string())
                .push_bind(profile.profile_image_url.as_deref().map(str::to_owned))
                .push_bind(At(*last_seen))
                .push_bind(*is_online)
                .push_bind(At(*last_seen))
                .push_bind(At(*last_seen));
        })
        .push(keep_name)
        .push(and_name)
        .build()
        .persistent(false)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Other programs write this table too: a row that makes no sense is passed over, so that the others are still seen.
pub(super) fn readable(rows: &[DbRow]) -> Vec<User> {
    let read =
        |row| read_user(row).inspect_err(|error| tracing::warn!(%error, "a row of users is passed over"));
    rows.iter().filter_map(|row| read(row).ok()).collect()
}

pub(super) fn read_user(row: &DbRow) -> Result<User, StoreError> {
    let Key(id) = read(row, "id")?;
    let (username, slug): (String, String) = (read(row, "username")?, read(row, "slug")?);
    let picture: Option<String> = read(row, "profile_image_url")?;
    Ok(User {
        profile: presentable(Profile {
            user_id: UserId(id),
            username: username.into(),
            profile_image_url: picture.map(Into::into),
            slug: slug.into(),
        }),
        created_at: read::<At>(row, "created_at")?.0,
        is_online: read(row, "is_online")?,
        last_seen: read::<Option<At>>(row, "last_seen")?.map(|At(at)| at),
        is_disabled: read::<Option<At>>(row, "disabled_at")?.is_some(),
    })
}

/// A column of a row. One that is not readable says whose row it is, as far as that can be read.
pub(super) fn read<'r, T>(row: &'r DbRow, column: &'static str) -> Result<T, StoreError>
where
    T: Decode<'r, Db> + Type<Db>,
{
    row.try_get(column).map_err(|error| match error {
        sqlx::Error::ColumnDecode { .. } => {
            let text = |name| row.try_get::<String, _>(name).ok();
            let key = |name| row.try_get::<Key, _>(name).ok().map(|Key(id)| id.to_string());
            let id = ["id", "user_id"].into_iter().find_map(|name| text(name).or_else(|| key(name)));
            StoreError::Corrupt { id: id.unwrap_or_default(), what: column }
        }
        error => StoreError::Database(error),
    })
}
