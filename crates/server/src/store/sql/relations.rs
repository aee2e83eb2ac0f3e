//! Friends, requests and blocks.

use async_trait::async_trait;
use hereabouts_protocol::{RequestId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::{
    Db, DbConnection, DbRow, SqlStore,
    users::{COLUMN_NAMES, read, read_user, readable},
};
use crate::{
    limits::{BLOCKS_MAX, FRIENDS_MAX, REQUESTS_MAX},
    store::{
        Accepted, Blocked, Direction, NewRequest, PendingRequest, RelationStore, Relations, Requested, Slice,
        Sliced, StoreError, User,
        columns::{At, Key},
    },
};

#[async_trait]
impl RelationStore for SqlStore {
    async fn relations(&self, id: UserId) -> Result<Relations, StoreError> {
        let rows: Vec<(i64, Key)> = sqlx::query_as(
            "SELECT CAST(0 AS bigint), friend_id FROM friendships WHERE user_id = $1 \
             UNION ALL SELECT CAST(1 AS bigint), blocked_id FROM blocks WHERE blocker_id = $1 AND ended_at IS NULL \
             UNION ALL SELECT CAST(2 AS bigint), blocker_id FROM blocks WHERE blocked_id = $1 AND ended_at IS NULL",
        )
        .bind(Key::from(id))
        .fetch_all(&self.readers)
        .await?;
        let mut relations = Relations::default();
        for (kind, Key(other)) in rows {
            let list = match kind {
                0 => &mut relations.friends,
                1 => &mut relations.blocks,
                _ => &mut relations.blocked_by,
            };
            list.push(UserId(other));
        }
        Ok(relations)
    }

    async fn friends(&self, id: UserId, slice: Slice) -> Result<Sliced<User>, StoreError> {
        const FRIENDS: &str =
            " FROM users JOIN friendships ON friendships.friend_id = users.id WHERE friendships.user_id = ";
        let count = self.count("SELECT count(*) FROM friendships WHERE user_id = $1", id).await?;
        let rows = QueryBuilder::<Db>::new("SELECT ")
            .push(COLUMN_NAMES)
            .push(FRIENDS)
            .push_bind(Key::from(id))
            .push(" ORDER BY username, users.id LIMIT ")
            .push_bind(i64::from(slice.limit))
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
        if let Some(old) = pending(&mut transaction, from, to).await? {
            return Ok(Requested::Pending { id: old.id, created_at: old.created_at });
        }
        let waiting = "SELECT count(*) FROM friend_requests WHERE from_id = $1";
        if count(&mut transaction, waiting, from).await? >= REQUESTS_MAX {
            return Ok(Requested::TooMany);
        }
        let is_asked = pending(&mut transaction, to, from).await?.is_some_and(|asked| !asked.is_muted);
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
            "INSERT INTO friend_requests (id, from_id, to_id, is_muted, created_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(Key::from(id))
        .bind(Key::from(from))
        .bind(Key::from(to))
        .bind(is_muted)
        .bind(At(at))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Requested::Pending { id, created_at: at })
    }

    async fn requests(
        &self,
        id: UserId,
        direction: Direction,
        slice: Slice,
    ) -> Result<Sliced<PendingRequest>, StoreError> {
        let (mine, others, seen) = match direction {
            Direction::Incoming => ("to_id", "from_id", " AND NOT is_muted"),
            Direction::Outgoing => ("from_id", "to_id", ""),
        };
        let mut counted = QueryBuilder::<Db>::new("SELECT count(*) FROM friend_requests WHERE ");
        counted.push(mine).push(" = ").push_bind(Key::from(id)).push(seen);
        let count: i64 = counted.build_query_scalar().fetch_one(&self.readers).await?;
        let Some(me) = crate::store::Store::user(self, id).await? else {
            return Ok(Sliced { count: 0, rows: Vec::new() });
        };
        let mut listed = QueryBuilder::<Db>::new("SELECT friend_requests.id AS request_id, ");
        listed.push("friend_requests.created_at AS requested_at, ").push(COLUMN_NAMES);
        listed.push(" FROM friend_requests JOIN users ON users.id = ").push(others).push(" WHERE ");
        listed.push(mine).push(" = ").push_bind(Key::from(id)).push(seen);
        listed.push(" ORDER BY requested_at DESC, request_id LIMIT ").push_bind(i64::from(slice.limit));
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
        let from: Option<Key> = sqlx::query_scalar(
            "SELECT from_id FROM friend_requests WHERE id = $1 AND to_id = $2 AND NOT is_muted",
        )
        .bind(Key::from(id))
        .bind(Key::from(by))
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(Key(from)) = from else { return Ok(Accepted::Gone) };
        let from = UserId(from);
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
            "DELETE FROM friend_requests WHERE id = $1 AND (from_id = $2 OR (to_id = $2 AND NOT is_muted))",
        )
        .bind(Key::from(id))
        .bind(Key::from(by))
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
        let in_force = "SELECT count(*) FROM blocks WHERE blocker_id = $1 AND ended_at IS NULL";
        if count(&mut transaction, in_force, by).await? >= BLOCKS_MAX {
            return Ok(Blocked::TooMany);
        }
        sqlx::query("INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES ($1, $2, $3)")
            .bind(Key::from(by))
            .bind(Key::from(whom))
            .bind(At(at))
            .execute(&mut *transaction)
            .await?;
        end_friendship(&mut transaction, by, whom).await?;
        // What the blocked one asked stays in their list, as if it were never answered; what the blocker asked is over.
        sqlx::query("UPDATE friend_requests SET is_muted = true WHERE from_id = $1 AND to_id = $2")
            .bind(Key::from(whom))
            .bind(Key::from(by))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM friend_requests WHERE from_id = $1 AND to_id = $2")
            .bind(Key::from(by))
            .bind(Key::from(whom))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Blocked::Done)
    }

    async fn unblock(&self, by: UserId, whom: UserId, at: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin_write().await?;
        let ended = sqlx::query(
            "UPDATE blocks SET ended_at = $1 WHERE blocker_id = $2 AND blocked_id = $3 AND ended_at IS NULL",
        )
        .bind(At(at))
        .bind(Key::from(by))
        .bind(Key::from(whom))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() > 0)
    }

    async fn blocks(&self, id: UserId, slice: Slice) -> Result<Sliced<(User, Timestamp)>, StoreError> {
        let count =
            self.count("SELECT count(*) FROM blocks WHERE blocker_id = $1 AND ended_at IS NULL", id).await?;
        let rows = QueryBuilder::<Db>::new("SELECT blocks.created_at AS blocked_at, ")
            .push(COLUMN_NAMES)
            .push(" FROM users JOIN blocks ON blocks.blocked_id = users.id WHERE blocks.blocker_id = ")
            .push_bind(Key::from(id))
            .push(" AND ended_at IS NULL ORDER BY username, users.id LIMIT ")
            .push_bind(i64::from(slice.limit))
            .push(" OFFSET ")
            .push_bind(slice.offset as i64)
            .build()
            .fetch_all(&self.readers)
            .await?;
        let rows = rows.iter().map(|row| Ok((read_user(row)?, read::<At>(row, "blocked_at")?.0)));
        Ok(Sliced { count, rows: rows.collect::<Result<_, StoreError>>()? })
    }
}

impl SqlStore {
    async fn count(&self, query: &'static str, id: UserId) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(query).bind(Key::from(id)).fetch_one(&self.readers).await?;
        Ok(count as u64)
    }
}

async fn count(connection: &mut DbConnection, query: &'static str, id: UserId) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(query).bind(Key::from(id)).fetch_one(connection).await?;
    Ok(count as u64)
}

/// Whether both are in the users table.
pub(super) async fn are_known(
    connection: &mut DbConnection,
    people: [UserId; 2],
) -> Result<bool, StoreError> {
    exist(connection, "SELECT count(*) = 2 FROM users WHERE id IN ($1, $2)", people).await
}

/// Whether both are in the users table and may come in.
async fn are_welcome(connection: &mut DbConnection, people: [UserId; 2]) -> Result<bool, StoreError> {
    let query = "SELECT count(*) = 2 FROM users WHERE id IN ($1, $2) AND disabled_at IS NULL";
    exist(connection, query, people).await
}

async fn are_friends(connection: &mut DbConnection, one: UserId, other: UserId) -> Result<bool, StoreError> {
    let query = "SELECT EXISTS (SELECT 1 FROM friendships WHERE user_id = $1 AND friend_id = $2)";
    exist(connection, query, [one, other]).await
}

async fn is_blocking(connection: &mut DbConnection, by: UserId, whom: UserId) -> Result<bool, StoreError> {
    let query =
        "SELECT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $1 AND blocked_id = $2 AND ended_at IS NULL)";
    exist(connection, query, [by, whom]).await
}

async fn exist(
    connection: &mut DbConnection,
    query: &'static str,
    people: [UserId; 2],
) -> Result<bool, StoreError> {
    let [one, other] = people.map(Key::from);
    Ok(sqlx::query_scalar(query).bind(one).bind(other).fetch_one(connection).await?)
}

/// Whether both may have one more friend.
async fn have_room(connection: &mut DbConnection, people: [UserId; 2]) -> Result<bool, StoreError> {
    for id in people {
        if count(connection, "SELECT count(*) FROM friendships WHERE user_id = $1", id).await? >= FRIENDS_MAX
        {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Asked {
    id: RequestId,
    is_muted: bool,
    created_at: Timestamp,
}

/// The request of one person to another.
async fn pending(
    connection: &mut DbConnection,
    from: UserId,
    to: UserId,
) -> Result<Option<Asked>, StoreError> {
    let row: Option<(Key, bool, At)> = sqlx::query_as(
        "SELECT id, is_muted, created_at FROM friend_requests WHERE from_id = $1 AND to_id = $2",
    )
    .bind(Key::from(from))
    .bind(Key::from(to))
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(Key(id), is_muted, At(created_at))| Asked { id: RequestId(id), is_muted, created_at }))
}

/// Makes two people friends, and answers what they asked of each other.
async fn befriend(
    connection: &mut DbConnection,
    one: UserId,
    other: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO friendships (user_id, friend_id, since) VALUES ($1, $2, $3), ($2, $1, $3)")
        .bind(Key::from(one))
        .bind(Key::from(other))
        .bind(At(at))
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM friend_requests WHERE (from_id = $1 AND to_id = $2) OR (from_id = $2 AND to_id = $1)",
    )
    .bind(Key::from(one))
    .bind(Key::from(other))
    .execute(connection)
    .await?;
    Ok(())
}

async fn end_friendship(
    connection: &mut DbConnection,
    one: UserId,
    other: UserId,
) -> Result<bool, StoreError> {
    let ended = sqlx::query(
        "DELETE FROM friendships WHERE (user_id = $1 AND friend_id = $2) OR (user_id = $2 AND friend_id = $1)",
    )
    .bind(Key::from(one))
    .bind(Key::from(other))
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}

fn read_request(row: &DbRow) -> Result<(RequestId, Timestamp), StoreError> {
    let (Key(id), At(at)) = (read(row, "request_id")?, read(row, "requested_at")?);
    Ok((RequestId(id), at))
}
