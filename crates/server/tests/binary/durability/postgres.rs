//! The real binary on a real PostgreSQL: people and presence at rest there, and what becomes of the server when the
//! database goes away.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hereabouts_testing::PostgresServer;
use sqlx::{Connection, PgConnection};

use super::{UNLIMITED, newcomer, register, rename, trouble};
use crate::process::{KEY, Running, eventually, hereabouts};

/// A server whose database is on a PostgreSQL of this test alone.
struct OnPostgres {
    postgres: PostgresServer,
    folder: Arc<tempfile::TempDir>,
}

impl OnPostgres {
    fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
        let postgres = PostgresServer::start(std::env::temp_dir().join(format!("binary-{name}"))).unwrap();
        Self { postgres, folder }
    }

    fn url(&self) -> String {
        self.postgres.url() + "/postgres"
    }

    fn serve(&self) -> Running {
        Running::launch(
            hereabouts(self.folder.path()).arg("serve").env("DATABASE_URL", self.url()),
            &self.folder,
            &UNLIMITED,
        )
    }

    /// How many the database shows as online to the host app's own queries.
    fn n_online(&self) -> i64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&self.url()).await.unwrap();
            sqlx::query_scalar("SELECT count(*) FROM users WHERE is_online AND last_seen IS NOT NULL")
                .fetch_one(&mut connection)
                .await
                .unwrap()
        })
    }
}

#[test]
fn people_and_presence_are_at_rest_in_postgres_and_nobody_is_online_after_a_crash() {
    let it = OnPostgres::new();
    let server = it.serve();
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    assert_eq!(register(&server, "ada").status, 409, "names are held there too");
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    assert_eq!(server.online(&bob), ["Ada"]);
    eventually("the table shows it", || it.n_online() == 1);
    drop(server.kill());
    assert_eq!(it.n_online(), 1, "nobody had the time to take it back");

    let server = it.serve();
    assert_eq!(it.n_online(), 0, "before the port opens");
    assert_eq!(server.online(&bob), [""; 0]);
    assert_eq!(server.get("/api/auth/user/", &ada).status, 200, "what was acknowledged is there");
    let recent = server.get("/api/users/recent/?days=7", &bob);
    assert!(recent.body.contains("Ada"), "{}", recent.body);
}

#[test]
fn f16_presence_goes_on_while_postgres_is_down_and_what_happened_is_written_when_it_is_back() {
    let mut it = OnPostgres::new();
    let server = it.serve();
    let (ada, bob) = (newcomer(&server, "Ada"), newcomer(&server, "Bob"));
    let eve = newcomer(&server, "Eve");
    assert_eq!(server.get("/api/auth/user/", &eve).status, 200, "known by name");
    assert_eq!(trouble(&server), None);
    let mut socket = server.socket(&ada);
    socket.read().unwrap();
    assert_eq!(server.online(&bob), ["Ada"]);

    it.postgres.stop();
    assert_eq!(server.online(&bob), ["Ada"], "whoever is here stays");
    let mut came_meanwhile = server.socket(&eve);
    came_meanwhile.read().unwrap();
    assert_eq!(server.online(&bob), ["Ada"], "nobody knows yet whether Eve hides");
    let asked_at = Instant::now();
    let refused = rename(&server, &ada, "Countess");
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(asked_at.elapsed() < Duration::from_secs(5), "{:?}", asked_at.elapsed());
    assert!(refused.detail().contains("database"), "{}", refused.body);
    eventually("the operator learns of it", || trouble(&server).is_some());

    it.postgres.start_again().unwrap();
    eventually("it is ready again by itself", || trouble(&server).is_none());
    eventually("Eve does not hide", || server.online(&bob).len() == 2);
    eventually("what happened meanwhile is written", || it.n_online() == 2);
    assert_eq!(rename(&server, &ada, "Countess").status, 200);
}

#[test]
fn commands_beside_the_server_use_the_same_database() {
    let it = OnPostgres::new();
    let run = |line: &[&str]| {
        let output = hereabouts(it.folder.path()).args(line).env("DATABASE_URL", it.url()).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{line:?}: {said} {}", String::from_utf8_lossy(&output.stderr));
        said
    };
    assert!(run(&["migrate", "status"]).contains("pending 0001"));
    assert!(run(&["migrate", "up"]).contains("applied 0001"));
    assert!(run(&["migrate"]).contains("nothing to do"));
    run(&["user", "add", "Ada"]);
    assert!(run(&["user", "list"]).contains("Ada"));
    let doctor = hereabouts(it.folder.path())
        .arg("doctor")
        .envs([("DATABASE_URL", &*it.url()), ("SECRET_KEY", KEY)])
        .output()
        .unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(
        said.split_whitespace().collect::<Vec<_>>().join(" ").contains("has the current schema"),
        "{said}"
    );
}
