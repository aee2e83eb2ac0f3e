//! Looking people up: how many at once, how often, and what of whom (A36, A38).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cast::{Somebody, serve};
use crate::process::Running;

#[test]
fn a36_harvesting_ends_with_429_and_bulk_is_bounded() {
    let server = Running::serve(&["--requests-per-second-per-ip", "0", "--lookups-per-minute", "20"]);
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let ids = |n: u64| (0..n).map(|n| format!("00000000-0000-4000-8000-{n:012}")).collect::<Vec<_>>();
    let answer = ada.ask("POST", "/api/users/status/", &json!({"ids": ids(1_001)}));
    assert_eq!(answer.status, 422, "{}", answer.body);
    let mut many = ids(999);
    many.push(bob.id.clone());
    let answer = ada.ask("POST", "/api/users/status/", &json!({"ids": many}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let users = answer.json()["users"].clone();
    assert_eq!(users.as_array().unwrap().len(), 1, "strangers to the table are nobody");
    assert_eq!(users[0]["username"], "Bob");

    let path = format!("/api/users/{}/status/", bob.id);
    let statuses: Vec<_> = (0..30).map(|_| ada.ask("GET", &path, &Value::Null)).collect();
    assert_eq!(statuses.iter().filter(|answer| answer.status == 200).count(), 19);
    let last = statuses.last().unwrap();
    assert_eq!((last.status, last.header("retry-after").parse::<u64>().is_ok()), (429, true));
    assert!(!last.body.contains(&bob.id), "the refusal names nobody");
    let answer = ada.ask("GET", "/api/users/11111111-2222-4333-8444-555555555555/status/", &Value::Null);
    assert_eq!(answer.status, 429, "nor does it tell who exists");
    assert_eq!(bob.ask("GET", &path, &Value::Null).status, 200, "everybody has their own");
}

#[test]
fn who_is_nobody_is_missing_and_the_order_is_that_of_the_question() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    let unknown = "11111111-2222-4333-8444-555555555555";
    let answer =
        ada.ask("POST", "/api/users/status/", &json!({"ids": [eve.id, unknown, bob.id, eve.id, ada.id]}));
    let found: Vec<_> =
        answer.json()["users"].as_array().unwrap().iter().map(|it| it["username"].clone()).collect();
    assert_eq!(found, ["Eve", "Bob", "Ada"]);
    for path in [unknown, "not-an-id", "11111111222243338444555555555555"] {
        let answer = ada.ask("GET", &format!("/api/users/{path}/status/"), &Value::Null);
        assert_eq!((answer.status, answer.detail()), (404, "There is nobody with this id.".to_owned()));
    }
    server.command(&["user", "disable", "Bob"]);
    let status = || ada.ask("GET", &format!("/api/users/{}/status/", bob.id), &Value::Null).status;
    crate::process::eventually("row 2: who may not come in is nobody", || status() == 404);
}

/// Every field that another person's body may have.
#[test]
fn a38_no_body_about_others_has_a_field_that_is_not_on_the_list() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    ada.befriend(&bob);
    ada.set_privacy(&json!({"activity": super::cast::only("everyone")}));
    let socket = ada.open();
    ada.put("/api/me/status/", &json!({"mode": "dnd", "custom": {"text": "x", "show_offline": true}}));
    bob.wait_to_see(&ada, "dnd");
    socket.leave();
    bob.wait_to_see(&ada, "offline");
    let activity = format!("/api/activity/?user_id={}", ada.id);
    crate::process::eventually("rows", || bob.get(&activity)["results"].as_array().unwrap().len() >= 2);
    let presence = "user_id username profile_image_url status is_online since last_seen custom_status version \
                    emoji text until";
    for (path, allowed) in [
        (format!("/api/users/{}/status/", ada.id), presence),
        (
            "/api/auth/friends/".into(),
            "count next previous results friend id username profile_image_url is_online last_seen",
        ),
        (activity, "results next id user_id username kind status at"),
        ("/api/users/recent/".into(), "id username profile_image_url is_online last_seen last_activity slug"),
        (
            "/api/users/online/?include_self=true".into(),
            "id username profile_image_url is_online last_seen last_activity slug",
        ),
    ] {
        let allowed: BTreeSet<_> = allowed.split_whitespace().collect();
        let body = bob.get(&path);
        let mut names = BTreeSet::new();
        gather(&body, &mut names);
        assert!(!names.is_empty() || path.contains("online"), "{path}: {body}");
        let surplus: Vec<_> = names.iter().filter(|name| !allowed.contains(name.as_str())).collect();
        assert!(surplus.is_empty(), "{path}: {surplus:?}");
    }
}

fn gather(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                names.insert(name.clone());
                gather(inner, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, names)),
        _ => {}
    }
}
