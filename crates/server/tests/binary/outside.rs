//! What other programs and the machine do to a server: open its database, fill its disk, take away its rights.

use std::{fs, io::Write, path::Path, process::Command};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::runtime::Runtime;

/// A connection of another program to the server's database.
pub(crate) struct Outside {
    runtime: Runtime,
    connection: SqliteConnection,
}

impl Outside {
    pub(crate) fn open(folder: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = SqliteConnectOptions::new().filename(folder.join("test.sqlite3"));
        let connection = runtime.block_on(SqliteConnection::connect_with(&options)).unwrap();
        Self { runtime, connection }
    }

    /// Runs one statement; whether it was done.
    pub(crate) fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        self.runtime.block_on(sqlx::query(statement).execute(&mut self.connection)).map(drop)
    }

    /// The texts of the first column, sorted.
    pub(crate) fn texts(&mut self, query: &'static str) -> Vec<String> {
        let mut texts: Vec<String> =
            self.runtime.block_on(sqlx::query_scalar(query).fetch_all(&mut self.connection)).unwrap();
        texts.sort();
        texts
    }

    /// One number.
    pub(crate) fn number(&mut self, query: &'static str) -> i64 {
        self.runtime.block_on(sqlx::query_scalar(query).fetch_one(&mut self.connection)).unwrap()
    }

    /// How many are online, as the database has it.
    pub(crate) fn n_online(&mut self) -> i64 {
        self.number("SELECT count(*) FROM users WHERE is_online")
    }

    /// The whole file is what SQLite wrote, and every reference in it leads somewhere.
    pub(crate) fn assert_whole(&mut self) {
        assert_eq!(self.texts("PRAGMA integrity_check"), ["ok"]);
        assert_eq!(self.number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    }
}

/// A small disk over a folder, until this is dropped.
pub(crate) struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None`, with a word about it, where nobody may mount.
    pub(crate) fn over(folder: &'a Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let mounted = done("mount", &["-t", "tmpfs", "-o", &options, "none", &folder.display().to_string()]);
        if !mounted {
            println!("skipped: only root may mount the small disk that this test fills");
        }
        mounted.then_some(Self(folder))
    }

    /// Leaves no byte free.
    pub(crate) fn fill(&self) {
        let mut ballast = fs::File::create(self.0.join("ballast")).unwrap();
        for n_bytes in [1 << 16, 4096, 1] {
            let block = vec![0; n_bytes];
            while ballast.write_all(&block).is_ok() {}
        }
    }

    /// Makes room again.
    pub(crate) fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        // Lazily: the server may still be ending.
        done("umount", &["--lazy", &self.0.display().to_string()]);
    }
}

/// Files that nobody may write, not even root and not even through a descriptor of before, until this is dropped.
pub(crate) struct Immutable(Vec<String>);

impl Immutable {
    /// `None`, with a word about it, where that cannot be said of a file.
    pub(crate) fn make(files: &[&Path]) -> Option<Self> {
        let files = Self(files.iter().map(|file| file.display().to_string()).collect());
        let is_made = files.0.iter().all(|file| done("chattr", &["+i", file]));
        if !is_made {
            println!("skipped: this needs root, and a file system with `chattr +i`");
        }
        is_made.then_some(files)
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        for file in &self.0 {
            done("chattr", &["-i", file]);
        }
    }
}

fn done(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
