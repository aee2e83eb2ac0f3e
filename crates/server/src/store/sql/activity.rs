//! Activity.

use async_trait::async_trait;
use hereabouts_protocol::{ActivityId, ActivityKind, SessionId, Status, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::{Db, DbRow, SqlStore, choices::read_privacy, users::read};
use crate::{
    limits::ROWS_PER_STATEMENT_MAX,
    store::{
        ActivityEntry, ActivityQuery, ActivityScope, ActivitySlice, ActivityStore, StoreError,
        activity::Candidate,
        columns::{At, Json, Key},
    },
};

/// Rows read at a time while those that may be read are picked out.
const ROWS_PER_READ: i64 = 500;

#[async_trait]
impl ActivityStore for SqlStore {
    async fn record_activity(&self, entries: &[ActivityEntry]) -> Result<u64, StoreError> {
        let mut transaction = self.begin_behind().await?;
        let mut n_new = 0;
        for entries in entries.chunks(ROWS_PER_STATEMENT_MAX) {
            let mut insert = QueryBuilder::<Db>::new(
                "WITH new (id, user_id, kind, status, at, version, session_id, audience) AS (",
            );
            insert.push_values(entries, |mut row, entry| {
                row.push_bind(Key::from(entry.id))
                    .push_bind(Key::from(entry.user_id))
                    .push_bind(entry.kind.as_str())
                    .push_bind(entry.status.as_str())
                    .push_bind(At(entry.at))
                    .push_bind(entry.version as i64)
                    .push_bind(entry.session_id.map(Key::from))
                    .push_bind(
                        entry
                            .audience
                            .as_ref()
                            .map(|then| Json(serde_json::to_string(then).expect("rules are plain data"))),
                    );
            });
            insert.push(
                ") INSERT INTO activity (id, user_id, kind, status, at, version, session_id, audience) \
                 SELECT new.* FROM new JOIN users ON users.id = new.user_id WHERE true ON CONFLICT DO NOTHING",
            );
            n_new += insert.build().execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(n_new)
    }

    async fn activity(&self, query: &ActivityQuery) -> Result<ActivitySlice, StoreError> {
        let mut place = match query.before {
            None => None,
            Some(id) => match self.place_of(id).await? {
                Some(place) => Some(place),
                // Forgotten meanwhile, and with it all that was older.
                None => return Ok(ActivitySlice::default()),
            },
        };
        let mut rows = Vec::new();
        loop {
            let candidates = self.candidates(query, place.as_ref()).await?;
            let is_last = candidates.len() < ROWS_PER_READ as usize;
            place = candidates.last().map(|last| (last.entry.at, last.entry.id)).or(place);
            rows.extend(candidates.into_iter().filter(|candidate| candidate.is_readable_by(query.viewer)));
            if is_last || rows.len() > query.limit as usize {
                break;
            }
        }
        let has_more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        let next = rows.last().filter(|_| has_more).map(|last| last.entry.id);
        Ok(ActivitySlice { rows: rows.into_iter().map(Candidate::into_seen).collect(), next })
    }

    async fn forget_activity(&self, at: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin_write().await?;
        let forgotten =
            sqlx::query("DELETE FROM activity WHERE at < $1").bind(At(at)).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM blocks WHERE ended_at < $1").bind(At(at)).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(forgotten.rows_affected())
    }
}

impl SqlStore {
    async fn place_of(&self, id: ActivityId) -> Result<Option<(Timestamp, ActivityId)>, StoreError> {
        let row = sqlx::query("SELECT at FROM activity WHERE id = $1")
            .bind(Key::from(id))
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| Ok((read::<At>(&row, "at")?.0, id))).transpose()
    }

    /// The next entries that are not out of the question.
    async fn candidates(
        &self,
        query: &ActivityQuery,
        place: Option<&(Timestamp, ActivityId)>,
    ) -> Result<Vec<Candidate>, StoreError> {
        let viewer = Key::from(query.viewer);
        let mut select = QueryBuilder::<Db>::new(
            "SELECT a.*, users.username, choices.privacy, friendships.since AS friends_since \
             FROM activity AS a JOIN users ON users.id = a.user_id \
             LEFT JOIN choices ON choices.user_id = a.user_id \
             LEFT JOIN friendships ON friendships.friend_id = a.user_id AND friendships.user_id = ",
        );
        select.push_bind(viewer).push(" WHERE ");
        match query.scope {
            ActivityScope::Of(user_id) => select.push("a.user_id = ").push_bind(Key::from(user_id)),
            ActivityScope::Friends => select.push("friendships.since IS NOT NULL"),
        };
        if query.scope != ActivityScope::Of(query.viewer) {
            select.push(" AND a.audience IS NOT NULL AND choices.privacy IS NOT NULL AND NOT EXISTS (");
            select.push(
                "SELECT 1 FROM blocks WHERE (ended_at IS NULL OR a.at BETWEEN created_at AND ended_at) AND (",
            );
            select.push("(blocker_id = a.user_id AND blocked_id = ").push_bind(viewer);
            select.push(") OR (blocked_id = a.user_id AND blocker_id = ").push_bind(viewer).push(")))");
        }
        if let Some((at, id)) = place {
            select.push(" AND (a.at, a.id) < (").push_bind(At(*at));
            select.push(", ").push_bind(Key::from(*id)).push(")");
        }
        select.push(" ORDER BY a.at DESC, a.id DESC LIMIT ").push_bind(ROWS_PER_READ);
        let rows = select.build().fetch_all(&self.readers).await?;
        rows.iter().map(read_candidate).collect()
    }
}

fn read_candidate(row: &DbRow) -> Result<Candidate, StoreError> {
    let (Key(id), Key(user_id)) = (read(row, "id")?, read(row, "user_id")?);
    let corrupt = |what| StoreError::Corrupt { id: id.to_string(), what };
    let user_id = UserId(user_id);
    let (kind, status): (String, String) = (read(row, "kind")?, read(row, "status")?);
    let statuses = [Status::Online, Status::Away, Status::Dnd, Status::Offline];
    let is_kind = |it: &ActivityKind| it.as_str() == kind;
    let is_status = |it: &Status| it.as_str() == status;
    let entry = ActivityEntry {
        id: ActivityId(id),
        user_id,
        kind: ActivityKind::ALL.into_iter().find(is_kind).ok_or_else(|| corrupt("kind"))?,
        status: statuses.into_iter().find(is_status).ok_or_else(|| corrupt("status"))?,
        at: read::<At>(row, "at")?.0,
        version: read::<i64>(row, "version")? as u64,
        session_id: read::<Option<Key>>(row, "session_id")?.map(|Key(id)| SessionId(id)),
        audience: read::<Option<Json>>(row, "audience")?
            .map(|Json(text)| serde_json::from_str(&text))
            .transpose()
            .map_err(|_| corrupt("audience"))?,
    };
    Ok(Candidate {
        username: read(row, "username")?,
        privacy_now: read_privacy(row, user_id)?,
        friends_since: read::<Option<At>>(row, "friends_since")?.map(|At(since)| since),
        entry,
    })
}
