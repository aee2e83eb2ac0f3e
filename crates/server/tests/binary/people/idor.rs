//! Row A35: every operation of the document, by everybody who has no business with what it names.
//!
//! The operations come from the server's own OpenAPI file: one that is not in the table below fails the test, so that
//! none is added without a thought about who may.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cast::{Somebody, only, serve};
use crate::process::Answer;

/// What comes back to a stranger she hides from, somebody Ada blocks, a friend, and Ada, when all of them ask about Ada.
const EXPECTED: &[(&str, [u16; 4])] = &[
    ("onlineUsers", [200; 4]),
    ("recentUsers", [200; 4]),
    ("userStatus", [200; 4]),
    ("userStatuses", [200; 4]),
    ("activity", [200; 4]),
    ("friends", [200; 4]),
    ("friendRequests", [200; 4]),
    ("blocks", [200; 4]),
    ("unblock", [204; 4]),
    ("myStatus", [200; 4]),
    ("setMyStatus", [200; 4]),
    ("clearMyStatus", [200; 4]),
    ("myPrivacy", [200; 4]),
    ("setMyPrivacy", [200; 4]),
    ("explain", [200; 4]),
    ("viewedAs", [200; 4]),
    ("export", [200; 4]),
    ("mySessions", [200; 4]),
    ("endSession", [404, 404, 404, 204]),
    ("watches", [200; 4]),
    ("watch", [201, 201, 201, 422]),
    ("unwatch", [204; 4]),
    ("acceptFriendRequest", [404, 404, 404, 204]),
    ("declineFriendRequest", [404, 404, 404, 404]),
    ("dropFriendRequest", [404, 404, 404, 404]),
    // These concern both, and may change what Ada has with whoever asks.
    ("requestFriend", [201, 201, 409, 422]),
    ("unfriend", [204; 4]),
    ("block", [204, 204, 204, 422]),
];

/// From here on in [`EXPECTED`].
const N_CONCERN_BOTH: usize = 3;

struct Operation {
    id: String,
    method: String,
    path: String,
}

/// All operations that a person with a token can ask for, accounts apart: those name nobody.
fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let tag = operation["tags"][0].as_str().unwrap();
            if !["Accounts", "About"].contains(&tag) {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                found.push(Operation { id, method: method.to_uppercase(), path: path.clone() });
            }
        }
    }
    found
}

impl Operation {
    fn ask(&self, who: &Somebody<'_>, ada: &str, request: &str, session: &str) -> Answer {
        let path = self
            .path
            .replace("{user_id}", ada)
            .replace("{viewer_id}", ada)
            .replace("{request_id}", request)
            .replace("{session_id}", session);
        assert!(!path.contains('{'), "{path}: what id goes here?");
        let query = if self.id == "activity" { format!("?user_id={ada}") } else { String::new() };
        let body = match self.id.as_str() {
            "userStatuses" => json!({"ids": [ada]}),
            "requestFriend" => json!({"to_user_id": ada}),
            "block" | "watch" => json!({"user_id": ada}),
            "setMyStatus" => json!({"mode": "auto"}),
            "setMyPrivacy" => json!({"online": only("everyone"), "last_seen": only("everyone"),
                "alerts": only("everyone"), "activity": only("nobody")}),
            _ => Value::Null,
        };
        who.ask(&self.method, &format!("{path}{query}"), &body)
    }
}

/// Everything Ada has, as she reads it.
fn hers(ada: &Somebody<'_>) -> BTreeMap<&'static str, String> {
    let paths = [
        "/api/me/status/",
        "/api/me/privacy/",
        "/api/me/explain/",
        "/api/me/watches/",
        "/api/auth/friends/",
        "/api/auth/friend-requests/",
        "/api/auth/blocks/",
    ];
    paths.map(|path| (path, ada.get(path).to_string())).into()
}

#[test]
fn a35_nobody_reads_or_changes_what_is_anothers() {
    let server = serve();
    let [ada, bob, cid, zoe, sam] =
        ["Ada", "Bob", "Cid", "Zoe", "Sam"].map(|name| Somebody::new(&server, name));
    ada.befriend(&bob);
    ada.block(&cid);
    ada.put("/api/me/status/", &json!({"mode": "dnd", "custom": {"text": "secret of hers"}}));
    assert_eq!(ada.post("/api/me/watches/", &json!({"user_id": bob.id, "repeat": true})), 201);
    let asked = sam.ask("POST", "/api/auth/friend-requests/", &json!({"to_user_id": ada.id}));
    let request = asked.json()["id"].as_str().unwrap().to_owned();
    // Whom a rule hides her from and whom she blocks must not be able to tell which it is.
    let but_zoe = json!({"audience": "everyone", "allow": [], "deny": [zoe.id]});
    ada.set_privacy(&json!({"online": but_zoe, "last_seen": but_zoe}));
    let _socket = ada.open();
    bob.wait_to_see(&ada, "dnd");
    let session = ada.get("/api/me/sessions/")["sessions"][0]["id"].as_str().unwrap().to_owned();
    let operations = operations(&server.get("/api/openapi.json", "").json());
    for operation in &operations {
        let is_known = EXPECTED.iter().any(|(id, _)| *id == operation.id);
        assert!(is_known, "{} is new: who may ask for it?", operation.id);
        let path = operation.path.replace("{user_id}", &ada.id).replace("{viewer_id}", &ada.id);
        let anybody = server.request(
            &operation.method,
            &path.replace("{request_id}", &request).replace("{session_id}", &session),
            "",
            &[],
            "",
        );
        assert_eq!(anybody.status, 401, "{}: {}", operation.id, anybody.body);
    }

    let before = hers(&ada);
    let (private, concern_both) = EXPECTED.split_at(EXPECTED.len() - N_CONCERN_BOTH);
    for row in [private, concern_both] {
        for (id, statuses) in row {
            let operation =
                operations.iter().find(|it| it.id == *id).unwrap_or_else(|| panic!("{id} is gone"));
            let mut bodies = Vec::new();
            for (who, status) in [&zoe, &cid, &bob].into_iter().zip(statuses) {
                let answer = operation.ask(who, &ada.id, &request, &session);
                assert_eq!(answer.status, *status, "{id} by {}: {}", who.name, answer.body);
                let is_secret = !["dnd", "secret of hers"].iter().any(|hers| answer.body.contains(hers));
                assert!(is_secret || who.id == bob.id, "{id} by {}: {}", who.name, answer.body);
                bodies.push(neutral(&answer, who));
            }
            assert_eq!(bodies[0], bodies[1], "{id}: whoever is blocked cannot tell");
        }
        if row.len() == private.len() {
            assert_eq!(hers(&ada), before, "nothing of hers has moved");
        }
    }
    for (id, statuses) in EXPECTED {
        let operation = operations.iter().find(|it| it.id == *id).unwrap();
        let answer = operation.ask(&ada, &ada.id, &request, &session);
        assert_eq!(answer.status, statuses[3], "{id} by Ada: {}", answer.body);
    }
}

/// An answer without what is the asker's own, so that two askers' answers can be compared.
fn neutral(answer: &Answer, who: &Somebody<'_>) -> String {
    let body = answer
        .body
        .replace(&who.id, "ID")
        .replace(&who.name, "NAME")
        .replace(&who.name.to_lowercase(), "NAME");
    match serde_json::from_str(&body) {
        Ok(mut value) => {
            blank(&mut value);
            value.to_string()
        }
        Err(_) => body,
    }
}

/// Takes out what differs from one request to the next.
fn blank(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for name in ["id", "created_at", "version", "until", "last_seen"] {
                if let Some(inner) = fields.get_mut(name).filter(|inner| !inner.is_object()) {
                    *inner = Value::Null;
                }
            }
            fields.values_mut().for_each(blank);
        }
        Value::Array(items) => items.iter_mut().for_each(blank),
        _ => {}
    }
}
