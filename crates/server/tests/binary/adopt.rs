//! `--directory adopt` on the tables of a real Django project, examples/django: its own migrations, people and tokens, and
//! a database user who may do no more than docs/DJANGO.md says.

use std::{path::PathBuf, process::Command, sync::Arc};

use hereabouts_testing::PostgresServer;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use tungstenite::{Message, protocol::frame::coding::CloseCode};

use crate::process::{KEY, Running, eventually, hereabouts};

/// A Django project on a database of its own.
struct Django {
    postgres: PostgresServer,
    folder: Arc<tempfile::TempDir>,
}

/// What our user is granted: docs/DJANGO.md has the same lines.
const GRANTS: &str = "CREATE ROLE hereabouts_app LOGIN; GRANT CREATE ON DATABASE postgres TO hereabouts_app; \
    GRANT SELECT ON users_user, users_friends, users_blockedusers TO hereabouts_app; \
    GRANT UPDATE (is_online, last_seen, last_activity) ON users_user TO hereabouts_app;";
const PEOPLE: &str = "
import json
from users.models import *
from rest_framework_simplejwt.tokens import AccessToken
people = {name: User.objects.create_user(name, slug=name, password='x') for name in ['ada', 'bob', 'eve', 'dan']}
Friends.objects.create(user=people['ada'], friend=people['bob'])
BlockedUsers.objects.create(user=people['ada'], blocked_user=people['eve'])
User.objects.filter(username='dan').update(is_active=False)
print(json.dumps({name: str(AccessToken.for_user(user)) for name, user in people.items()}))";
const ONLINE: &str = "
from users.models import User
print(*User.objects.filter(is_online=True, last_seen__isnull=False).values_list('username', flat=True))";

impl Django {
    fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
        let postgres = PostgresServer::start(std::env::temp_dir().join(format!("django-{name}"))).unwrap();
        Self { postgres, folder }
    }

    /// The same with all migrations, and people.
    fn settled() -> (Self, Value) {
        let it = Self::new();
        it.manage(&["migrate", "-v", "0"]);
        let tokens = it.shell(PEOPLE);
        it.sql(GRANTS);
        (it, serde_json::from_str(&tokens).unwrap())
    }

    fn url(&self, user: &str) -> String {
        self.postgres.url().replace("hereabouts@", &format!("{user}@")) + "/postgres"
    }

    fn manage(&self, line: &[&str]) -> String {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = std::env::var_os("HEREABOUTS_DJANGO")
            .map_or_else(|| root.join("target/tools/django/bin/python"), PathBuf::from);
        let output = Command::new(&python)
            .args(["-B", "manage.py"])
            .args(line)
            .current_dir(root.join("examples/django"))
            .envs([("SECRET_KEY", KEY), ("DATABASE_URL", &*self.url("hereabouts"))])
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask test` installs it", python.display()));
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn shell(&self, code: &str) -> String {
        self.manage(&["shell", "-c", code])
    }

    fn sql(&self, statements: &'static str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&self.url("hereabouts")).await.unwrap();
            connection.execute(statements).await.unwrap();
        });
    }

    fn command(&self, user: &str, line: &[&str]) -> Command {
        let mut command = hereabouts(self.folder.path());
        command.args(line).args(["--directory", "adopt"]).env("DATABASE_URL", self.url(user));
        command
    }

    fn serve(&self) -> Running {
        let flags = ["--requests-per-second-per-ip", "0", "--adopt-refresh", "1s"];
        Running::launch(&mut self.command("hereabouts_app", &["serve"]), &self.folder, &flags)
    }
}

fn run(command: &mut Command) -> (Option<i32>, String) {
    let output = command.env("SECRET_KEY", KEY).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn token<'t>(tokens: &'t Value, name: &str) -> &'t str {
    tokens[name].as_str().unwrap()
}

#[test]
fn people_friends_and_blocks_are_the_apps_and_django_sees_who_is_online() {
    let (django, tokens) = Django::settled();
    let [ada, bob, eve, dan] = ["ada", "bob", "eve", "dan"].map(|name| token(&tokens, name));
    let server = django.serve();
    let mut socket = server.socket(ada);
    socket.read().unwrap();
    eventually("bob sees ada", || server.online(bob) == ["ada"]);
    assert_eq!(server.online(eve), [""; 0], "ada blocks eve in the app");
    let friends = server.get("/api/auth/friends/", bob).json();
    assert_eq!(friends["results"][0]["friend"]["username"], "ada");
    assert_eq!(friends["results"][0]["friend"]["is_online"], true);
    eventually("Django sees her", || django.shell(ONLINE) == "ada");

    // Not active in Django: not here.
    assert_eq!(server.get("/api/users/online/", dan).status, 403);
    // What the app decides is changed in the app.
    for (method, path) in [
        ("POST", "/api/auth/register/"),
        ("POST", "/api/auth/blocks/"),
        ("POST", "/api/auth/friend-requests/"),
        ("DELETE", "/api/auth/friends/7c9e6679-7425-40de-944b-e07fc1f90ae7/"),
    ] {
        let answer = server.request(method, path, bob, &[("Content-Type", "application/json")], "{}");
        assert_eq!(answer.status, 404, "{path} {}", answer.body);
        assert!(answer.detail().contains("app"), "{path} {}", answer.body);
    }
    // What people decide about their presence is ours.
    let body = json!({"mode": "invisible"}).to_string();
    let answer =
        server.request("PUT", "/api/me/status/", ada, &[("Content-Type", "application/json")], &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(server.online(bob), [""; 0]);
    eventually("Django has public values only", || django.shell(ONLINE).is_empty());
    let answer = server.request("DELETE", "/api/me/status/", ada, &[], "");
    assert!(answer.status < 300, "{}", answer.body);
    eventually("Django sees her again", || django.shell(ONLINE) == "ada");

    drop(server.kill());
    assert_eq!(django.shell(ONLINE), "ada", "nobody had the time to take it back");
    let server = django.serve();
    assert_eq!(django.shell(ONLINE), "", "before the port opens");
    let recent = server.get("/api/users/recent/?days=7", bob);
    assert!(recent.body.contains("ada"), "{}", recent.body);
}

#[test]
fn what_the_app_changes_counts_within_the_refresh_and_its_migrations_do_not_notice_us() {
    let (django, tokens) = Django::settled();
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| token(&tokens, name));
    let server = django.serve();
    let mut socket = server.socket(ada);
    let mut eves = server.socket(eve);
    socket.read().unwrap();
    eventually("bob sees both", || {
        server.online(bob) == ["ada", "eve"] || server.online(bob) == ["eve", "ada"]
    });
    eventually("at rest too", || django.shell(ONLINE).len() == "ada eve".len());

    // A block of the app, and its end.
    django.shell(
        "from users.models import *; u = User.objects.get
BlockedUsers.objects.create(user=u(username='ada'), blocked_user=u(username='bob'))",
    );
    eventually("ada is gone for bob", || server.online(bob) == ["eve"]);
    django.shell("from users.models import *; BlockedUsers.objects.all().delete()");
    eventually("and back", || server.online(bob).len() == 2);
    // A name.
    django
        .shell("from users.models import *; User.objects.filter(username='ada').update(username='countess')");
    eventually("bob sees the new name", || server.online(bob).contains(&"countess".to_owned()));
    // A model that is saved as a whole takes old presence with it.
    django.shell(
        "from users.models import *; u = User.objects.get(slug='ada'); u.is_online = False; u.last_seen = None; u.save()",
    );
    eventually("it is put right", || django.shell(ONLINE).split(' ').count() == 2);
    // Somebody who is not active any more.
    django.shell("from users.models import *; User.objects.filter(username='eve').update(is_active=False)");
    let close = std::iter::repeat_with(|| eves.read().unwrap()).find_map(|message| match message {
        Message::Close(frame) => Some(frame.unwrap().code),
        _ => None,
    });
    assert_eq!(close, Some(CloseCode::from(4403)));
    eventually("nobody sees her", || server.online(bob) == ["countess"]);

    // Its next migrations change the very columns that are read, and a person is deleted.
    django.sql("ALTER TABLE users_user ALTER COLUMN username TYPE text, ALTER COLUMN slug TYPE varchar(300)");
    django.shell("from users.models import *; User.objects.get(username='eve').delete()");
    assert_eq!(server.get("/api/users/online/", bob).status, 200);
    let mut again = server.socket(bob);
    again.read().unwrap();
    eventually("ada sees bob", || server.online(ada) == ["bob"]);
    eventually("written still", || django.shell(ONLINE).contains("bob"));
    assert_eq!(server.get("/api/users/online/", eve).status, 401, "there is no such person any more");
}

#[test]
fn a_missing_column_is_named_with_what_adds_it_and_what_we_added_can_be_taken_back() {
    let django = Django::new();
    django.manage(&["migrate", "-v", "0", "users", "0001"]);
    let owner = "hereabouts";
    let (code, said) = run(&mut django.command(owner, &["serve", "--bind", "127.0.0.1:0"]));
    assert_ne!(code, Some(0));
    for part in
        ["users_user has no column is_online, last_seen, last_activity", "migrate users", "up --adopt"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (code, said) = run(&mut django.command(owner, &["migrate", "up", "--adopt"]));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("added is_online to the app's table"), "{said}");
    let (_, said) = run(&mut django.command(owner, &["migrate", "status"]));
    assert!(said.contains("applied 9000") && said.contains("applied 9001"), "{said}");
    for back in ["took back 9001", "took back 9000", "took back 0001", "nothing to do"] {
        let (code, said) = run(&mut django.command(owner, &["migrate", "down"]));
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(back), "{back}: {said}");
    }
    // The app's own migration finds its table as it left it.
    django.manage(&["migrate", "-v", "0"]);
    let (code, said) = run(&mut django.command(owner, &["migrate"]));
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&mut django.command(owner, &["user", "add", "mallory"]));
    assert_ne!(code, Some(0), "{said}");
    assert!(said.contains("the app's"), "{said}");
}

#[test]
fn settings_that_cannot_be_are_refused_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let line = ["serve", "--directory", "adopt", "--adopt-people", "a\"; DROP TABLE users_user; --"];
    let (code, said) = run(hereabouts(folder.path()).args(line).args(["--adopt-friends-rows", "three"]));
    assert_eq!(code, Some(2), "{said}");
    for part in
        ["3 settings are wrong", "DATABASE_URL", "PostgreSQL", "--adopt-people", "--adopt-friends-rows"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}
