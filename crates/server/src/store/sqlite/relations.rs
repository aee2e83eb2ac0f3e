//! Friends, requests and blocks in SQLite.

use async_trait::async_trait;
use hereabouts_protocol::{RequestId, Timestamp, UserId};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{COLUMN_NAMES, SqliteStore, read_user, read_user_id, readable};
use crate::{
    limits::{BLOCKS_MAX, FRIENDS_MAX, REQUESTS_MAX},
    store::{
        Accepted, Blocked, Direction, NewRequest, PendingRequest, RelationStore, Relations, Requested, Slice,
        Sliced, StoreError, User,
    },
};

#[async_trait]
impl RelationStore for SqliteStore {
    async fn relations(&self, id: UserId) -> Result<Relations, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT 0, friend_id FROM friendships WHERE user_id = ?1 \
             UNION ALL SELECT 1, blocked_id FROM blocks WHERE blocker_id = ?1 AND ended_at IS NULL \
             UNION ALL SELECT 2, blocker_id FROM blocks WHERE blocked_id = ?1 AND ended_at IS NULL",
        )
        .bind(id.to_string())
        .fetch_all(&self.readers)
        .await?;
        let mut relations = Relations::default();
        for (kind, other) in rows {
            let list = match kind {
                0 => &mut relations.friends,
                1 => &mut relations.blocks,
                _ => &mut relations.blocked_by,
            };
            list.push(read_user_id(&other)?);
        }
        Ok(relations)
    }

    async fn friends(&self, id: UserId, slice: Slice) -> Result<Sliced<User>, StoreError> {
        const FRIENDS: &str =
            " FROM users JOIN friendships ON friendships.friend_id = users.id WHERE friendships.user_id = ";
        let count = self.count("SELECT count(*) FROM friendships WHERE user_id = ?", id).await?;
        let rows = QueryBuilder::<Sqlite>::new("SELECT ")
            .push(COLUMN_NAMES)
            .push(FRIENDS)
            .push_bind(id.to_string())
            .push(" ORDER BY username, users.id LIMIT ")
            .push_bind(slice.limit)
            .push(" OFFSET ")
            .push_bind(slice.offset as i64)
            .build()
            .fetch_all(&self.readers)
            .await?;
        Ok(Sliced { count, rows: readable(&rows) })
    }

    async fn request_friend(&self, request: &NewRequest) -> Result<Requested, StoreError> {
        let NewRequest { id, from, to, at } = *request;
        let mut transaction = self.begin_write().await?;
        if !are_welcome(&mut transaction, [from, to]).await? {
            return Ok(Requested::Unknown);
        }
        if is_blocking(&mut transaction, from, to).await? {
            return Ok(Requested::Blocking);
        }
        if are_friends(&mut transaction, from, to).await? {
            return Ok(Requested::AlreadyFriends);
        }
        if let Some((id, _)) = pending(&mut transaction, from, to).await? {
            return Ok(Requested::Pending { id, is_old: true });
        }
        let waiting = "SELECT count(*) FROM friend_requests WHERE from_id = ?";
        if count(&mut transaction, waiting, from).await? >= REQUESTS_MAX {
            return Ok(Requested::TooMany);
        }
        let is_asked = pending(&mut transaction, to, from).await?.is_some_and(|(_, is_muted)| !is_muted);
        if is_asked {
            if !have_room(&mut transaction, [from, to]).await? {
                return Ok(Requested::TooMany);
            }
            befriend(&mut transaction, from, to, at).await?;
            transaction.commit().await?;
            return Ok(Requested::Befriended);
        }
        let is_muted = is_blocking(&mut transaction, to, from).await?;
        sqlx::query(
            "INSERT INTO friend_requests (id, from_id, to_id, is_muted, created_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(id.to_string())
        .bind(from.to_string())
        .bind(to.to_string())
        .bind(is_muted)
        .bind(at.to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Requested::Pending { id, is_old: false })
    }

    async fn requests(
        &self,
        id: UserId,
        direction: Direction,
        slice: Slice,
    ) -> Result<Sliced<PendingRequest>, StoreError> {
        let (mine, others, seen) = match direction {
            Direction::Incoming => ("to_id", "from_id", " AND is_muted = 0"),
            Direction::Outgoing => ("from_id", "to_id", ""),
        };
        let mut counted = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM friend_requests WHERE ");
        counted.push(mine).push(" = ").push_bind(id.to_string()).push(seen);
        let count: i64 = counted.build_query_scalar().fetch_one(&self.readers).await?;
        let Some(me) = crate::store::Store::user(self, id).await? else {
            return Ok(Sliced { count: 0, rows: Vec::new() });
        };
        let mut listed = QueryBuilder::<Sqlite>::new("SELECT friend_requests.id AS request_id, ");
        listed.push("friend_requests.created_at AS requested_at, ").push(COLUMN_NAMES);
        listed.push(" FROM friend_requests JOIN users ON users.id = ").push(others).push(" WHERE ");
        listed.push(mine).push(" = ").push_bind(id.to_string()).push(seen);
        listed.push(" ORDER BY requested_at DESC, request_id LIMIT ").push_bind(slice.limit);
        listed.push(" OFFSET ").push_bind(slice.offset as i64);
        let rows = listed.build().fetch_all(&self.readers).await?;
        let rows = rows.iter().map(|row| {
            let (id, created_at) = read_request(row)?;
            let other = read_user(row)?;
            let (from, to) = match direction {
                Direction::Incoming => (other, me.clone()),
                Direction::Outgoing => (me.clone(), other),
            };
            Ok(PendingRequest { id, from, to, created_at })
        });
        Ok(Sliced { count: count as u64, rows: rows.collect::<Result<_, StoreError>>()? })
    }

    async fn accept_request(&self, id: RequestId, by: UserId, at: Timestamp) -> Result<Accepted, StoreError> {
        let mut transaction = self.begin_write().await?;
        let from: Option<String> = sqlx::query_scalar(
            "SELECT from_id FROM friend_requests WHERE id = ? AND to_id = ? AND is_muted = 0",
        )
        .bind(id.to_string())
        .bind(by.to_string())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(from) = from else { return Ok(Accepted::Gone) };
        let from = read_user_id(&from)?;
        if !have_room(&mut transaction, [from, by]).await? {
            return Ok(Accepted::TooMany);
        }
        befriend(&mut transaction, from, by, at).await?;
        transaction.commit().await?;
        Ok(Accepted::Befriended(from))
    }

    async fn drop_request(&self, id: RequestId, by: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let dropped = sqlx::query(
            "DELETE FROM friend_requests WHERE id = ?1 AND (from_id = ?2 OR (to_id = ?2 AND is_muted = 0))",
        )
        .bind(id.to_string())
        .bind(by.to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(dropped.rows_affected() > 0)
    }

    async fn unfriend(&self, one: UserId, other: UserId) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let was_friend = end_friendship(&mut transaction, one, other).await?;
        transaction.commit().await?;
        Ok(was_friend)
    }

    async fn block(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<Blocked, StoreError> {
        let mut transaction = self.begin_write().await?;
        if !are_known(&mut transaction, [by, whom]).await? {
            return Ok(Blocked::Unknown);
        }
        if is_blocking(&mut transaction, by, whom).await? {
            return Ok(Blocked::Already);
        }
        let in_force = "SELECT count(*) FROM blocks WHERE blocker_id = ? AND ended_at IS NULL";
        if count(&mut transaction, in_force, by).await? >= BLOCKS_MAX {
            return Ok(Blocked::TooMany);
        }
        sqlx::query("INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES (?, ?, ?)")
            .bind(by.to_string())
            .bind(whom.to_string())
            .bind(at.to_string())
            .execute(&mut *transaction)
            .await?;
        end_friendship(&mut transaction, by, whom).await?;
        // What the blocked one asked stays in their list, as if it were never answered; what the blocker asked is over.
        sqlx::query("UPDATE friend_requests SET is_muted = 1 WHERE from_id = ? AND to_id = ?")
            .bind(whom.to_string())
            .bind(by.to_string())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM friend_requests WHERE from_id = ? AND to_id = ?")
            .bind(by.to_string())
            .bind(whom.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Blocked::Done)
    }

    async fn unblock(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let ended = sqlx::query(
            "UPDATE blocks SET ended_at = ? WHERE blocker_id = ? AND blocked_id = ? AND ended_at IS NULL",
        )
        .bind(at.to_string())
        .bind(by.to_string())
        .bind(whom.to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() > 0)
    }

    async fn blocks(&self, id: UserId, slice: Slice) -> Result<Sliced<(User, Timestamp)>, StoreError> {
        let count =
            self.count("SELECT count(*) FROM blocks WHERE blocker_id = ? AND ended_at IS NULL", id).await?;
        let rows = QueryBuilder::<Sqlite>::new("SELECT blocks.created_at AS blocked_at, ")
            .push(COLUMN_NAMES)
            .push(" FROM users JOIN blocks ON blocks.blocked_id = users.id WHERE blocks.blocker_id = ")
            .push_bind(id.to_string())
            .push(" AND ended_at IS NULL ORDER BY username, users.id LIMIT ")
            .push_bind(slice.limit)
            .push(" OFFSET ")
            .push_bind(slice.offset as i64)
            .build()
            .fetch_all(&self.readers)
            .await?;
        let rows = rows.iter().map(|row| Ok((read_user(row)?, read_time(row, "blocked_at")?)));
        Ok(Sliced { count, rows: rows.collect::<Result<_, StoreError>>()? })
    }
}

impl SqliteStore {
    async fn count(&self, query: &'static str, id: UserId) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(query).bind(id.to_string()).fetch_one(&self.readers).await?;
        Ok(count as u64)
    }
}

async fn count(
    connection: &mut SqliteConnection,
    query: &'static str,
    id: UserId,
) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(query).bind(id.to_string()).fetch_one(connection).await?;
    Ok(count as u64)
}

/// Whether both are in the users table.
pub(super) async fn are_known(
    connection: &mut SqliteConnection,
    people: [UserId; 2],
) -> Result<bool, StoreError> {
    exist(connection, "SELECT count(*) = 2 FROM users WHERE id IN (?, ?)", people).await
}

/// Whether both are in the users table and may come in.
async fn are_welcome(connection: &mut SqliteConnection, people: [UserId; 2]) -> Result<bool, StoreError> {
    let query = "SELECT count(*) = 2 FROM users WHERE id IN (?, ?) AND disabled_at IS NULL";
    exist(connection, query, people).await
}

async fn are_friends(
    connection: &mut SqliteConnection,
    one: UserId,
    other: UserId,
) -> Result<bool, StoreError> {
    let query = "SELECT EXISTS (SELECT 1 FROM friendships WHERE user_id = ? AND friend_id = ?)";
    exist(connection, query, [one, other]).await
}

async fn is_blocking(
    connection: &mut SqliteConnection,
    by: UserId,
    whom: UserId,
) -> Result<bool, StoreError> {
    let query =
        "SELECT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ? AND blocked_id = ? AND ended_at IS NULL)";
    exist(connection, query, [by, whom]).await
}

async fn exist(
    connection: &mut SqliteConnection,
    query: &'static str,
    people: [UserId; 2],
) -> Result<bool, StoreError> {
    let [one, other] = people.map(|id| id.to_string());
    Ok(sqlx::query_scalar(query).bind(one).bind(other).fetch_one(connection).await?)
}

/// Whether both may have one more friend.
async fn have_room(connection: &mut SqliteConnection, people: [UserId; 2]) -> Result<bool, StoreError> {
    for id in people {
        if count(connection, "SELECT count(*) FROM friendships WHERE user_id = ?", id).await? >= FRIENDS_MAX {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The request of one person to another, and whether it is muted.
async fn pending(
    connection: &mut SqliteConnection,
    from: UserId,
    to: UserId,
) -> Result<Option<(RequestId, bool)>, StoreError> {
    let row: Option<(String, bool)> =
        sqlx::query_as("SELECT id, is_muted FROM friend_requests WHERE from_id = ? AND to_id = ?")
            .bind(from.to_string())
            .bind(to.to_string())
            .fetch_optional(connection)
            .await?;
    row.map(|(id, is_muted)| Ok((read_request_id(&id)?, is_muted))).transpose()
}

/// Makes two people friends, and answers what they asked of each other.
async fn befriend(
    connection: &mut SqliteConnection,
    one: UserId,
    other: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO friendships (user_id, friend_id, since) VALUES (?1, ?2, ?3), (?2, ?1, ?3)")
        .bind(one.to_string())
        .bind(other.to_string())
        .bind(at.to_string())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM friend_requests WHERE (from_id = ?1 AND to_id = ?2) OR (from_id = ?2 AND to_id = ?1)",
    )
    .bind(one.to_string())
    .bind(other.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn end_friendship(
    connection: &mut SqliteConnection,
    one: UserId,
    other: UserId,
) -> Result<bool, StoreError> {
    let ended = sqlx::query(
        "DELETE FROM friendships WHERE (user_id = ?1 AND friend_id = ?2) OR (user_id = ?2 AND friend_id = ?1)",
    )
    .bind(one.to_string())
    .bind(other.to_string())
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}

fn read_request(row: &SqliteRow) -> Result<(RequestId, Timestamp), StoreError> {
    let id: String = row.try_get("request_id")?;
    Ok((read_request_id(&id)?, read_time(row, "requested_at")?))
}

fn read_request_id(text: &str) -> Result<RequestId, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt { id: text.to_owned(), what: "the id is not a UUID" })
}

pub(super) fn read_time(row: &SqliteRow, column: &'static str) -> Result<Timestamp, StoreError> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Corrupt { id: text.clone(), what: "a time is not readable" })
}
