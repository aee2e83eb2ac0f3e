//! Row 59: `hereabouts doctor` tells each way in which presence fails from the others, gives its fix, and keeps secrets.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::Output,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::process::{KEY, Running, hereabouts};

const ORIGIN: &str = "https://app.example.com";

/// What the doctor says of a server at this address.
struct Diagnosis {
    exit: Option<i32>,
    text: String,
}

impl Diagnosis {
    fn of(server: &Running, address: SocketAddr, more: &[&str]) -> Self {
        Self::at(server, &format!("http://{address}"), more)
    }

    fn at(server: &Running, url: &str, more: &[&str]) -> Self {
        let output = hereabouts(server.folder.path())
            .args(["doctor", "--json", "--url", url])
            .args(more)
            .env("SECRET_KEY", KEY)
            .output()
            .unwrap();
        Self::read(&output)
    }

    fn read(output: &Output) -> Self {
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { exit: output.status.code(), text }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The first check of this id.
    fn check(&self, id: &str) -> Value {
        let report = self.json();
        let checks = report["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("{id}: {report}"))
    }

    /// Fails with this check, whose fix says `fix`.
    fn fails(&self, id: &str, found: &str, fix: &str) {
        let check = self.check(id);
        let text = |field: &str| check[field].as_str().unwrap_or_default().to_owned();
        assert_eq!((self.exit, &check["status"]), (Some(1), &json!("fail")), "{}", self.text);
        assert!(text("found").contains(found), "{found}: {check}");
        assert!(text("fix").contains(fix), "{fix}: {check}");
    }
}

#[test]
fn row_59_a_healthy_server_passes_every_check_and_the_json_is_stable() {
    let server = Running::serve(&["--grace", "1s", "--cors-allowed-origins", ORIGIN]);
    let token = server.token("Ada");
    let diagnosis =
        Diagnosis::of(&server, server.address, &["--token", &token, "--origin", ORIGIN, "--thorough"]);
    assert_eq!(diagnosis.exit, Some(0), "{}", diagnosis.text);
    let mut report = diagnosis.json();
    let checks = report["checks"].take();
    let lines = [&report].into_iter().chain(checks.as_array().unwrap()).map(Value::to_string);
    let text = lines.collect::<Vec<_>>().join("\n").replace(&server.address.to_string(), "HOST:PORT");
    insta::assert_snapshot!(text, @r#"
    {"checks":null,"ok":true,"url":"http://HOST:PORT","version":1}
    {"fix":null,"found":"a Hereabouts server answers","id":"reach","status":"ok"}
    {"fix":null,"found":"the server's clock agrees within 30 s","id":"clock","status":"ok"}
    {"fix":null,"found":"sockets open; one without a token is closed with 4401","id":"upgrade","status":"ok"}
    {"fix":null,"found":"pages of https://app.example.com may read answers","id":"cors","status":"ok"}
    {"fix":null,"found":"pages of https://app.example.com may open sockets","id":"origin","status":"ok"}
    {"fix":null,"found":"an access token that has not expired","id":"token","status":"ok"}
    {"fix":null,"found":"the list that the component shows is answered; if it is not rendered, wrap the page in UserStatusProvider inside AuthProvider, and sign in","id":"list","status":"ok"}
    {"fix":null,"found":"the token opens it, and messages go both ways","id":"socket","status":"ok"}
    {"fix":null,"found":"who closes the page is offline at once","id":"leave","status":"ok"}
    {"fix":null,"found":"who is cut off is offline after the grace of 1 s","id":"lost","status":"ok"}
    {"fix":null,"found":"NEXT_PUBLIC_API_BASE_URL is not set here; it must be http://HOST:PORT/api where the page is built","id":"front-end","status":"skip"}
    "#);
    assert!(server.online(&server.token("Linus")).is_empty(), "the doctor leaves as it came");
}

#[test]
fn row_59_the_report_for_people_names_the_person_and_fits_the_screen() {
    let server = Running::serve(&[]);
    server.token("Ada");
    let url = format!("http://{}", server.address);
    let output = hereabouts(server.folder.path())
        .args(["doctor", "--url", &url, "--user", "Ada", "--origin", "https://elsewhere.example"])
        .env("SECRET_KEY", KEY)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("  FAIL  cors") && text.contains("CORS_ALLOWED_ORIGINS=https://elsewhere.example"),
        "{text}"
    );
    assert!(text.contains("2 failed"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80 || !line.trim().contains(' '), "{line}");
        assert!(!line.contains('\u{1b}'), "no colour in a pipe: {line}");
    }
}

#[test]
fn row_59_nothing_listens() {
    let server = Running::serve(&[]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Diagnosis::of(&server, closed, &[]).fails("reach", "nothing listens", "hereabouts serve");
    Diagnosis::at(&server, "http://no-such-name.invalid:1", &[]).fails("reach", "not known", "spelling");
}

#[test]
fn row_59_another_program_has_the_port() {
    let server = Running::serve(&[]);
    let other = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    Diagnosis::of(&server, other, &[]).fails("reach", "404", "another program");
    let proxy = answering("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    Diagnosis::of(&server, proxy, &[]).fails("reach", "does not reach the server", "upstream");
    let silent = answering("this is no HTTP\r\n\r\n");
    Diagnosis::of(&server, silent, &[]).fails("reach", "does not speak HTTP", "no HTTP port");
}

#[test]
fn row_59_the_host_is_not_allowed() {
    let server = Running::serve(&["--allowed-hosts", "presence.example.com"]);
    Diagnosis::of(&server, server.address, &[]).fails("reach", "127.0.0.1", "ALLOWED_HOSTS=127.0.0.1");
}

#[test]
fn row_59_the_origin_is_not_allowed() {
    let server = Running::serve(&[]);
    let diagnosis = Diagnosis::of(&server, server.address, &["--origin", ORIGIN]);
    let setting = format!("CORS_ALLOWED_ORIGINS={ORIGIN}");
    diagnosis.fails("cors", "may not read", &setting);
    diagnosis.fails("origin", "may not open sockets", &setting);
    assert_eq!(diagnosis.check("upgrade")["status"], "ok", "the socket itself is in order");
}

#[test]
fn row_59_the_clock_is_wrong() {
    let server = Running::serve(&[]);
    let late = answering(
        "HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Length: 15\r\nConnection: close\r\n\r\n\
         {\"status\":\"ok\"}",
    );
    Diagnosis::of(&server, late, &[]).fails("clock", "behind", "NTP");
}

#[test]
fn row_59_each_fault_of_a_token_has_its_own_answer() {
    let server = Running::serve(&[]);
    let with = |token: &str| Diagnosis::of(&server, server.address, &["--token", token]);
    with("nonsense").fails("token", "no JWT", "hereabouts token");
    let claims = |kind: &str, exp: u64| json!({"token_type": kind, "exp": exp, "user_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7"});
    let unsigned = |claims: &Value| format!("e30.{}.AAAA", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    with(&unsigned(&claims("access", 1_000_000))).fails("token", "expired", "sign in again");
    with(&unsigned(&claims("refresh", 4_000_000_000))).fails("token", "refresh", "accessToken");
    // Fine to look at, and signed with a key that is not the server's.
    let foreign = with(&unsigned(&claims("access", 4_000_000_000)));
    assert_eq!(foreign.check("token")["status"], "ok");
    foreign.fails("list", "refuses the token", "SECRET_KEY");
    assert_eq!(foreign.check("socket")["status"], "skip", "one cause is reported once");
    let nobody = Diagnosis::of(&server, server.address, &["--user", "Nobody"]);
    nobody.fails("token", "nobody is called", "user list");
}

#[test]
fn row_59_a_proxy_that_passes_no_upgrade() {
    let server = Running::serve(&[]);
    let proxy = proxy_without_upgrade(server.address);
    let diagnosis = Diagnosis::of(&server, proxy, &["--token", &server.token("Ada")]);
    diagnosis.fails("upgrade", "plain request", "proxy_set_header Upgrade");
    assert_eq!(diagnosis.check("list")["status"], "ok", "HTTP itself gets through");
}

#[test]
fn row_59_the_settings_of_this_machine_are_read_too() {
    let server = Running::serve(&[]);
    let doctor = |more: &[(&str, &str)]| {
        let mut command = hereabouts(server.folder.path());
        command.args(["doctor", "--json"]).env("SECRET_KEY", KEY);
        command.env("HEREABOUTS_BIND", server.address.to_string());
        Diagnosis::read(&command.envs(more.iter().copied()).output().unwrap())
    };
    let fine = doctor(&[]);
    assert_eq!(fine.exit, Some(0), "{}", fine.text);
    for id in ["settings", "database", "port", "reach"] {
        assert_eq!(fine.check(id)["status"], "ok", "{}", fine.text);
    }
    let wrong = doctor(&[("HEREABOUTS_GRACE", "soon"), ("REDIS_URL", "redis://:canary@localhost")]);
    wrong.fails("settings", "REDIS_URL", "env -u REDIS_URL");
    assert!(wrong.text.contains("--grace"), "{}", wrong.text);
    assert_eq!(wrong.text.matches("\"id\": \"settings\"").count(), 2, "{}", wrong.text);
    let odd = doctor(&[("HEREABOUTS_GRCE", "1s")]);
    assert_eq!((odd.exit, &odd.check("reach")["status"]), (Some(0), &json!("ok")));
    assert!(odd.text.contains("did you mean HEREABOUTS_GRACE?"), "{}", odd.text);
    let taken = answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").to_string();
    doctor(&[("HEREABOUTS_BIND", &taken)]).fails("port", "another program", "--bind");
    std::fs::write(server.folder.path().join("broken.sqlite3"), "this is no database, only some text")
        .unwrap();
    doctor(&[("DATABASE_URL", "sqlite://broken.sqlite3")]).fails("database", "broken.sqlite3", "backup");
    let front_end = doctor(&[("NEXT_PUBLIC_API_BASE_URL", "http://localhost:1/api")]);
    assert_eq!(front_end.check("front-end")["status"], "warn");
}

#[test]
fn row_59_no_secret_is_printed_anywhere() {
    let server = Running::serve(&[]);
    let token = server.token("Ada");
    let url = format!("http://{}", server.address);
    for arguments in [&["--url", &url, "--token", &token][..], &["--token", "canary-token.x.y"], &[]] {
        for form in [&["--json"][..], &[]] {
            let output = hereabouts(server.folder.path())
                .arg("doctor")
                .args(arguments)
                .args(form)
                .env("SECRET_KEY", "canary-key-canary-key-canary-key-canary-key")
                .env("SECRET_KEY_FALLBACKS", "canary-short")
                .env("DATABASE_URL", "postgres://user:canary-password@localhost/x")
                .env("REDIS_URL", "redis://:canary-redis@localhost")
                .output()
                .unwrap();
            let said = format!("{output:?}");
            assert!(!said.contains("canary"), "{said}");
            assert!(!said.contains(token.rsplit('.').next().unwrap()), "{said}");
        }
    }
}

/// A program that answers everything with this.
fn answering(answer: &'static str) -> SocketAddr {
    served(move |mut stream, _| stream.write_all(answer.as_bytes()).is_ok())
}

/// A proxy as it is without the lines for WebSocket: it takes `Upgrade` and `Connection` off.
fn proxy_without_upgrade(upstream: SocketAddr) -> SocketAddr {
    served(move |mut stream, head| {
        let kept: String = head
            .split_inclusive("\r\n")
            .filter(|line| !line.to_ascii_lowercase().starts_with("upgrade:"))
            .map(|line| {
                let is_connection = line.to_ascii_lowercase().starts_with("connection:");
                if is_connection { "Connection: close\r\n" } else { line }
            })
            .collect();
        let kept = if kept.contains("Connection: close") {
            kept
        } else {
            kept.replacen("\r\n", "\r\nConnection: close\r\n", 1)
        };
        let mut server = TcpStream::connect(upstream).unwrap();
        server.write_all(kept.as_bytes()).unwrap();
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).unwrap();
        stream.write_all(&answer).is_ok()
    })
}

/// Listens on a free port for as long as the test runs; `answer` gets each connection and the head of its request.
fn served(answer: impl Fn(TcpStream, &str) -> bool + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut head = String::new();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            while lines.read_line(&mut head).is_ok_and(|n| n > 2) {}
            // Who does not wait for the answer is not our concern.
            let _ = answer(stream, &head);
        }
    });
    address
}
