//! Values as people write them: times, numbers, yes and no, the address of a database.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use sqlx::postgres::PgConnectOptions;

use super::{Database, PostgresUrl, fault::Refused};

/// A time such as `25s`, `500ms`, `2m`, `1h` or `7d`; a bare number counts seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let micros_per_unit: u64 = match unit.trim() {
        "ms" => 1_000,
        "" | "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        "d" => 86_400_000_000,
        _ => return None,
    };
    number.checked_mul(micros_per_unit).map(Duration::from_micros)
}

pub(super) fn duration(text: &str, min: Duration, max: Duration) -> Result<Duration, Refused> {
    let right = || format!("a time from {} to {}, such as 500ms, 25s or 2m", shown(min), shown(max));
    match parse_duration(text.trim()) {
        None => Err((format!("\"{text}\" is not a time"), right())),
        Some(value) if value < min || value > max => Err((format!("{text} is out of range"), right())),
        Some(value) => Ok(value),
    }
}

pub(super) fn number(text: &str, max: u32) -> Result<u32, Refused> {
    let right = || format!("a whole number from 0 to {max}");
    match text.trim().parse::<u32>() {
        Ok(value) if value <= max => Ok(value),
        Ok(_) => Err((format!("{text} is too large"), right())),
        Err(_) => Err((format!("\"{text}\" is not a whole number"), right())),
    }
}

/// A limit: 0 means there is none.
pub(super) fn limit(text: &str) -> Result<Option<u32>, Refused> {
    let value = number(text, 1_000_000_000)
        .map_err(|(wrong, _)| (wrong, "a whole number; 0 means no limit".to_owned()))?;
    Ok((value > 0).then_some(value))
}

pub(super) fn socket_address(text: &str) -> Result<SocketAddr, Refused> {
    text.trim().parse().map_err(|_| {
        (
            format!("\"{text}\" is not an IP address with a port"),
            "such as 127.0.0.1:8000, 0.0.0.0:8000 or [::1]:8000; port 0 picks a free one".to_owned(),
        )
    })
}

pub(crate) fn yes_or_no(text: &str) -> Result<bool, Refused> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" | "" => Ok(false),
        _ => Err((format!("\"{text}\" is neither yes nor no"), "true or false".to_owned())),
    }
}

pub(super) fn database(url: &str) -> Result<Database, Refused> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        // The error repeats no part of the address that could be a password.
        return match PgConnectOptions::from_str(url) {
            Ok(_) => Ok(Database::Postgres(PostgresUrl(url.to_owned()))),
            Err(_) => Err((
                "the address of PostgreSQL is not readable".to_owned(),
                "postgres://USER:PASSWORD@HOST:5432/DATABASE, with special characters in the password as %XX"
                    .to_owned(),
            )),
        };
    }
    let right = "sqlite:///absolute/path.sqlite3, sqlite://relative/path.sqlite3, sqlite::memory: or \
                 postgres://USER:PASSWORD@HOST:5432/DATABASE";
    match url.strip_prefix("sqlite:") {
        Some(":memory:" | "//:memory:" | "///:memory:") => Ok(Database::Memory),
        Some(rest) if rest.contains('?') => {
            Err(("options after `?` are not read".to_owned(), right.to_owned()))
        }
        Some(rest) => match rest.strip_prefix("//").unwrap_or(rest) {
            "" | "/" => Err(("it names no file".to_owned(), right.to_owned())),
            path => Ok(Database::File(PathBuf::from(path))),
        },
        // The address may hold a password, so it is not repeated.
        None => Err(("it is no address of a database this server knows".to_owned(), right.to_owned())),
    }
}

fn shown(duration: Duration) -> String {
    match duration.as_millis() {
        0 => "0".to_owned(),
        ms if ms % 1000 != 0 => format!("{ms}ms"),
        ms if ms % 3_600_000 == 0 => format!("{}h", ms / 3_600_000),
        ms => format!("{}s", ms / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, millis) in
            [("500ms", 500), ("25s", 25_000), ("25", 25_000), ("2m", 120_000), ("1h", 3_600_000), ("0", 0)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "1 fortnight", "-1s", "1.5s", "99999999999999999999d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_of_databases() {
        let file = |path: &str| Ok(Database::File(PathBuf::from(path)));
        assert_eq!(database("sqlite::memory:"), Ok(Database::Memory));
        assert_eq!(database("sqlite:///var/lib/h.db"), file("/var/lib/h.db"));
        assert_eq!(database("sqlite://data/h.db"), file("data/h.db"));
        for url in ["postgres://u:secret@h:5432/d?sslmode=disable", "postgresql://u:secret@h/d"] {
            let read = database(url).unwrap();
            assert!(matches!(read, Database::Postgres(_)), "{url}");
            assert!(!format!("{read} {read:?}").contains("secret"), "{url}");
        }
        for url in ["sqlite://", "mysql://u:secret@h/db", "postgres://u:secret@h:port/x", "h.db"] {
            let (wrong, right) = database(url).unwrap_err();
            assert!(!wrong.contains("secret") && !right.contains("secret"), "{url}");
        }
    }
}
