//! What survives when the machine, the disk or other programs do their worst, on the real binary.

mod disk;
mod kill;
mod locks;
mod postgres;

use serde_json::{Value, json};

use crate::process::{Answer, Running};

/// Enough for every password.
const PASSWORD: &str = "correct horse battery";
/// What the tests ask of one address is no attack.
const UNLIMITED: [&str; 2] = ["--requests-per-second-per-ip", "0"];

fn register(server: &Running, name: &str) -> Answer {
    let body = json!({"username": name, "password": PASSWORD});
    server.post("/api/auth/register/", &body.to_string())
}

/// The access token of somebody new.
fn newcomer(server: &Running, name: &str) -> String {
    let answer = register(server, name);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn rename(server: &Running, token: &str, name: &str) -> Answer {
    let body: Value = json!({"username": name});
    server.request(
        "PATCH",
        "/api/auth/user/",
        token,
        &[("Content-Type", "application/json")],
        &body.to_string(),
    )
}

/// What `/readyz` says of the database, while it is not ready; `None` when all is well.
fn trouble(server: &Running) -> Option<String> {
    let answer = server.internal("/readyz");
    assert!([200, 503].contains(&answer.status), "{}", answer.body);
    (answer.status == 503).then(|| answer.json()["store"].as_str().unwrap().to_owned())
}
