//! `kill -9` at any moment: nobody stays online, and whatever was acknowledged is there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{PASSWORD, UNLIMITED, newcomer, trouble};
use crate::{
    outside::Outside,
    process::{Answer, Running, eventually},
};

#[test]
fn f02_after_kill_9_nobody_is_online_when_the_port_opens() {
    let server = Running::serve(&UNLIMITED);
    let tokens: Vec<_> = (0..5).map(|n| newcomer(&server, &format!("Person {n}"))).collect();
    let sockets: Vec<_> = tokens
        .iter()
        .map(|token| {
            let mut socket = server.socket(token);
            socket.read().unwrap();
            socket
        })
        .collect();
    eventually("they are online at rest", || Outside::open(server.folder.path()).n_online() == 5);
    let folder = server.kill();
    let server = Running::serve_in(&folder, &UNLIMITED);
    let n_online = Outside::open(server.folder.path()).n_online();
    assert_eq!((server.get("/livez", "").status, n_online), (200, 0));
    assert_eq!(server.online(&tokens[0]), [""; 0]);
    assert_eq!(trouble(&server), None);
    let last_seen = server.get("/api/auth/user/", &tokens[0]).json()["last_seen"].clone();
    assert!(last_seen.is_string(), "when they were here last is still known: {last_seen}");
    // Who comes back is there again, and nobody else.
    server.socket(&tokens[1]).read().unwrap();
    assert_eq!(server.online(&tokens[0]), ["Person 1"]);
    drop(sockets);
}

/// Points in time at which the server is killed: a hundred in `cargo xtask deep`.
fn n_kills() -> u64 {
    if std::env::var_os("HEREABOUTS_DEEP").is_some() { 100 } else { 12 }
}

#[test]
fn i14_what_was_acknowledged_survives_kill_9_at_random_points() {
    let seed = std::process::id() as u64 | 1;
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut folder = Arc::new(tempfile::tempdir().unwrap());
    for kill in 0..n_kills() {
        let server = Running::serve_in(&folder, &UNLIMITED);
        let is_killed = AtomicBool::new(false);
        let known: Vec<Known> = thread::scope(|scope| {
            let clients: Vec<_> = (0..3)
                .map(|client| {
                    let (server, is_killed) = (&server, &is_killed);
                    let mut random = Random(random.next());
                    scope
                        .spawn(move || busy_life(server, &format!("{kill}-{client}"), &mut random, is_killed))
                })
                .collect();
            thread::sleep(Duration::from_millis(random.next() % 500));
            server.signal("KILL");
            is_killed.store(true, Ordering::Relaxed);
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        folder = server.kill();
        let server = Running::serve_in(&folder, &UNLIMITED);
        let mut outside = Outside::open(server.folder.path());
        assert_eq!(outside.n_online(), 0);
        outside.assert_whole();
        for known in &known {
            known.assert_kept_by(&server);
        }
        folder = server.kill();
    }
}

/// What one person was told that the server has, and what it may have besides: the request under way at the end.
struct Known {
    access: String,
    refresh: String,
    /// The name that was acknowledged, then the one that was asked for.
    names: Vec<String>,
    is_refreshing: bool,
    logout: Logout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Logout {
    No,
    Asked,
    Acknowledged,
}

/// Registers people and changes them, one request after the other, until the server is gone.
fn busy_life(server: &Running, client: &str, random: &mut Random, is_killed: &AtomicBool) -> Vec<Known> {
    let mut everybody = Vec::new();
    for n in 0.. {
        let name = format!("P {client}-{n}");
        let body = json!({"username": name, "password": PASSWORD});
        let Some(answer) = ask(server, "POST", "/api/auth/register/", "", &body, is_killed) else { break };
        assert_eq!(answer.status, 201, "{}", answer.body);
        let mut known = Known {
            access: String::new(),
            refresh: String::new(),
            names: vec![name],
            is_refreshing: false,
            logout: Logout::No,
        };
        known.take_tokens(&answer.json());
        let is_alive = (0..8).all(|_| known.change_something(server, random, is_killed).is_some());
        everybody.push(known);
        if !is_alive {
            break;
        }
    }
    everybody
}

/// One request; `None` when the server died before it answered.
fn ask(
    server: &Running,
    method: &str,
    path: &str,
    token: &str,
    body: &Value,
    is_killed: &AtomicBool,
) -> Option<Answer> {
    let json = [("Content-Type", "application/json")];
    match server.try_request(method, path, token, &json, &body.to_string()) {
        Ok(answer) => Some(answer),
        Err(error) => {
            // Just before the word of it is out, it may be dead already.
            for _ in 0..1000 {
                if is_killed.load(Ordering::Relaxed) {
                    return None;
                }
                thread::sleep(Duration::from_millis(1));
            }
            panic!("{error}");
        }
    }
}

impl Known {
    fn take_tokens(&mut self, body: &Value) {
        body["access_token"].as_str().unwrap().clone_into(&mut self.access);
        body["refresh_token"].as_str().unwrap().clone_into(&mut self.refresh);
    }

    fn change_something(
        &mut self,
        server: &Running,
        random: &mut Random,
        is_killed: &AtomicBool,
    ) -> Option<()> {
        if self.logout != Logout::No {
            return Some(());
        }
        match random.next() % 8 {
            0 => {
                self.logout = Logout::Asked;
                let body = json!({"refresh_token": self.refresh});
                let answer = ask(server, "POST", "/api/auth/logout/", &self.access, &body, is_killed)?;
                assert!([200, 204].contains(&answer.status), "{} {}", answer.status, answer.body);
                self.logout = Logout::Acknowledged;
            }
            1..4 => {
                self.is_refreshing = true;
                let body = json!({"refresh_token": self.refresh});
                let answer = ask(server, "POST", "/api/auth/token/refresh/", "", &body, is_killed)?;
                assert_eq!(answer.status, 200, "{}", answer.body);
                self.take_tokens(&answer.json());
                self.is_refreshing = false;
            }
            _ => {
                let first = self.names[0].split(" as ").next().unwrap();
                let name = format!("{first} as {}", random.next() % 1000);
                self.names.push(name.clone());
                let body = json!({"username": name});
                let answer = ask(server, "PATCH", "/api/auth/user/", &self.access, &body, is_killed)?;
                assert_eq!(answer.status, 200, "{}", answer.body);
                self.names = vec![name];
            }
        }
        Some(())
    }

    fn assert_kept_by(&self, server: &Running) {
        let mine = server.get("/api/auth/user/", &self.access);
        match (self.logout, mine.status) {
            (Logout::No | Logout::Asked, 200) => {
                let name = mine.json()["username"].as_str().unwrap().to_owned();
                assert!(self.names.contains(&name), "{name} is none of {:?}", self.names);
            }
            (Logout::Asked | Logout::Acknowledged, 401) => {}
            (logout, status) => panic!("{status}, with the logout {logout:?}"),
        }
        let body = json!({"refresh_token": self.refresh}).to_string();
        let refreshed = server.post("/api/auth/token/refresh/", &body).status;
        let is_right = match (self.logout, self.is_refreshing) {
            (Logout::No, false) => refreshed == 200,
            (Logout::Acknowledged, _) => refreshed == 401,
            (Logout::Asked, _) | (_, true) => [200, 401].contains(&refreshed),
        };
        assert!(is_right, "{refreshed} for a refresh token, with the logout {:?}", self.logout);
    }
}

/// xorshift: for choosing moments, never for secrets.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
