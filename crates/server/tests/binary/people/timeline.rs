//! Activity on the real binary: what is written, who reads it, and that it is there once.

use serde_json::{Value, json};

use super::cast::{Somebody, only, serve, serve_again};
use crate::process::eventually;

fn kinds(who: &Somebody<'_>, query: &str) -> Vec<String> {
    let page = who.get(&format!("/api/activity/{query}"));
    let rows = page["results"].as_array().unwrap();
    rows.iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn coming_and_going_is_written_once_and_mine_to_read() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let socket = ada.open();
    bob.wait_to_see(&ada, "online");
    ada.put("/api/me/status/", &json!({"mode": "away"}));
    // Hiding is leaving, and what is done in hiding is not there.
    ada.put("/api/me/status/", &json!({"mode": "invisible"}));
    ada.put("/api/me/status/", &json!({"mode": "invisible", "custom": {"text": "x"}}));
    ada.put("/api/me/status/", &json!({"mode": "auto"}));
    socket.leave();
    eventually("five rows", || kinds(&ada, "").len() == 5);
    assert_eq!(kinds(&ada, ""), ["left", "joined", "left", "changed", "joined"]);
    let of_ada = format!("?user_id={}", ada.id);
    assert!(
        kinds(&bob, &of_ada).is_empty() && kinds(&bob, "?scope=friends").is_empty(),
        "nobody else, by default"
    );

    let server = serve_again(server);
    let ada = Somebody::new(&server, "Ada");
    assert_eq!(kinds(&ada, "").len(), 5, "at rest");
    let page = ada.get("/api/activity/?limit=2");
    let next = page["next"].as_str().unwrap();
    assert_eq!(ada.get(next)["results"].as_array().unwrap().len(), 2);
}

#[test]
fn a35_others_read_what_was_and_is_open_to_them() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    ada.open().leave();
    eventually("it is written", || kinds(&ada, "").len() == 2);
    ada.befriend(&bob);
    ada.set_privacy(&json!({"activity": only("friends")}));
    let of_ada = format!("?user_id={}", ada.id);
    assert!(kinds(&bob, &of_ada).is_empty(), "what was closed then stays closed");
    ada.open().leave();
    eventually("friends read it", || kinds(&bob, &of_ada) == ["left", "joined"]);
    assert_eq!(kinds(&bob, "?scope=friends"), ["left", "joined"]);
    assert!(kinds(&eve, &of_ada).is_empty());
    let row = bob.get(&format!("/api/activity/{of_ada}"))["results"][0].clone();
    assert!(row["at"].as_str().unwrap().ends_with(":00.000000Z"), "to the minute, as she wants it: {row}");
    ada.block(&bob);
    assert!(kinds(&bob, &of_ada).is_empty());
    for (query, status) in [
        ("?user_id=11111111-2222-4333-8444-555555555555", 404),
        ("?user_id=x", 400),
        ("?scope=everyone", 400),
        ("?before=x", 400),
        ("?limit=0", 400),
        ("?limit=101", 400),
    ] {
        let answer = bob.ask("GET", &format!("/api/activity/{query}"), &Value::Null);
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
    }
}
