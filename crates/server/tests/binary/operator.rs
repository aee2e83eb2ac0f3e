//! An operator's first hour with the real binary: who is online, the log, the numbers, the way to stop.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tungstenite::Message;

use crate::process::{KEY, Running, eventually, hereabouts};

const SERVICE_KEY: &str = "c0ffee00c0ffee11c0ffee22c0ffee33c0ffee44";

#[test]
fn who_is_online_is_told_without_being_online() {
    let server = Running::serve(&["--service-key", SERVICE_KEY]);
    let url = format!("http://{}", server.address);
    let who = |key: &str, more: &[&str]| {
        let mut command = hereabouts(server.folder.path());
        command.args(["who", "--url", &url]).args(more).env("HEREABOUTS_SERVICE_KEY", key).output().unwrap()
    };
    let text = |output: &std::process::Output| String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text(&who(SERVICE_KEY, &[])), "0 online\n");
    let mut ada = server.socket(&server.token("Ada"));
    ada.read().unwrap();
    let told = text(&who(SERVICE_KEY, &[]));
    assert!(told.starts_with("1 online\nAda  just now") && !told.contains('\u{1b}'), "{told}");
    let list: Value = serde_json::from_str(&text(&who(SERVICE_KEY, &["--json"]))).unwrap();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["username"]), (1, &"Ada".into()));
    assert_eq!(server.online(&server.token("Linus")), ["Ada"], "who asks is not there");
    let refused = who("deadbeefdeadbeefdeadbeefdeadbeefdeadbeef", &[]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("HEREABOUTS_SERVICE_KEY") && !said.contains("deadbeef"), "{said}");
    assert_eq!(who("", &[]).status.code(), Some(1), "without a key it says how to get one");
}

#[test]
fn row_63_who_watch_tells_a_pipe_each_change_in_plain_lines() {
    let server = Running::serve(&["--service-key", SERVICE_KEY]);
    let mut watching = hereabouts(server.folder.path())
        .args(["who", "--watch", "--url", &format!("http://{}", server.address)])
        .env("HEREABOUTS_SERVICE_KEY", SERVICE_KEY)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut ada = server.socket(&server.token("Ada"));
    let came = lines.next().unwrap();
    assert!(came.contains("  online   ") && came.ends_with("  Ada") && !came.contains('\u{1b}'), "{came}");
    assert_eq!(server.online(&server.token("Linus")), ["Ada"], "who watches is not there");
    let numbers = server.internal("/metrics").body;
    assert!(numbers.contains("\nhereabouts_connections_open 2\n"), "it follows a socket");
    ada.close(None).unwrap();
    while ada.read().is_ok() {}
    let left = lines.next().unwrap();
    assert!(left.contains("  offline  ") && left.ends_with("  Ada"), "{left}");
    watching.kill().unwrap();
    watching.wait().unwrap();
}

#[test]
fn a_weak_service_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = hereabouts(folder.path())
        .args(["serve", "--service-key", "short"])
        .env("SECRET_KEY", KEY)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--service-key (HEREABOUTS_SERVICE_KEY)"));
}

#[test]
fn dev_has_a_service_key_of_its_own_that_who_finds() {
    let server = Running::dev(&["--data-dir", "hereabouts-data"]);
    let output = hereabouts(server.folder.path())
        .args(["who", "--url", &format!("http://{}", server.address)])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(" online\n"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn row_61_every_line_says_when_how_bad_what_and_for_whom() {
    let server = Running::serve(&["--log", "debug"]);
    let (ada, linus) = (server.token("Ada"), server.token("Linus"));
    for token in [&ada, &ada, &linus] {
        assert_eq!(server.get("/api/users/online/", token).status, 200);
    }
    let refused = server.get("/api/users/online/", "");
    eventually("requests are logged", || server.log().matches("request answered").count() >= 4);
    let log = server.log();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &events {
        for field in ["ts", "level", "msg", "target"] {
            assert!(line[field].is_string(), "{field}: {line}");
        }
    }
    let answered: Vec<_> = events.iter().filter(|line| line["msg"] == "request answered").collect();
    let ids: BTreeSet<_> = answered.iter().map(|line| line["request_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), answered.len(), "each request has its own");
    assert!(ids.contains(refused.header("x-request-id")), "an error names its request: {refused:?}");
    let people: Vec<_> = answered.iter().filter_map(|line| line["user_hash"].as_str()).collect();
    assert_eq!((people.len(), people[0]), (3, people[1]));
    assert_ne!(people[1], people[2]);
    let id = server.command(&["user", "list"]).split(' ').next().unwrap().to_owned();
    assert!(!log.contains(&id) && !log.contains(ada.rsplit('.').next().unwrap()), "neither ids nor tokens");
}

#[test]
fn row_64_a_wrong_origin_is_named_with_its_setting_in_answer_and_log() {
    let server = Running::serve(&[]);
    let origin = "https://app.example.com";
    let upgrade = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Origin", origin),
    ];
    let head: String = upgrade.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("GET /ws/user-status/ HTTP/1.1\r\nHost: {}\r\n{head}\r\n", server.address);
    let answer = crate::process::exchange(server.address, &request);
    assert_eq!(answer.status, 403);
    for text in [answer.detail(), server.log()] {
        assert!(text.contains(origin) && text.contains("CORS_ALLOWED_ORIGINS"), "{text}");
    }
}

#[test]
fn row_62_a_server_that_stops_says_so_until_the_end() {
    let server = Running::serve(&[]);
    let mut socket = server.socket(&server.token("Ada"));
    socket.read().unwrap();
    assert_eq!(server.internal("/readyz").status, 200);
    server.terminate();
    eventually("it is not ready any more", || server.internal("/readyz").status == 503);
    assert_eq!(server.internal("/readyz").json()["stopping"], true);
    let close = loop {
        if let Message::Close(frame) = socket.read().unwrap() {
            break frame.unwrap();
        }
    };
    assert_eq!(u16::from(close.code), 1012);
    assert!(close.reason.contains("retry_ms"), "{close:?}");
}

#[test]
fn row_60_a_locked_database_is_one_clear_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("taken")).unwrap();
    // A folder where the file should be stands for everything that cannot be opened: no wait, and the same line.
    let output = hereabouts(folder.path())
        .args(["serve", "--bind", "127.0.0.1:0", "--internal-bind", "127.0.0.1:0", "--log", "off"])
        .env("SECRET_KEY", KEY)
        .env("DATABASE_URL", "sqlite://taken")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("taken") && said.contains("DATABASE_URL"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a47_numbers_are_shown_on_the_loopback_or_to_the_service_key() {
    let private = Running::serve(&[]);
    assert_eq!(private.internal("/metrics").status, 200);
    assert!(private.internal_address.ip().is_loopback() && private.address.ip().is_loopback());
    for path in ["/metrics", "/readyz"] {
        assert_eq!(private.get(path, "").status, 404, "{path} is not on the public port");
    }
    let public = Running::serve(&["--internal-bind", "0.0.0.0:0", "--service-key", SERVICE_KEY]);
    let metrics = |headers: &str| {
        let request =
            format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        crate::process::exchange(([127, 0, 0, 1], public.internal_address.port()).into(), &request)
    };
    let refused = metrics("");
    assert_eq!(refused.status, 401);
    assert!(refused.detail().contains("--service-key"));
    let shown = metrics(&format!("Authorization: Bearer {SERVICE_KEY}\r\n"));
    assert_eq!(shown.status, 200);
    assert!(!shown.body.contains(SERVICE_KEY));
}

#[test]
fn row_61_the_dashboard_and_the_docs_name_exactly_what_a_running_server_counts() {
    let server = Running::serve(&[]);
    let text = server.internal("/metrics").body;
    let counted: BTreeSet<_> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split([' ', '{']).next())
        .map(str::to_owned)
        .collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/hereabouts.json")).unwrap();
    let mut shown = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            shown.extend(names(target["expr"].as_str().unwrap()));
        }
    }
    assert!(shown.len() >= 15, "{shown:?}");
    let missing: Vec<_> = shown.difference(&counted).collect();
    assert!(missing.is_empty(), "the dashboard shows what no server counts: {missing:?}");
    let docs = read("docs/METRICS.md");
    let described: BTreeSet<_> =
        docs.lines().filter(|line| line.starts_with("| `")).flat_map(names).collect();
    assert_eq!(described, counted, "docs/METRICS.md: `cargo xtask codegen` writes its table");
}

/// The metrics' names in an expression or a line.
fn names(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| word.starts_with("hereabouts_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn deploy_files_set_only_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let help = hereabouts(folder.path()).args(["help", "serve"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let settings = capitals(&help);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut n_set = 0;
    for file in ["deploy/Dockerfile", "deploy/compose.yaml", "deploy/systemd/hereabouts.service"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let ours = |name: &&String| name.starts_with("HEREABOUTS_") || settings.contains(*name);
        for name in capitals(&text).iter().filter(ours) {
            assert!(settings.contains(name), "{file} sets {name}, which is no setting");
            n_set += 1;
        }
        assert!(text.contains("serve"), "{file} starts the server");
    }
    assert!(n_set > 8, "the names are found at all: {n_set}");
}

/// Words as names in the environment are written.
fn capitals(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
    words.filter(|word| word.contains('_')).map(str::to_owned).collect()
}
