//! Disks that are full, read-only or broken: presence goes on, what cannot be saved is refused whole and clearly, and
//! all is well again by itself when the disk is.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    process::Stdio,
    sync::Arc,
};

use super::{UNLIMITED, newcomer, register, rename, trouble};
use crate::{
    outside::{Immutable, Outside, SmallDisk},
    process::{KEY, Running, eventually, hereabouts},
};

/// Somebody comes and goes, and others see it, whatever becomes of the database.
fn assert_presence_goes_on(server: &Running, comes: &str, sees: &str, name: &str) {
    let mut socket = server.socket(comes);
    socket.read().unwrap();
    assert_eq!(server.online(sees), [name]);
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
    eventually("they are gone", || server.online(sees).is_empty());
}

#[test]
fn f19_disk_full_refuses_what_is_saved_keeps_presence_and_recovers_by_itself() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let Some(disk) = SmallDisk::over(folder.path(), "8m") else { return };
    let server = Running::serve_in(&folder, &UNLIMITED);
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    assert_eq!(trouble(&server), None);

    disk.fill();
    assert_presence_goes_on(&server, &ada, &bob, "Ada");
    let mut stays = server.socket(&ada);
    stays.read().unwrap();
    for refused in [rename(&server, &ada, "Countess"), register(&server, "Eve")] {
        assert_eq!(refused.status, 507, "{}", refused.body);
        assert!(refused.detail().contains("disk is full"), "{}", refused.body);
    }
    assert!(trouble(&server).unwrap().contains("disk is full"));
    eventually("the log says it once presence cannot be written", || {
        server.log().contains("cannot write presence (the disk is full")
    });

    disk.free();
    eventually("it is ready again by itself", || trouble(&server).is_none());
    eventually("what happened meanwhile is written", || Outside::open(folder.path()).n_online() == 1);
    assert_eq!(server.online(&bob), ["Ada"], "the refused name was not taken");
    assert_eq!(register(&server, "Eve").status, 201, "and nothing of the refused account was left");
    assert_eq!(rename(&server, &ada, "Countess").status, 200);
    Outside::open(folder.path()).assert_whole();
    drop(server);
}

#[test]
fn f19_a_disk_that_refuses_writes_is_named_and_comes_back() {
    let server = Running::serve(&UNLIMITED);
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    let file = |name: &str| server.folder.path().join(name);
    let Some(immutable) = Immutable::make(&[&file("test.sqlite3"), &file("test.sqlite3-wal")]) else {
        return;
    };
    assert_presence_goes_on(&server, &ada, &bob, "Ada");
    let refused = rename(&server, &ada, "Countess");
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.detail().contains("nothing was saved"), "{}", refused.body);
    assert!(!refused.header("retry-after").is_empty());
    assert!(trouble(&server).unwrap().contains("disk refuses"));
    drop(immutable);
    eventually("it is ready again by itself", || trouble(&server).is_none());
    assert_eq!(rename(&server, &ada, "Countess").status, 200);
    Outside::open(server.folder.path()).assert_whole();
}

#[test]
fn f19_a_read_only_database_is_refused_at_the_start_with_what_helps() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    drop(Running::serve_in(&folder, &[]).kill());
    let file = folder.path().join("test.sqlite3");
    let Some(_immutable) = Immutable::make(&[&file]) else { return };
    let said = refused_start(folder.path());
    assert!(said.contains("read-only") && said.contains("DATABASE_URL"), "{said}");
}

#[test]
fn f19_a_damaged_database_stops_no_presence_and_is_named() {
    let server = Running::serve(&UNLIMITED);
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    // Both are known by name before it happens; others would be shown by their short id.
    for token in [&ada, &bob] {
        assert_eq!(server.get("/api/auth/user/", token).status, 200);
        assert_eq!(server.online(token), [""; 0]);
    }
    // More than any page cache holds, and all of it moved into the file.
    let mut outside = Outside::open(server.folder.path());
    outside
        .run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) \
             INSERT INTO users (id, username, slug, created_at, last_seen) \
             SELECT printf('%08x-0000-4000-8000-000000000000', i), 'n' || i, 'n' || i, \
             '2026-01-01T00:00:00.000000Z', strftime('%Y-%m-%dT%H:%M:%S', 'now') || '.000000Z' FROM n",
        )
        .unwrap();
    outside.run("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(outside);
    let mut here = server.socket(&ada);
    here.read().unwrap();
    eventually("Ada is there", || server.online(&bob) == ["Ada"]);
    let damage = Damage::do_to(&server.folder.path().join("test.sqlite3"));

    // Who is here goes on being here, and leaves. (Whose choices cannot be read is not shown: they may have said so.)
    assert_eq!(server.online(&bob), ["Ada"]);
    here.close(None).unwrap();
    while here.read().is_ok() {}
    eventually("Ada is gone", || server.online(&bob).is_empty());
    let refused = server.get("/api/users/recent/?limit=100", &bob);
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.detail().contains("damaged"), "{}", refused.body);
    eventually("the operator learns of it", || trouble(&server).is_some_and(|what| what.contains("damaged")));

    // What the advice says: stop it, restore, start it.
    let folder = server.kill();
    damage.undo();
    let server = Running::serve_in(&folder, &UNLIMITED);
    assert_eq!(trouble(&server), None);
    assert_eq!(server.get("/api/users/recent/?limit=100", &bob).status, 200);
    Outside::open(server.folder.path()).assert_whole();
}

#[test]
fn f19_a_file_that_is_no_database_is_refused_at_the_start_with_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.sqlite3"), [b'x'; 8192]).unwrap();
    let said = refused_start(folder.path());
    assert!(said.contains("damaged") && said.contains("restore a backup"), "{said}");
}

/// What `serve` says when it does not start.
fn refused_start(folder: &Path) -> String {
    let output = hereabouts(folder)
        .args(["serve", "--bind", "127.0.0.1:0", "--internal-bind", "127.0.0.1:0"])
        .env("SECRET_KEY", KEY)
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

/// Nonsense in every page of a file but the first three; it can be taken back.
struct Damage {
    file: File,
    original: Vec<u8>,
}

impl Damage {
    const FROM: u64 = 3 * 4096;

    fn do_to(path: &Path) -> Self {
        let mut file = OpenOptions::new().read(true).write(true).open(path).unwrap();
        let mut original = Vec::new();
        file.seek(SeekFrom::Start(Self::FROM)).unwrap();
        file.read_to_end(&mut original).unwrap();
        let mut damage = Self { file, original };
        damage.write(&vec![0xa5; damage.original.len()]);
        damage
    }

    fn undo(mut self) {
        let original = std::mem::take(&mut self.original);
        self.write(&original);
    }

    fn write(&mut self, bytes: &[u8]) {
        self.file.seek(SeekFrom::Start(Self::FROM)).unwrap();
        self.file.write_all(bytes).unwrap();
    }
}
