//! People, whole: a few statements for hundreds of them.

use std::collections::HashMap;

use async_trait::async_trait;
use hereabouts_engine::Watched;
use hereabouts_protocol::UserId;
use sqlx::QueryBuilder;

use super::{
    Db, DbConnection, DbRow, SqlStore, choices,
    users::{COLUMN_NAMES, read, read_user},
};
use crate::{
    limits::ROWS_PER_STATEMENT_MAX,
    store::{Choices, PeopleStore, PersonAtRest, StoreError, columns::Key},
};

const FRIENDS: &str = "SELECT user_id AS one, friend_id AS other FROM friendships WHERE user_id IN ";
const BLOCKS: &str = "SELECT blocker_id AS one, blocked_id AS other FROM blocks WHERE blocker_id IN ";
const WATCHES: &str =
    "SELECT watcher_id AS one, user_id AS other, is_repeat FROM watches WHERE watcher_id IN ";

/// The pairs of two columns, by the first.
type Lists = HashMap<UserId, Vec<UserId>>;

#[async_trait]
impl PeopleStore for SqlStore {
    async fn people(&self, ids: &[UserId]) -> Result<Vec<PersonAtRest>, StoreError> {
        let mut people = Vec::with_capacity(ids.len());
        for ids in ids.chunks(ROWS_PER_STATEMENT_MAX) {
            // One transaction: all lists are of one moment.
            let mut transaction = self.begin_read().await?;
            people.extend(read_people(&mut transaction, ids).await?);
            transaction.commit().await?;
        }
        Ok(people)
    }
}

async fn read_people(connection: &mut DbConnection, ids: &[UserId]) -> Result<Vec<PersonAtRest>, StoreError> {
    let users =
        select(connection, &format!("SELECT {COLUMN_NAMES} FROM users WHERE id IN "), ids, "").await?;
    let rows = select(connection, &format!("{} WHERE user_id IN ", choices::ALL), ids, "").await?;
    let mut choices: HashMap<UserId, Choices> = HashMap::new();
    for row in &rows {
        choices.insert(UserId(read::<Key>(row, "user_id")?.0), choices::read_choices(row)?);
    }
    let mut friends = read_lists(&select(connection, FRIENDS, ids, "").await?)?;
    let mut blocks = read_lists(&select(connection, BLOCKS, ids, " AND ended_at IS NULL").await?)?;
    let mut watches: HashMap<UserId, Vec<Watched>> = HashMap::new();
    for row in &select(connection, WATCHES, ids, "").await? {
        let (one, user_id) = read_pair(row)?;
        let repeats = read(row, "is_repeat")?;
        watches.entry(one).or_default().push(Watched { user_id, repeats });
    }
    let people = users.iter().map(|row| {
        let user = read_user(row)?;
        let id = user.profile.user_id;
        let lists = |lists: &mut Lists| lists.remove(&id).unwrap_or_default();
        let (friends, blocks) = (lists(&mut friends), lists(&mut blocks));
        let person = PersonAtRest::new(user, choices.remove(&id).unwrap_or_default());
        Ok(person.with_lists(friends, blocks, watches.remove(&id).unwrap_or_default()))
    });
    people.collect()
}

/// The rows of a statement that ends in `IN`, for these ids.
async fn select(
    connection: &mut DbConnection,
    statement: &str,
    ids: &[UserId],
    and: &str,
) -> Result<Vec<DbRow>, StoreError> {
    let mut query = QueryBuilder::<Db>::new(statement);
    query.push("(");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(Key::from(*id));
    }
    query.push(")").push(and);
    Ok(query.build().persistent(false).fetch_all(connection).await?)
}

fn read_lists(rows: &[DbRow]) -> Result<Lists, StoreError> {
    let mut lists = Lists::new();
    for row in rows {
        let (one, other) = read_pair(row)?;
        lists.entry(one).or_default().push(other);
    }
    Ok(lists)
}

fn read_pair(row: &DbRow) -> Result<(UserId, UserId), StoreError> {
    Ok((UserId(read::<Key>(row, "one")?.0), UserId(read::<Key>(row, "other")?.0)))
}
