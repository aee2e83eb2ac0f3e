//! Accounts on the real binary: register, login, tickets, refresh, logout, and what becomes of sockets.

use std::{net::TcpStream, time::Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client::IntoClientRequest, stream::MaybeTlsStream};

use crate::process::{Answer, PATIENCE, Running, eventually};

const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
struct SignedIn {
    access: String,
    refresh: String,
    user: Value,
}

fn send(server: &Running, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    server.request(method, path, token, &[("Content-Type", "application/json")], &body.to_string())
}

fn post(server: &Running, path: &str, body: &Value) -> Answer {
    send(server, "POST", path, "", body)
}

fn signed_in(answer: &Answer) -> SignedIn {
    assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.body);
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{name}: {body}")).to_owned();
    SignedIn { access: text("access_token"), refresh: text("refresh_token"), user: body["user"].clone() }
}

fn register(server: &Running, name: &str) -> SignedIn {
    let answer = post(server, "/api/auth/register/", &json!({"username": name, "password": PASSWORD}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    signed_in(&answer)
}

fn login(server: &Running, name: &str, password: &str) -> Answer {
    post(server, "/api/auth/login/", &json!({"username": name, "password": password}))
}

fn refresh(server: &Running, token: &str) -> Answer {
    post(server, "/api/auth/token/refresh/", &json!({"refresh_token": token}))
}

fn ticket(server: &Running, token: &str) -> String {
    let answer = send(server, "POST", "/api/auth/ws-ticket/", token, &json!(null));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["expires_in"], 30);
    answer.json()["ticket"].as_str().unwrap().to_owned()
}

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

fn open(server: &Running, query: &str, protocol: Option<&str>) -> Socket {
    let mut request =
        format!("ws://{}/ws/user-status/{query}", server.address).into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocol.parse().unwrap());
    }
    let (socket, _) = tungstenite::connect(request).unwrap();
    if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    socket
}

fn by_ticket(server: &Running, token: &str) -> Socket {
    open(server, &format!("?ticket={}", ticket(server, token)), None)
}

/// The type of the next text, or the code of the close.
fn next(socket: &mut Socket) -> Result<String, u16> {
    loop {
        match socket.read().unwrap() {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                return Ok(message["type"].as_str().unwrap().to_owned());
            }
            Message::Close(frame) => return Err(frame.map_or(1005, |frame| frame.code.into())),
            _ => {}
        }
    }
}

fn close_code(socket: &mut Socket) -> u16 {
    (0..100).find_map(|_| next(socket).err()).unwrap()
}

fn acknowledged(mut socket: Socket) -> Socket {
    assert_eq!(next(&mut socket).as_deref(), Ok("connection.ack"));
    socket
}

fn passwords_hashed(server: &Running) -> u64 {
    let metrics = server.internal("/metrics").body;
    let line = metrics.lines().find(|line| line.starts_with("hereabouts_password_hashes_total ")).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn from_register_to_logout() {
    let server = Running::serve(&[]);
    let ada = register(&server, "Ada Lovelace");
    let mut keys: Vec<_> = ada.user.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let names = ["id", "is_online", "last_activity", "last_seen", "profile_image_url", "slug", "username"];
    assert_eq!(keys, names);
    assert_eq!((&ada.user["username"], &ada.user["slug"]), (&"Ada Lovelace".into(), &"ada-lovelace".into()));
    let bob = register(&server, "Bob");

    let socket = acknowledged(by_ticket(&server, &ada.access));
    assert_eq!(server.online(&bob.access), ["Ada Lovelace"]);
    let mine = server.get("/api/auth/user/", &ada.access).json();
    assert_eq!((&mine["id"], &mine["is_online"]), (&ada.user["id"], &true.into()));

    let answer = login(&server, "  ada  LOVELACE ", PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let second = signed_in(&answer);
    assert_eq!(second.user["id"], ada.user["id"]);
    let renewed = signed_in(&refresh(&server, &second.refresh));
    assert_ne!(renewed.refresh, second.refresh);
    let mut elsewhere = acknowledged(by_ticket(&server, &renewed.access));

    let answer = send(&server, "POST", "/api/auth/logout/", &renewed.access, &json!(null));
    assert_eq!(answer.status, 204, "{}", answer.body);
    let start = Instant::now();
    assert_eq!(close_code(&mut elsewhere), 4401);
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
    for gone in [&second.access, &renewed.access] {
        assert_eq!(server.get("/api/users/online/", gone).status, 401, "all tokens of the sign-in");
    }
    assert_eq!(refresh(&server, &renewed.refresh).status, 401);
    assert_eq!(server.get("/api/users/online/", &ada.access).status, 200, "the other sign-in holds");
    assert_eq!(server.online(&bob.access), ["Ada Lovelace"], "and so does its socket");
    drop(socket);
}

#[test]
fn every_account_route_answers_with_and_without_its_slash() {
    let server = Running::serve(&[]);
    let ada = register(&server, "Ada");
    let mut refresh_token = ada.refresh;
    for slash in ["", "/"] {
        let name = format!("Bob{slash}");
        let body = json!({"username": name, "password": PASSWORD});
        assert_eq!(post(&server, &format!("/api/auth/register{slash}"), &body).status, 201);
        assert_eq!(post(&server, &format!("/api/auth/login{slash}"), &body).status, 200);
        let path = format!("/api/auth/token/refresh{slash}");
        let answer = post(&server, &path, &json!({"refresh": refresh_token}));
        assert_eq!(answer.status, 200, "simplejwt's name for it is fine too");
        refresh_token = signed_in(&answer).refresh;
        assert_eq!(server.get(&format!("/api/auth/user{slash}"), &ada.access).status, 200);
        let path = format!("/api/auth/ws-ticket{slash}");
        assert_eq!(send(&server, "POST", &path, &ada.access, &json!(null)).status, 200);
    }
    let body = json!({"refresh_token": refresh_token});
    for slash in ["", "/"] {
        assert_eq!(
            post(&server, &format!("/api/auth/logout{slash}"), &body).status,
            204,
            "also the second time"
        );
    }
    assert_eq!(post(&server, "/api/auth/logout/", &json!({})).status, 401);
}

#[test]
fn a08_logout_closes_the_sockets_of_its_sign_in_and_leaves_without_grace() {
    let server = Running::serve(&["--grace", "1h"]);
    let (ada, bob) = (register(&server, "Ada"), register(&server, "Bob"));
    let bought_before = ticket(&server, &ada.access);
    let mut sockets: Vec<_> = (0..3).map(|_| acknowledged(by_ticket(&server, &ada.access))).collect();
    // In the first message too.
    let mut v1 = open(&server, "", Some("hereabouts.v1"));
    v1.send(Message::text(json!({"type": "auth", "token": ada.access}).to_string())).unwrap();
    sockets.push(acknowledged(v1));
    let body = json!({"refresh_token": ada.refresh});
    assert_eq!(post(&server, "/api/auth/logout/", &body).status, 204);
    let start = Instant::now();
    for socket in &mut sockets {
        assert_eq!(close_code(socket), 4401);
    }
    assert!(start.elapsed().as_secs() < 2, "{:?}", start.elapsed());
    eventually("a logout is a word, not a loss", || server.online(&bob.access).is_empty());
    let mut late = open(&server, &format!("?token={}", ada.access), None);
    assert_eq!(close_code(&mut late), 4401, "a new upgrade");
    let mut late = open(&server, &format!("?ticket={bought_before}"), None);
    assert_eq!(close_code(&mut late), 4401, "a ticket that was bought before");
    assert_eq!(send(&server, "POST", "/api/auth/ws-ticket/", &ada.access, &json!(null)).status, 401);
}

#[test]
fn a08_an_operator_disables_enables_and_removes_people_of_a_running_server() {
    let server = Running::serve(&["--requests-per-second-per-ip", "0"]);
    let ada = register(&server, "Ada");
    let mut socket = acknowledged(by_ticket(&server, &ada.access));
    let start = Instant::now();
    server.command(&["user", "disable", "Ada"]);
    assert_eq!(close_code(&mut socket), 4403);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    assert_eq!(server.get("/api/users/online/", &ada.access).status, 403);
    assert_eq!(refresh(&server, &ada.refresh).status, 403);
    assert_eq!(login(&server, "Ada", PASSWORD).status, 403);
    assert_eq!(
        login(&server, "Ada", "not this password").status,
        401,
        "only the right password learns of it"
    );
    assert_eq!(close_code(&mut open(&server, &format!("?token={}", ada.access), None)), 4403);
    assert!(server.command(&["user", "list"]).ends_with("disabled"));

    server.command(&["user", "enable", "Ada"]);
    eventually("let in again", || server.get("/api/users/online/", &ada.access).status == 200);
    let mut socket = acknowledged(by_ticket(&server, &ada.access));
    let minted = server.command(&["token", "--user", "Ada"]);
    let mut by_hand = acknowledged(open(&server, &format!("?token={minted}"), None));
    server.command(&["user", "remove", "Ada"]);
    assert_eq!(close_code(&mut socket), 4401);
    assert_eq!(close_code(&mut by_hand), 4401, "a token of no sign-in");
    for token in [&ada.access, &minted] {
        assert_eq!(server.get("/api/users/online/", token).status, 401);
        assert_eq!(close_code(&mut open(&server, &format!("?token={token}"), None)), 4401);
    }
    assert_eq!(refresh(&server, &ada.refresh).status, 401);
    assert_eq!(login(&server, "Ada", PASSWORD).status, 401);
    // What was written behind did not bring the row back.
    assert_eq!(server.get("/api/users/recent/", &register(&server, "Bob").access).body, "[]");
    assert_eq!(server.command(&["user", "list"]).lines().count(), 1);
}

#[test]
fn a11_of_fifty_upgrades_with_one_ticket_exactly_one_gets_in() {
    let server = Running::serve(&["--requests-per-second-per-ip", "0"]);
    let ada = register(&server, "Ada");
    let ticket = format!("?ticket={}", ticket(&server, &ada.access));
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let upgrades: Vec<_> =
            (0..50).map(|_| scope.spawn(|| next(&mut open(&server, &ticket, None)))).collect();
        upgrades.into_iter().map(|upgrade| upgrade.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.as_deref() == Ok("connection.ack")).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(4401)).count(), 49, "{outcomes:?}");
    assert_eq!(close_code(&mut open(&server, "?ticket=", None)), 4401);
    // A ticket comes before a token, also when only the token is good.
    let both = format!("{ticket}&token={}", ada.access);
    assert_eq!(close_code(&mut open(&server, &both, None)), 4401);
    assert!(!server.log().contains(&ticket[8..]));
}

#[test]
fn a11_a_ticket_ends_with_its_time_and_with_the_token_that_bought_it() {
    let server = Running::serve(&["--ticket-ttl", "1s"]);
    let token = {
        server.command(&["user", "add", "Ada"]);
        server.command(&["token", "--user", "Ada", "--ttl", "3s"])
    };
    let answer = send(&server, "POST", "/api/auth/ws-ticket/", &token, &json!(null));
    assert_eq!(answer.json()["expires_in"], 1);
    let late = answer.json()["ticket"].as_str().unwrap().to_owned();
    let bought = send(&server, "POST", "/api/auth/ws-ticket/", &token, &json!(null)).json();
    let query = format!("?ticket={}", bought["ticket"].as_str().unwrap());
    let start = Instant::now();
    let mut socket = acknowledged(open(&server, &query, Some("hereabouts.v1")));
    // 3 s of the token, 5 s of leeway: the socket has the end of the token, not that of the ticket.
    assert_eq!(close_code(&mut socket), 4401);
    assert!(start.elapsed().as_secs() >= 6, "{:?}", start.elapsed());
    assert_eq!(close_code(&mut open(&server, &format!("?ticket={late}"), None)), 4401);
}

#[test]
fn a37_an_unknown_name_and_a_wrong_password_are_answered_alike_and_cost_the_same_hash() {
    let server = Running::serve(&[]);
    register(&server, "Ada");
    server.command(&["user", "add", "No Password"]);
    let mut answers = Vec::new();
    for name in ["Ada", "Nobody", "No Password", "\u{202e}", "", &"x".repeat(5000)] {
        let before = passwords_hashed(&server);
        let answer = login(&server, name, "not this password");
        assert_eq!(passwords_hashed(&server) - before, 1, "{name:?}");
        answers.push((answer.status, answer.detail()));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");

    let (before, hashes) = (register(&server, "Bob").user, passwords_hashed(&server));
    let taken = post(&server, "/api/auth/register/", &json!({"username": "BOB", "password": PASSWORD}));
    assert_eq!((taken.status, passwords_hashed(&server) - hashes), (409, 1));
    assert!(taken.detail().contains("Choose another"), "{}", taken.detail());
    assert_eq!(before["username"], "Bob");
}

#[test]
fn a37_passwords_have_8_to_1024_bytes() {
    let server = Running::serve(&[]);
    let try_register = |name: &str, password: &str| {
        post(&server, "/api/auth/register/", &json!({"username": name, "password": password}))
    };
    let longest = "€".repeat(341) + "x";
    assert_eq!(longest.len(), 1024);
    assert_eq!(try_register("Ada", "12345678").status, 201);
    assert_eq!(try_register("Bob", &longest).status, 201);
    assert_eq!(login(&server, "Bob", &longest).status, 200);
    let hashes = passwords_hashed(&server);
    for password in ["", "1234567", &format!("{longest}x"), "12345\u{0}678"] {
        for answer in [try_register("Eve", password), login(&server, "Ada", password)] {
            assert_eq!(answer.status, 422, "{password:?}");
            assert!(!answer.detail().is_empty());
        }
    }
    assert_eq!(passwords_hashed(&server), hashes, "nothing is hashed for them");
}

#[test]
fn a37_the_sixth_attempt_of_a_minute_has_to_wait() {
    let server = Running::serve(&[]);
    register(&server, "Ada");
    for _ in 0..5 {
        assert_eq!(login(&server, "Ada", "not this password").status, 401);
    }
    for password in ["not this password", PASSWORD] {
        let answer = login(&server, "ADA", password);
        assert_eq!(answer.status, 429, "{}", answer.body);
        let retry_after: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=12).contains(&retry_after), "{retry_after}");
    }
    register(&server, "Bob");
    assert_eq!(login(&server, "Bob", PASSWORD).status, 200, "another account");
}

#[test]
fn a39_texts_are_texts() {
    let server = Running::serve(&["--logins-per-minute", "0"]);
    for name in [
        "' OR '1'='1",
        "'; DROP TABLE users; --",
        "\" OR \"\"=\"",
        "' UNION SELECT hash FROM passwords --",
        "%",
        "_",
        "a%_\\%b",
        "?1 $1 :id",
    ] {
        assert_eq!(login(&server, name, "' OR '1'='1' --").status, 401, "{name:?}");
        let somebody = register(&server, name);
        assert_eq!(somebody.user["username"], name);
        assert_eq!(login(&server, name, PASSWORD).status, 200, "{name:?}");
        assert_eq!(login(&server, name, "' OR '1'='1' --").status, 401, "{name:?}");
    }
    let nul = json!({"username": "A\u{0}da", "password": PASSWORD});
    assert_eq!(post(&server, "/api/auth/register/", &nul).status, 422);
    assert_eq!(post(&server, "/api/auth/login/", &nul).status, 422);
    assert_eq!(server.command(&["user", "list"]).lines().count(), 8);
}

#[test]
fn a41_a_44_what_cannot_be_shown_is_refused_with_a_reason() {
    let server = Running::serve(&[]);
    let ada = register(&server, "Ada");
    let change = |body: &Value| send(&server, "PATCH", "/api/auth/user/", &ada.access, body);
    for name in ["", "  ", "A\u{202e}da", "Ada\u{200b}", &"x".repeat(65), "\u{3164}", "Ada\n"] {
        let body = json!({"username": name, "password": PASSWORD});
        for answer in [post(&server, "/api/auth/register/", &body), change(&json!({"username": name}))] {
            assert_eq!(answer.status, 422, "{name:?}: {}", answer.body);
            assert!(answer.detail().contains("name"), "{}", answer.detail());
        }
    }
    for picture in ["javascript:alert(1)", "data:text/html,x", "//evil/x", "http://a/x", "https://u:p@a/x"] {
        let body = json!({"username": "Eve", "password": PASSWORD, "profile_image_url": picture});
        let body_of_change = json!({"profile_image_url": picture});
        for answer in [post(&server, "/api/auth/register/", &body), change(&body_of_change)] {
            assert_eq!(answer.status, 422, "{picture}: {}", answer.body);
            assert!(answer.detail().contains("https:"), "{}", answer.detail());
        }
    }
    for name in ["ada", "\u{410}da", "Ad\u{430}", "ADA"] {
        let body = json!({"username": name, "password": PASSWORD});
        assert_eq!(post(&server, "/api/auth/register/", &body).status, 409, "{name:?}");
    }
    for body in [json!(null), json!([]), json!({}), json!({"username": 7, "password": PASSWORD})] {
        let answer = post(&server, "/api/auth/register/", &body);
        assert_eq!(answer.status, 422, "{body}");
        assert!(!answer.detail().is_empty());
    }
}

#[test]
fn a_refresh_token_used_twice_ends_the_whole_sign_in() {
    let server = Running::serve(&[]);
    let ada = register(&server, "Ada");
    let second = signed_in(&refresh(&server, &ada.refresh));
    let mut socket = acknowledged(by_ticket(&server, &second.access));
    let stolen = refresh(&server, &ada.refresh);
    assert_eq!(stolen.status, 401);
    assert!(stolen.detail().contains("Sign in again"), "{}", stolen.detail());
    assert_eq!(close_code(&mut socket), 4401);
    assert_eq!(refresh(&server, &second.refresh).status, 401);
    assert_eq!(server.get("/api/users/online/", &second.access).status, 401);
    assert_eq!(login(&server, "Ada", PASSWORD).status, 200, "a new sign-in is a new family");
    assert!(server.log().contains("was used twice"));
    for secret in [&ada.refresh, &second.refresh, &ada.access] {
        assert!(!server.log().contains(secret.as_str()));
    }
    for bad in ["", "x.y.z", &ada.access] {
        assert_eq!(refresh(&server, bad).status, 401);
    }
}

#[test]
fn of_parallel_refreshes_with_one_token_exactly_one_wins() {
    let server = Running::serve(&["--requests-per-second-per-ip", "0"]);
    let ada = register(&server, "Ada");
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let attempts: Vec<_> =
            (0..20).map(|_| scope.spawn(|| refresh(&server, &ada.refresh).status)).collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 19, "{statuses:?}");
}

#[test]
fn a_profile_is_changed_and_a_new_password_ends_the_other_sign_ins() {
    let server = Running::serve(&["--requests-per-second-per-ip", "0"]);
    let (ada, bob) = (register(&server, "Ada"), register(&server, "Bob"));
    let other = signed_in(&login(&server, "Ada", PASSWORD));
    let mut elsewhere = acknowledged(by_ticket(&server, &other.access));
    let change = |body: &Value| send(&server, "PATCH", "/api/auth/user/", &ada.access, body);

    let body = json!({"username": "Ada Lovelace", "profile_image_url": "https://a.example/ada.png"});
    let changed = change(&body).json();
    assert_eq!(changed["username"], "Ada Lovelace");
    assert_eq!(changed["profile_image_url"], "https://a.example/ada.png");
    assert_eq!(changed["slug"], "ada", "addresses stay");
    assert_eq!(change(&json!({"profile_image_url": null})).json()["profile_image_url"], Value::Null);
    assert_eq!(change(&json!({})).json()["username"], "Ada Lovelace");
    drop(acknowledged(by_ticket(&server, &ada.access)));
    eventually("others see the new name with the next connection", || {
        server.online(&bob.access) == ["Ada Lovelace"]
    });

    let new = "another horse battery";
    assert_eq!(change(&json!({"password": new})).status, 422, "without the old one");
    assert_eq!(change(&json!({"password": new, "old_password": "not this password"})).status, 403);
    assert_eq!(change(&json!({"password": "short", "old_password": PASSWORD})).status, 422);
    assert_eq!(server.get("/api/auth/user/", &other.access).status, 200);
    assert_eq!(change(&json!({"password": new, "old_password": PASSWORD})).status, 200);
    assert_eq!(close_code(&mut elsewhere), 4401);
    assert_eq!(server.get("/api/auth/user/", &other.access).status, 401);
    assert_eq!(server.get("/api/auth/user/", &ada.access).status, 200, "the sign-in that changed it holds");
    assert_eq!(login(&server, "Ada Lovelace", PASSWORD).status, 401);
    assert_eq!(login(&server, "Ada Lovelace", new).status, 200);
}

#[test]
fn only_hashes_of_passwords_and_refresh_tokens_are_at_rest() {
    let server = Running::serve(&[]);
    let ada = register(&server, "Ada");
    let second = signed_in(&refresh(&server, &ada.refresh));
    let mut at_rest = Vec::new();
    for file in ["test.sqlite3", "test.sqlite3-wal"] {
        at_rest.extend(std::fs::read(server.folder.path().join(file)).unwrap());
    }
    let holds = |text: &str| at_rest.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("$argon2id$v=19$m=19456,t=2,p=1$"));
    for secret in [PASSWORD, &ada.refresh, &second.refresh, &ada.access, &second.access] {
        let signature = secret.rsplit('.').next().unwrap();
        assert!(!holds(signature), "{secret}");
    }
}

#[test]
fn a_restart_forgets_no_logout() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("people.sqlite3").display());
    let flags = ["--database-url", database.as_str()];
    let server = Running::serve(&flags);
    let (ada, bob) = (register(&server, "Ada"), register(&server, "Bob"));
    let body = json!({"refresh_token": ada.refresh});
    assert_eq!(post(&server, "/api/auth/logout/", &body).status, 204);
    drop(server);
    let server = Running::serve(&flags);
    assert_eq!(server.get("/api/users/online/", &ada.access).status, 401);
    assert_eq!(server.get("/api/users/online/", &bob.access).status, 200);
    assert_eq!(refresh(&server, &bob.refresh).status, 200);
}

#[test]
fn with_the_directory_token_there_are_tickets_and_no_accounts() {
    let server = Running::serve(&["--directory", "token"]);
    let token = server.token("Ada");
    acknowledged(by_ticket(&server, &token));
    let answer = post(&server, "/api/auth/register/", &json!({"username": "Ada", "password": PASSWORD}));
    assert_eq!(answer.status, 404);
    assert!(answer.detail().contains("--directory token"), "{}", answer.detail());
    server.command(&["user", "disable", "Ada"]);
    eventually("disabled", || server.get("/api/users/online/", &token).status == 403);
}

#[test]
fn a_stranger_with_a_good_signature_is_not_let_in() {
    let server = Running::serve(&[]);
    let ada = server.token("Ada");
    server.command(&["user", "remove", "Ada"]);
    assert_eq!(server.get("/api/users/online/", &ada).status, 401);
    assert_eq!(close_code(&mut open(&server, &format!("?token={ada}"), None)), 4401);
}
