//! Friends, requests and blocks: what changes, and what shows of it to whom (row A34).

use serde_json::{Value, json};

use super::cast::{Somebody, only, serve};

const UNKNOWN: &str = "11111111-2222-4333-8444-555555555555";

fn incoming(who: &Somebody<'_>) -> Vec<Value> {
    who.get("/api/auth/friend-requests/")["results"].as_array().unwrap().clone()
}

fn outgoing(who: &Somebody<'_>) -> Vec<Value> {
    who.get("/api/auth/friend-requests/?direction=outgoing")["results"].as_array().unwrap().clone()
}

fn friend_names(who: &Somebody<'_>) -> Vec<String> {
    let page = who.get("/api/auth/friends/?page_size=100");
    let rows = page["results"].as_array().unwrap();
    rows.iter().map(|row| row["friend"]["username"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn friends_are_asked_accepted_listed_in_the_originals_form_and_removed() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let body = json!({"to_user_id": bob.id});
    let asked = ada.ask("POST", "/api/auth/friend-requests/", &body);
    assert_eq!(asked.status, 201, "{}", asked.body);
    let again = ada.ask("POST", "/api/auth/friend-requests/", &body);
    assert_eq!((again.status, again.json()), (200, asked.json()), "asking twice is asking once");
    assert_eq!((incoming(&bob), outgoing(&ada)), (vec![asked.json()], vec![asked.json()]));
    assert_eq!(asked.json()["from_user"]["username"], "Ada");
    let accept = format!("/api/auth/friend-requests/{}/accept/", asked.json()["id"].as_str().unwrap());
    assert_eq!(ada.post(&accept, &Value::Null), 404, "only who was asked can accept");
    assert_eq!(bob.post(&accept, &Value::Null), 204);
    assert_eq!(bob.post(&accept, &Value::Null), 404);
    assert_eq!((friend_names(&ada), friend_names(&bob)), (vec!["Bob".to_owned()], vec!["Ada".to_owned()]));

    let socket = bob.open();
    ada.wait_to_see(&bob, "online");
    let page = ada.get("/api/auth/friends/?page_size=100");
    let wanted = json!({"count": 1, "next": null, "previous": null, "results": [{"friend": {
        "id": bob.id, "username": "Bob", "profile_image_url": null, "is_online": true, "last_seen": null,
    }}]});
    assert_eq!(page, wanted);
    socket.leave();
    ada.wait_to_see(&bob, "offline");
    let friend = ada.get("/api/auth/friends/")["results"][0]["friend"].clone();
    assert_eq!((&friend["is_online"], &friend["last_seen"]), (&json!(false), &ada.sees(&bob)["last_seen"]));
    assert!(friend["last_seen"].is_string(), "{friend}");

    assert_eq!(ada.post("/api/auth/friend-requests/", &body), 409);
    let path = format!("/api/auth/friends/{}/", bob.id);
    assert_eq!((ada.delete(&path), ada.delete(&path)), (204, 204));
    assert_eq!((friend_names(&ada), friend_names(&bob)), (vec![], vec![]));
    assert_eq!(ada.post("/api/auth/friend-requests/", &json!({"to_user_id": ada.id})), 422);
    assert_eq!(ada.post("/api/auth/friend-requests/", &json!({"to_user_id": UNKNOWN})), 404);
}

#[test]
fn both_ask_and_are_friends_at_once_and_a_declined_request_is_gone() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let ask = |one: &Somebody<'_>, other: &Somebody<'_>| {
        one.ask("POST", "/api/auth/friend-requests/", &json!({"to_user_id": other.id}))
    };
    let asked = ask(&ada, &bob);
    let decline = format!("/api/auth/friend-requests/{}/decline/", asked.json()["id"].as_str().unwrap());
    assert_eq!((bob.post(&decline, &Value::Null), bob.post(&decline, &Value::Null)), (204, 404));
    assert_eq!((incoming(&bob), outgoing(&ada)), (vec![], vec![]));
    assert_eq!((ask(&ada, &bob).status, ask(&bob, &ada).status), (201, 204));
    assert_eq!(friend_names(&ada), ["Bob"]);
}

#[test]
fn a34_a_block_ends_everything_at_once_and_tells_nothing() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    ada.befriend(&bob);
    let _socket = ada.open();
    bob.wait_to_see(&ada, "online");
    let mut watching = bob.open();
    watching.send(&json!({"type": "subscribe", "scope": "everyone"}));
    watching.next_of("presence.snapshot");
    ada.block(&bob);
    // On the live socket, and at the next look: offline, as if she had left.
    let change = loop {
        let diff = watching.next_of("presence.diff");
        let of_ada = diff["changes"].as_array().unwrap().iter().find(|it| it["user_id"] == *ada.id).cloned();
        if let Some(change) = of_ada {
            break change;
        }
    };
    assert_eq!((&change["status"], &change["reason"]), (&json!("offline"), &json!("closed")));
    assert_eq!(bob.sees(&ada)["status"], "offline");
    assert_eq!(ada.sees(&bob)["status"], "offline", "both ways");
    assert!(friend_names(&ada).is_empty() && friend_names(&bob).is_empty());

    // Everything the blocked one can ask looks as it looks to somebody from whom she hides.
    ada.set_privacy(&json!({"online": {"audience": "everyone", "allow": [], "deny": [eve.id]},
        "last_seen": {"audience": "everyone", "allow": [], "deny": [eve.id]}}));
    let without_version = |mut presence: Value| {
        presence.as_object_mut().unwrap().remove("version");
        presence
    };
    assert_eq!(without_version(bob.sees(&ada)), without_version(eve.sees(&ada)));
    for asker in [&bob, &eve] {
        let asked = asker.ask("POST", "/api/auth/friend-requests/", &json!({"to_user_id": ada.id}));
        assert_eq!(asked.status, 201, "{}", asked.body);
        assert_eq!(outgoing(asker).len(), 1);
        assert_eq!(asker.post("/api/me/watches/", &json!({"user_id": ada.id})), 201);
        assert_eq!(
            asker.get(&format!("/api/activity/?user_id={}", ada.id)),
            json!({"results": [], "next": null})
        );
    }
    let asking: Vec<_> = incoming(&ada).iter().map(|it| it["from_user"]["id"].clone()).collect();
    assert_eq!(asking, [json!(eve.id)], "whom she blocks, she does not hear");
    assert_eq!(ada.post("/api/auth/friend-requests/", &json!({"to_user_id": bob.id})), 409);
    assert_eq!(bob.get("/api/auth/blocks/")["count"], 0);
    assert_eq!(ada.get("/api/auth/blocks/")["results"][0]["user"]["username"], "Bob");

    let unblock = format!("/api/auth/blocks/{}/", bob.id);
    assert_eq!((ada.delete(&unblock), ada.delete(&unblock)), (204, 204));
    bob.wait_to_see(&ada, "online");
    assert!(friend_names(&ada).is_empty(), "what was over stays over");
}

#[test]
fn only_friends_see_who_lets_only_friends_see() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    ada.befriend(&bob);
    ada.set_privacy(&json!({"online": only("friends"), "last_seen": only("friends")}));
    let _socket = ada.open();
    bob.wait_to_see(&ada, "online");
    assert_eq!(eve.sees(&ada)["status"], "offline");
    assert!(server.online(&bob.token).contains(&"Ada".to_owned()));
    assert!(!server.online(&eve.token).contains(&"Ada".to_owned()));
    assert_eq!(bob.delete(&format!("/api/auth/friends/{}/", ada.id)), 204);
    bob.wait_to_see(&ada, "offline");
    assert_eq!(bob.sees(&ada)["last_seen"], Value::Null);
}

#[test]
fn who_left_lately_is_listed_to_whom_they_let_know() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    ada.open().leave();
    let recent = |who: &Somebody<'_>| {
        let rows = who.get("/api/users/recent/");
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["username"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    crate::process::eventually("Ada was here", || recent(&bob) == ["Ada"]);
    ada.set_privacy(&json!({"last_seen": {"audience": "everyone", "allow": [], "deny": [bob.id]}}));
    assert_eq!((recent(&bob), recent(&eve)), (vec![], vec!["Ada".to_owned()]));
    eve.block(&ada);
    assert!(recent(&eve).is_empty());
}
