//! Other programs on the same database: those that hold a lock, those that fight for it, and those that read for ever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{UNLIMITED, newcomer, register, rename, trouble};
use crate::{
    outside::Outside,
    process::{Running, eventually},
};

#[test]
fn f21_a_locked_database_is_named_and_nobody_waits_for_long() {
    let server = Running::serve(&UNLIMITED);
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    let mut outside = Outside::open(server.folder.path());
    outside.run("BEGIN IMMEDIATE").unwrap();
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    assert_eq!(server.online(&bob), ["Ada"], "presence does not wait for a lock");
    let asked = Instant::now();
    let refused = rename(&server, &ada, "Countess");
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.detail().contains("locked by another program"), "{}", refused.body);
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    assert!(trouble(&server).unwrap().contains("another program holds a lock"));
    outside.run("ROLLBACK").unwrap();
    eventually("it is ready again by itself", || trouble(&server).is_none());
    eventually("what happened meanwhile is written", || outside.n_online() == 1);
    assert_eq!(rename(&server, &ada, "Countess").status, 200);
}

#[test]
fn f21_a_storm_of_locks_loses_nothing_that_was_acknowledged() {
    let server = Running::serve(&UNLIMITED);
    let is_over = Arc::new(AtomicBool::new(false));
    Outside::open(server.folder.path()).run("CREATE TABLE foreign_rows (text)").unwrap();
    let storm: Vec<_> = (0..3)
        .map(|_| {
            let (folder, is_over) = (Arc::clone(&server.folder), Arc::clone(&is_over));
            thread::spawn(move || {
                let mut outside = Outside::open(folder.path());
                while !is_over.load(Ordering::Relaxed) {
                    // Others may have the lock for longer than this program waits.
                    if outside.run("BEGIN IMMEDIATE").is_ok() {
                        outside.run("INSERT INTO foreign_rows VALUES (hex(randomblob(2000)))").unwrap();
                        thread::sleep(Duration::from_millis(5));
                        outside.run("COMMIT").unwrap();
                    }
                    thread::sleep(Duration::from_millis(10));
                }
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for n in 0..16 {
        let name = format!("Person {n}");
        match register(&server, &name).status {
            201 => acknowledged.push(name),
            status => assert_eq!(status, 503),
        }
    }
    is_over.store(true, Ordering::Relaxed);
    for thread in storm {
        thread.join().unwrap();
    }
    acknowledged.sort();
    assert!(!acknowledged.is_empty());
    let mut outside = Outside::open(server.folder.path());
    assert_eq!(outside.texts("SELECT username FROM users"), acknowledged, "all that, and no other");
    assert_eq!(outside.number("SELECT count(*) FROM sign_ins"), acknowledged.len() as i64);
    outside.assert_whole();
    eventually("it is ready again by itself", || trouble(&server).is_none());
}

#[test]
fn f20_a_long_reader_pins_the_log_only_as_long_as_it_reads() {
    let server = Running::serve(&UNLIMITED);
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    let log = server.folder.path().join("test.sqlite3-wal");
    let megabytes = || log.metadata().unwrap().len() >> 20;
    let mut reader = Outside::open(server.folder.path());
    reader.run("BEGIN").unwrap();
    reader.number("SELECT count(*) FROM users");
    let mut outside = Outside::open(server.folder.path());
    outside.run("CREATE TABLE foreign_rows (bytes)").unwrap();
    while megabytes() <= 64 {
        outside.run("INSERT INTO foreign_rows VALUES (randomblob(4000000))").unwrap();
    }
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    assert_eq!(server.online(&bob), ["Ada"], "presence does not wait");
    assert!(trouble(&server).unwrap().contains("write-ahead log cannot be emptied"));
    assert_eq!(rename(&server, &ada, "Countess").status, 200, "what is acknowledged is written");
    eventually("presence waits in memory", || {
        server.log().contains("cannot write presence (another program reads")
    });
    assert_eq!(outside.n_online(), 0);

    reader.run("COMMIT").unwrap();
    eventually("the log is cut back by itself", || megabytes() <= 4);
    eventually("it is ready again", || trouble(&server).is_none());
    eventually("what happened meanwhile is written", || outside.n_online() == 1);
    let metrics = server.internal("/metrics").body;
    assert!(metrics.contains("# TYPE hereabouts_database_log_bytes gauge"), "{metrics}");
}
