//! What is wrong with a database, in words for whoever waits for it and for whoever looks after it.

use sqlx::postgres::PgDatabaseError;

use super::StoreError;

/// Why the database does not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// No room on its disk.
    DiskFull,
    /// It may be read only.
    ReadOnly,
    /// Its disk fails reads or writes.
    DiskFails,
    /// Another program holds it.
    Locked,
    /// Its file is not what the database wrote.
    Damaged,
    /// Its write-ahead log is too long.
    LogPinned,
    /// It does not answer, or says something that we do not know.
    NoAnswer,
}

/// SQLite's result codes, without what it adds in their upper bits.
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

/// Growing the file that its connections share fails with these where the disk is full.
const SQLITE_IOERR_SHMSIZE: u32 = SQLITE_IOERR | 19 << 8;

impl StoreFault {
    /// For the operator, in `/readyz` and the log: what is wrong, and what helps.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::DiskFull => "the disk is full: free some space, the rest happens by itself",
            Self::ReadOnly => {
                "it is read-only: let this process write the file and its folder, or connect to the primary"
            }
            Self::DiskFails => "the disk refuses to be read or written: see the system's log",
            Self::Locked => "another program holds a lock: end it, or wait for it",
            Self::Damaged => "it is damaged: stop the server and restore a backup",
            Self::LogPinned => {
                "another program reads for so long that the write-ahead log cannot be emptied: end it"
            }
            Self::NoAnswer => "the database does not answer",
        }
    }

    /// For whoever asked for something that was not done.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::DiskFull => "The server's disk is full, so nothing was saved. Try again later.",
            Self::ReadOnly => {
                "The server's database is read-only right now, so nothing was saved. Try again later."
            }
            Self::DiskFails => "The server's disk has a fault, so nothing was saved. Try again later.",
            Self::Locked => "The server's database is locked by another program. Try again in a moment.",
            Self::Damaged => {
                "The server's database is damaged. Nothing was changed. Its operator has to repair it."
            }
            Self::LogPinned | Self::NoAnswer => {
                "The database does not answer right now. Try again in a moment."
            }
        }
    }
}

impl StoreError {
    /// What is wrong with the database; `None` when it is well, and only this was not possible.
    pub fn fault(&self) -> Option<StoreFault> {
        match self {
            Self::Exists(_)
            | Self::NameTaken
            | Self::Pending(_)
            | Self::Corrupt { .. }
            | Self::Unadoptable(_) => None,
            Self::LogPinned(_) => Some(StoreFault::LogPinned),
            Self::Database(error) | Self::Migrate(sqlx::migrate::MigrateError::Execute(error)) => {
                Some(of_sqlx(error))
            }
            Self::Migrate(_) => Some(StoreFault::NoAnswer),
        }
    }

    /// For the operator: what is wrong with the database and what helps, or else what was not possible.
    pub fn described(&self) -> String {
        self.fault().map_or_else(|| self.to_string(), |fault| fault.advice().to_owned())
    }
}

fn of_sqlx(error: &sqlx::Error) -> StoreFault {
    let Some(error) = error.as_database_error() else { return StoreFault::NoAnswer };
    let code = error.code().unwrap_or_default();
    match error.try_downcast_ref::<PgDatabaseError>() {
        Some(_) => of_postgres(&code),
        None => code.parse().map_or(StoreFault::NoAnswer, of_sqlite),
    }
}

fn of_sqlite(code: u32) -> StoreFault {
    match code & 0xff {
        _ if code == SQLITE_IOERR_SHMSIZE => StoreFault::DiskFull,
        SQLITE_FULL => StoreFault::DiskFull,
        SQLITE_READONLY => StoreFault::ReadOnly,
        SQLITE_IOERR | SQLITE_CANTOPEN => StoreFault::DiskFails,
        SQLITE_BUSY | SQLITE_LOCKED => StoreFault::Locked,
        SQLITE_CORRUPT | SQLITE_NOTADB => StoreFault::Damaged,
        _ => StoreFault::NoAnswer,
    }
}

/// By the codes of its manual's appendix A.
fn of_postgres(code: &str) -> StoreFault {
    match code {
        "53100" => StoreFault::DiskFull,
        "25006" => StoreFault::ReadOnly,
        "58030" => StoreFault::DiskFails,
        "55P03" => StoreFault::Locked,
        "XX001" | "XX002" => StoreFault::Damaged,
        _ => StoreFault::NoAnswer,
    }
}
