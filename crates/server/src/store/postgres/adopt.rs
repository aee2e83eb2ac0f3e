//! People of an app, in its own tables.
//!
//! Our schema has views with the names of the tables of `sql/`, so that every statement there reads the app's people,
//! friends and blocks. The views stand on functions whose text PostgreSQL reads when they are called: nothing of ours
//! depends on a table of the app, which its own migrations may change as if we were not there. Of the app's columns three
//! are written, by a trigger; whatever else is tried on a view fails.

use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};

use super::PostgresStore;
use crate::{
    settings::{AppTables, PairTable, PeopleTable, SqlName, SqlTable},
    store::{Migration, StoreError},
};

/// Behind every step of our own tables.
const ATTACHMENT: Migration =
    Migration { version: 9001, name: std::borrow::Cow::Borrowed("the tables of the app"), is_applied: false };
const COLUMNS: Migration = Migration {
    version: 9000,
    name: std::borrow::Cow::Borrowed("columns of presence in the table of the app"),
    is_applied: false,
};
/// Held while the schema is attached or detached.
const ATTACH_LOCK: i64 = 0x6865_7265_6164_6f70;
/// Where the original's columns come from.
const DJANGO_MIGRATION: &str = "users/0009_user_is_online_user_last_activity_user_last_seen";

impl PostgresStore {
    /// The schema that ours is in.
    pub(super) async fn make_room(&self) -> Result<(), StoreError> {
        let Some(app) = &self.app else { return Ok(()) };
        let is_there: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)")
                .bind(app.schema.as_str())
                .fetch_one(&self.writer)
                .await?;
        if !is_there {
            let create = format!("CREATE SCHEMA IF NOT EXISTS {}", app.schema);
            self.writer.execute(AssertSqlSafe(create)).await?;
        }
        Ok(())
    }

    /// Makes the views, if they are not made for these tables already. Fails where the app's tables are not as named.
    pub(super) async fn attach(&self) -> Result<(), StoreError> {
        let Some(app) = &self.app else { return Ok(()) };
        let mut transaction = self.writer.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(ATTACH_LOCK).execute(&mut *transaction).await?;
        look(&mut transaction, app).await?;
        let wanted = definition(app);
        let present: Option<String> =
            sqlx::query_scalar("SELECT definition FROM attachment").fetch_optional(&mut *transaction).await?;
        if present.as_ref() == Some(&wanted) {
            return Ok(());
        }
        transaction.execute(AssertSqlSafe(wanted.clone())).await?;
        sqlx::query("DELETE FROM attachment").execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO attachment (definition) VALUES ($1)")
            .bind(wanted)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Takes back the newest of what there is beside our own tables: the views, then the columns that we added.
    pub(super) async fn detach(&self) -> Result<Option<Migration>, StoreError> {
        let Some(app) = &self.app else { return Ok(None) };
        if !self.has_own_tables().await? {
            return Ok(None);
        }
        let mut transaction = self.writer.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(ATTACH_LOCK).execute(&mut *transaction).await?;
        let attached =
            sqlx::query("DELETE FROM attachment").execute(&mut *transaction).await?.rows_affected();
        if attached > 0 {
            transaction.execute(UNDO).await?;
            transaction.commit().await?;
            return Ok(Some(ATTACHMENT));
        }
        let added: Vec<String> =
            sqlx::query_scalar("DELETE FROM added_columns WHERE table_name = $1 RETURNING column_name")
                .bind(app.people.table.to_string())
                .fetch_all(&mut *transaction)
                .await?;
        for column in presence_columns(&app.people).map(|(name, _)| name) {
            if added.iter().any(|added| added == column.as_str()) {
                let drop = format!("ALTER TABLE {} DROP COLUMN IF EXISTS {column}", app.people.table);
                transaction.execute(AssertSqlSafe(drop)).await?;
            }
        }
        transaction.commit().await?;
        Ok(if added.is_empty() { None } else { Some(COLUMNS) })
    }

    /// What there is beside our own tables, as a step.
    pub(super) async fn attachment(&self) -> Result<Vec<Migration>, StoreError> {
        let Some(app) = &self.app else { return Ok(Vec::new()) };
        if !self.has_own_tables().await? {
            return Ok(vec![ATTACHMENT]);
        }
        let present: Option<String> =
            sqlx::query_scalar("SELECT definition FROM attachment").fetch_optional(&self.writer).await?;
        let has_added: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM added_columns)").fetch_one(&self.writer).await?;
        let columns = has_added.then_some(Migration { is_applied: true, ..COLUMNS });
        let is_applied = present.is_some_and(|present| present == definition(app));
        Ok(columns.into_iter().chain([Migration { is_applied, ..ATTACHMENT }]).collect())
    }

    /// Adds what is missing of the three columns to the app's table, and notes it for the way back.
    pub(super) async fn add_columns(&self) -> Result<Vec<String>, StoreError> {
        let Some(app) = &self.app else {
            let what = "--adopt adds columns to the table of an app: give --directory adopt too";
            return Err(StoreError::Unadoptable(what.to_owned()));
        };
        let mut transaction = self.writer.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(ATTACH_LOCK).execute(&mut *transaction).await?;
        let there = columns(&mut transaction, &app.people.table).await?;
        if there.is_empty() {
            return Err(StoreError::Unadoptable(no_table(&app.people.table, "people")));
        }
        let mut added = Vec::new();
        for (column, kind) in presence_columns(&app.people) {
            if there.iter().any(|it| it.name == column.as_str()) {
                continue;
            }
            let (table, default) =
                (&app.people.table, if kind == BOOLEAN { "NOT NULL DEFAULT false" } else { "" });
            let add = format!("ALTER TABLE {table} ADD COLUMN {column} {kind} {default}");
            transaction.execute(AssertSqlSafe(add)).await?;
            if *column != app.people.last_activity {
                let index = format!("CREATE INDEX ON {table} ({column})");
                transaction.execute(AssertSqlSafe(index)).await?;
            }
            sqlx::query("INSERT INTO added_columns (table_name, column_name) VALUES ($1, $2)")
                .bind(table.to_string())
                .bind(column.as_str())
                .execute(&mut *transaction)
                .await?;
            added.push(column.as_str().to_owned());
        }
        transaction.commit().await?;
        Ok(added)
    }

    async fn has_own_tables(&self) -> Result<bool, StoreError> {
        let query = "SELECT to_regclass('attachment') IS NOT NULL";
        Ok(sqlx::query_scalar(query).fetch_one(&self.writer).await?)
    }
}

const BOOLEAN: &str = "boolean";
const TIME: &str = "timestamp with time zone";
const UUID: &str = "uuid";
/// Any type that can be shown as text.
const TEXT: &str = "";

const fn presence_columns(people: &PeopleTable) -> [(&SqlName, &'static str); 3] {
    [(&people.is_online, BOOLEAN), (&people.last_seen, TIME), (&people.last_activity, TIME)]
}

/// A column as the database has it.
struct Column {
    name: String,
    kind: String,
    may_read: bool,
    may_write: bool,
}

/// The columns of a table; none when there is no such table.
async fn columns(connection: &mut PgConnection, table: &SqlTable) -> Result<Vec<Column>, StoreError> {
    let rows = sqlx::query(
        "SELECT attname::text, format_type(atttypid, NULL), has_column_privilege(attrelid, attnum, 'SELECT'), \
         has_column_privilege(attrelid, attnum, 'UPDATE') \
         FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
    )
    .bind(table.to_string())
    .fetch_all(connection)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Column {
            name: row.try_get(0)?,
            kind: row.try_get(1)?,
            may_read: row.try_get(2)?,
            may_write: row.try_get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Whether the app's tables are as the settings name them and may be used; all faults at once.
async fn look(connection: &mut PgConnection, app: &AppTables) -> Result<(), StoreError> {
    let mut faults = Vec::new();
    let PeopleTable { table, id, username, slug, picture, joined, active, .. } = &app.people;
    let mut wanted = vec![(id, UUID), (username, TEXT)];
    let optional = [(slug, TEXT), (picture, TEXT), (joined, TIME), (active, BOOLEAN)];
    wanted.extend(optional.into_iter().filter_map(|(name, kind)| Some((name.as_ref()?, kind))));
    let there = columns(connection, table).await?;
    if there.is_empty() {
        faults.push(no_table(table, "people"));
    } else {
        for (name, kind) in wanted {
            faults.extend(fault(table, &there, name, kind, false));
        }
        let presence = presence_columns(&app.people);
        let missing: Vec<_> =
            presence.iter().filter(|(name, _)| there.iter().all(|it| it.name != name.as_str())).collect();
        if !missing.is_empty() {
            faults
                .push(no_presence(table, &missing.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()));
        }
        for (name, kind) in presence.iter().filter(|it| !missing.contains(it)) {
            faults.extend(fault(table, &there, name, kind, true));
        }
    }
    for (pairs, what) in [(&app.friends, "friends"), (&app.blocks, "blocks")] {
        let Some(PairTable { table, one, other }) = pairs else { continue };
        let there = columns(connection, table).await?;
        if there.is_empty() {
            faults
                .push(format!("{}, or --adopt-{what} '' where the app has no {what}", no_table(table, what)));
            continue;
        }
        faults.extend([one, other].into_iter().filter_map(|name| fault(table, &there, name, UUID, false)));
    }
    if faults.is_empty() { Ok(()) } else { Err(StoreError::Unadoptable(faults.join("; "))) }
}

fn no_table(table: &SqlTable, what: &str) -> String {
    format!("there is no table {} that we may see; name the app's with --adopt-{what}", table.shown())
}

fn no_presence(table: &SqlTable, missing: &[&str]) -> String {
    format!(
        "{} has no column {}: the Django migration {DJANGO_MIGRATION} adds it (`python manage.py migrate users`), or \
         `hereabouts migrate up --adopt` does; other names are settings (--adopt-is-online, --adopt-last-seen, \
         --adopt-last-activity)",
        table.shown(),
        missing.join(", ")
    )
}

/// What is wrong with a column.
fn fault(table: &SqlTable, there: &[Column], name: &SqlName, kind: &str, is_written: bool) -> Option<String> {
    let (shown, name) = (table.shown(), name.as_str());
    let Some(column) = there.iter().find(|column| column.name == name) else {
        return Some(format!("{shown} has no column {name}; see --adopt-* in `hereabouts help serve`"));
    };
    if kind != TEXT && column.kind != kind {
        return Some(format!("{shown}.{name} is {}, and must be {kind}", column.kind));
    }
    let missing = match (column.may_read, column.may_write || !is_written) {
        (true, true) => return None,
        (false, _) => "SELECT",
        (true, false) => "UPDATE",
    };
    Some(format!("we may not use {shown}.{name}: GRANT {missing} ({name}) ON {table} TO our user"))
}

const UNDO: &str = "DROP VIEW IF EXISTS users, friendships, blocks; \
                    DROP FUNCTION IF EXISTS app_people, app_friendships, app_blocks, write_presence, refuse";

/// What is executed to attach. Of the settings only names stand in it, which are letters, digits and `_`.
fn definition(app: &AppTables) -> String {
    let friendships = match &app.friends {
        None => NO_PAIRS.to_owned(),
        Some(PairTable { table, one, other }) if app.is_friendship_one_row => format!(
            "SELECT {one}, {other}, {LONG_AGO} FROM {table} WHERE {one} <> {other} \
             UNION SELECT {other}, {one}, {LONG_AGO} FROM {table} WHERE {one} <> {other}"
        ),
        Some(PairTable { table, one, other }) => format!(
            "SELECT DISTINCT mine.{one}, mine.{other}, {LONG_AGO} FROM {table} AS mine \
             JOIN {table} AS theirs ON theirs.{one} = mine.{other} AND theirs.{other} = mine.{one} \
             WHERE mine.{one} <> mine.{other}"
        ),
    };
    let blocks = match &app.blocks {
        None => format!("SELECT pair.*, NULL::timestamptz FROM ({NO_PAIRS}) AS pair"),
        Some(PairTable { table, one, other }) => format!(
            "SELECT DISTINCT {one}, {other}, {LONG_AGO}, NULL::timestamptz FROM {table} \
             WHERE {one} <> {other}"
        ),
    };
    let (people, write) = (select_people(&app.people), write_presence(&app.people));
    format!(
        "SET LOCAL client_min_messages = warning;
{UNDO};
CREATE FUNCTION app_people() RETURNS TABLE (id uuid, username text, slug text, profile_image_url text,
    created_at timestamptz, is_online boolean, last_seen timestamptz, last_activity timestamptz, disabled_at timestamptz)
LANGUAGE sql STABLE AS $sql$ {people} $sql$;
CREATE FUNCTION app_friendships() RETURNS TABLE (user_id uuid, friend_id uuid, since timestamptz)
LANGUAGE sql STABLE AS $sql$ {friendships} $sql$;
CREATE FUNCTION app_blocks() RETURNS TABLE (blocker_id uuid, blocked_id uuid, created_at timestamptz, ended_at timestamptz)
LANGUAGE sql STABLE AS $sql$ {blocks} $sql$;
CREATE VIEW users AS SELECT * FROM app_people();
CREATE VIEW friendships AS SELECT * FROM app_friendships();
CREATE VIEW blocks AS SELECT * FROM app_blocks();
CREATE FUNCTION write_presence() RETURNS trigger LANGUAGE plpgsql AS $sql$ {write} $sql$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $sql$
BEGIN RAISE 'these rows are the app''s: change them there' USING ERRCODE = 'insufficient_privilege'; END $sql$;
CREATE TRIGGER presence INSTEAD OF UPDATE ON users FOR EACH ROW EXECUTE FUNCTION write_presence();
CREATE TRIGGER refused INSTEAD OF INSERT OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refused INSTEAD OF INSERT OR UPDATE OR DELETE ON friendships FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refused INSTEAD OF INSERT OR UPDATE OR DELETE ON blocks FOR EACH ROW EXECUTE FUNCTION refuse();"
    )
}

/// For what the app has no time of.
const LONG_AGO: &str = "'2000-01-01T00:00:00Z'::timestamptz";
const NO_PAIRS: &str = "SELECT NULL::uuid, NULL::uuid, NULL::timestamptz WHERE false";

fn select_people(people: &PeopleTable) -> String {
    let PeopleTable { table, id, username, is_online, last_seen, last_activity, .. } = people;
    let text = |column: Option<&SqlName>| {
        column.map_or_else(|| "NULL::text".to_owned(), |column| format!("nullif(p.{column}::text, '')"))
    };
    let (slug, picture) = (text(people.slug.as_ref()), text(people.picture.as_ref()));
    let joined = people
        .joined
        .as_ref()
        .map_or_else(|| LONG_AGO.to_owned(), |joined| format!("greatest(p.{joined}, {LONG_AGO})"));
    let disabled = people.active.as_ref().map_or_else(
        || "NULL::timestamptz".to_owned(),
        |active| format!("CASE WHEN p.{active} THEN NULL ELSE {LONG_AGO} END"),
    );
    format!(
        "SELECT p.{id}, coalesce(p.{username}::text, ''), coalesce({slug}, ''), {picture}, {joined}, \
         p.{is_online} IS TRUE, p.{last_seen}, p.{last_activity}, {disabled} FROM {table} AS p"
    )
}

/// A row that has it already is not written again.
fn write_presence(people: &PeopleTable) -> String {
    let PeopleTable { table, id, is_online, last_seen, last_activity, .. } = people;
    format!(
        "BEGIN \
         IF (NEW.username, NEW.profile_image_url, NEW.disabled_at) IS DISTINCT FROM \
            (OLD.username, OLD.profile_image_url, OLD.disabled_at) THEN \
           RAISE 'this row is the app''s: change it there' USING ERRCODE = 'insufficient_privilege'; \
         END IF; \
         UPDATE {table} AS p SET {is_online} = NEW.is_online, {last_seen} = NEW.last_seen, \
           {last_activity} = NEW.last_activity \
         WHERE p.{id} = NEW.id AND (p.{is_online}, p.{last_seen}, p.{last_activity}) IS DISTINCT FROM \
           (NEW.is_online, NEW.last_seen, NEW.last_activity); \
         RETURN NEW; END"
    )
}
