//! Where an app that has the people keeps them (`--directory adopt`): the names of its tables and columns, each checked,
//! because they become part of SQL.

use std::{fmt, time::Duration};

use super::{Faults, fault::Refused, parse};
use crate::cli::flags::AdoptFlags;

/// Names are cut there by PostgreSQL.
const NAME_BYTES_MAX: usize = 63;
const PRESETS: &str = "django: the tables that Django makes of the original's models";

/// A name in the database, shown in quotes as SQL needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlName(String);

/// A table with its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlTable {
    schema: SqlName,
    table: SqlName,
}

/// The tables of the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppTables {
    /// Our own schema, beside the app's.
    pub schema: SqlName,
    /// People: read, but for the three columns of presence.
    pub people: PeopleTable,
    /// Friends; `None`: the app has none.
    pub friends: Option<PairTable>,
    /// Whether one row makes two friends; otherwise each has a row.
    pub is_friendship_one_row: bool,
    /// Who blocks whom; `None`: nobody does.
    pub blocks: Option<PairTable>,
    /// What the app changes is noticed within this time.
    pub refresh: Duration,
}

/// A table of people. Columns that are `None` are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleTable {
    /// The table.
    pub table: SqlTable,
    /// `uuid`.
    pub id: SqlName,
    /// Their name.
    pub username: SqlName,
    /// The name in addresses.
    pub slug: Option<SqlName>,
    /// The address of a picture.
    pub picture: Option<SqlName>,
    /// When they joined.
    pub joined: Option<SqlName>,
    /// Whether they may come in.
    pub active: Option<SqlName>,
    /// Written: whether they are online for everybody.
    pub is_online: SqlName,
    /// Written: when they were last seen.
    pub last_seen: SqlName,
    /// Written: the same time.
    pub last_activity: SqlName,
}

/// A table of pairs of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairTable {
    /// The table.
    pub table: SqlTable,
    /// Who befriended or blocks.
    pub one: SqlName,
    /// Whom.
    pub other: SqlName,
}

impl SqlName {
    /// The name without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Letters, digits and `_` only: nothing that could end a quoted name.
    fn parse(text: &str) -> Result<Self, Refused> {
        let is_start = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
        let is_name = text.bytes().next().as_ref().is_some_and(is_start)
            && text.bytes().all(|byte| is_start(&byte) || byte.is_ascii_digit())
            && text.len() <= NAME_BYTES_MAX;
        if is_name { Ok(Self(text.to_owned())) } else { Err(not_a_name(text)) }
    }
}

impl fmt::Display for SqlName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl SqlTable {
    fn parse(text: &str) -> Result<Self, Refused> {
        let (schema, table) = text.split_once('.').unwrap_or(("public", text));
        let parsed = SqlName::parse(schema).and_then(|schema| Ok((schema, SqlName::parse(table)?)));
        parsed.map(|(schema, table)| Self { schema, table }).map_err(|_| not_a_name(text))
    }

    /// Its name for people: without the schema where that is `public`.
    pub fn shown(&self) -> String {
        match self.schema.as_str() {
            "public" => self.table.0.clone(),
            schema => format!("{schema}.{}", self.table.0),
        }
    }
}

impl fmt::Display for SqlTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

fn not_a_name(text: &str) -> Refused {
    let right = "a name of letters, digits and _; a table may have its schema before it: accounts.users_user";
    (format!("\"{text}\" is no name of a table or column"), right.to_owned())
}

/// Reads a name; an empty one stays for "there is none" where that is possible.
macro_rules! names {
    ($faults:ident, $flags:ident, $parse:path, $field:ident, $setting:literal) => {
        $faults.check($setting, $parse($flags.$field.trim()).map(Some), None)
    };
    (optional $faults:ident, $flags:ident, $parse:path, $field:ident, $setting:literal) => {
        if $flags.$field.trim().is_empty() { None } else { names!($faults, $flags, $parse, $field, $setting) }
    };
}

/// The tables as the flags name them; `None` after a fault.
pub(super) fn check(flags: &AdoptFlags, faults: &mut Faults) -> Option<AppTables> {
    let preset = match flags.adopt_preset.as_str() {
        "django" => Ok(()),
        other => Err((format!("\"{other}\" is no preset"), PRESETS.to_owned())),
    };
    faults.check("--adopt-preset (HEREABOUTS_ADOPT_PRESET)", preset, ());
    let schema =
        names!(faults, flags, SqlName::parse, adopt_schema, "--adopt-schema (HEREABOUTS_ADOPT_SCHEMA)");
    let people = check_people(flags, faults);
    let friends = check_friends(flags, faults);
    let blocks = check_blocks(flags, faults);
    let rows = match flags.adopt_friends_rows.as_str() {
        "one" => Ok(true),
        "two" => Ok(false),
        other => Err((
            format!("\"{other}\" is neither"),
            "one: a row of either makes two people friends; two: each has a row of their own".to_owned(),
        )),
    };
    let is_friendship_one_row =
        faults.check("--adopt-friends-rows (HEREABOUTS_ADOPT_FRIENDS_ROWS)", rows, true);
    let refresh = parse::duration(&flags.adopt_refresh, Duration::from_secs(1), Duration::from_hours(1));
    let refresh = faults.check("--adopt-refresh (HEREABOUTS_ADOPT_REFRESH)", refresh, Duration::ZERO);
    Some(AppTables { schema: schema?, people: people?, friends, is_friendship_one_row, blocks, refresh })
}

fn check_people(flags: &AdoptFlags, faults: &mut Faults) -> Option<PeopleTable> {
    let table =
        names!(faults, flags, SqlTable::parse, adopt_people, "--adopt-people (HEREABOUTS_ADOPT_PEOPLE)");
    let id = names!(faults, flags, SqlName::parse, adopt_id, "--adopt-id (HEREABOUTS_ADOPT_ID)");
    let username = "--adopt-username (HEREABOUTS_ADOPT_USERNAME)";
    let username = faults.check(username, SqlName::parse(flags.adopt_username.trim()).map(Some), None);
    let slug =
        names!(optional faults, flags, SqlName::parse, adopt_slug, "--adopt-slug (HEREABOUTS_ADOPT_SLUG)");
    let picture = names!(optional faults, flags, SqlName::parse, adopt_picture, "--adopt-picture (HEREABOUTS_ADOPT_PICTURE)");
    let joined = names!(optional faults, flags, SqlName::parse, adopt_joined, "--adopt-joined (HEREABOUTS_ADOPT_JOINED)");
    let active = names!(optional faults, flags, SqlName::parse, adopt_active, "--adopt-active (HEREABOUTS_ADOPT_ACTIVE)");
    let is_online = names!(
        faults,
        flags,
        SqlName::parse,
        adopt_is_online,
        "--adopt-is-online (HEREABOUTS_ADOPT_IS_ONLINE)"
    );
    let last_seen = names!(
        faults,
        flags,
        SqlName::parse,
        adopt_last_seen,
        "--adopt-last-seen (HEREABOUTS_ADOPT_LAST_SEEN)"
    );
    let last_activity = "--adopt-last-activity (HEREABOUTS_ADOPT_LAST_ACTIVITY)";
    let last_activity =
        faults.check(last_activity, SqlName::parse(flags.adopt_last_activity.trim()).map(Some), None);
    Some(PeopleTable {
        table: table?,
        id: id?,
        username: username?,
        slug,
        picture,
        joined,
        active,
        is_online: is_online?,
        last_seen: last_seen?,
        last_activity: last_activity?,
    })
}

fn check_friends(flags: &AdoptFlags, faults: &mut Faults) -> Option<PairTable> {
    let table = names!(optional faults, flags, SqlTable::parse, adopt_friends, "--adopt-friends (HEREABOUTS_ADOPT_FRIENDS)");
    let one = "--adopt-friends-user (HEREABOUTS_ADOPT_FRIENDS_USER)";
    let one = faults.check(one, SqlName::parse(flags.adopt_friends_user.trim()).map(Some), None);
    let other = "--adopt-friends-friend (HEREABOUTS_ADOPT_FRIENDS_FRIEND)";
    let other = faults.check(other, SqlName::parse(flags.adopt_friends_friend.trim()).map(Some), None);
    Some(PairTable { table: table?, one: one?, other: other? })
}

fn check_blocks(flags: &AdoptFlags, faults: &mut Faults) -> Option<PairTable> {
    let table = names!(optional faults, flags, SqlTable::parse, adopt_blocks, "--adopt-blocks (HEREABOUTS_ADOPT_BLOCKS)");
    let one = "--adopt-blocks-user (HEREABOUTS_ADOPT_BLOCKS_USER)";
    let one = faults.check(one, SqlName::parse(flags.adopt_blocks_user.trim()).map(Some), None);
    let other = "--adopt-blocks-blocked (HEREABOUTS_ADOPT_BLOCKS_BLOCKED)";
    let other = faults.check(other, SqlName::parse(flags.adopt_blocks_blocked.trim()).map(Some), None);
    Some(PairTable { table: table?, one: one?, other: other? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_become_sql() {
        assert_eq!(SqlTable::parse("users_user").unwrap().to_string(), "\"public\".\"users_user\"");
        assert_eq!(SqlTable::parse("app.users").unwrap().to_string(), "\"app\".\"users\"");
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        for bad in ["", "a b", "a\"b", "a;b", "1a", "a.b.c", "a.", ".a", "ä", "a-b", "a\0", "$$", &long] {
            assert!(SqlTable::parse(bad).is_err(), "{bad:?}");
            assert!(SqlName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
