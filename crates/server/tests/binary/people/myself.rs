//! What I decide about myself: modes, custom status, privacy; that it holds, and that nobody hears the word (A33, A44).

use serde_json::{Value, json};

use super::cast::{Somebody, only, serve, serve_again};
use crate::process::eventually;

#[test]
fn a_mode_is_set_seen_kept_and_cleared() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let _socket = ada.open();
    bob.wait_to_see(&ada, "online");
    let mine = ada.put("/api/me/status/", &json!({"mode": "dnd"}));
    assert_eq!((&mine["mode"], &mine["status"]), (&json!("dnd"), &json!("dnd")));
    assert!(mine["until"].is_string(), "a day, unless it says otherwise: {mine}");
    assert_eq!((&mine["as_others_see"]["status"], &bob.sees(&ada)["status"]), (&json!("dnd"), &json!("dnd")));
    let mine = ada.put("/api/me/status/", &json!({"custom": {"emoji": "\u{2615}", "text": " at  tea "}}));
    assert_eq!(mine["mode"], "dnd", "what is not named stays");
    assert_eq!(
        bob.sees(&ada)["custom_status"],
        json!({"emoji": "\u{2615}", "text": "at tea", "until": null})
    );
    let mine = ada.ask("DELETE", "/api/me/status/", &Value::Null).json();
    assert_eq!(
        (&mine["mode"], &mine["until"], &mine["custom"]),
        (&json!("auto"), &Value::Null, &Value::Null)
    );
    assert_eq!(bob.sees(&ada)["status"], "online");
    assert!(bob.sees(&ada).get("custom_status").is_none());
}

#[test]
fn a_mode_ends_by_itself() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let _socket = ada.open();
    ada.put("/api/me/status/", &json!({"mode": "away", "until": in_seconds(2)}));
    bob.wait_to_see(&ada, "away");
    bob.wait_to_see(&ada, "online");
    assert_eq!(ada.get("/api/me/status/")["mode"], "auto");
}

#[test]
fn what_is_decided_outlives_a_power_cut() {
    let server = serve();
    let ada = Somebody::new(&server, "Ada");
    ada.put("/api/me/status/", &json!({"mode": "invisible"}));
    ada.set_privacy(&json!({"activity": only("friends")}));
    let token = ada.token.clone();
    let server = serve_again(server);
    let mine = server.get("/api/me/status/", &token).json();
    assert_eq!(mine["mode"], "invisible");
    assert_eq!(server.get("/api/me/privacy/", &token).json()["activity"]["audience"], "friends");
    let ada = Somebody::new(&server, "Ada");
    let bob = Somebody::new(&server, "Bob");
    let _socket = ada.open();
    assert_eq!(bob.sees(&ada)["status"], "offline", "hidden from the first moment on");
}

#[test]
fn a33_hiding_looks_like_leaving_and_the_word_is_nowhere() {
    let server = serve();
    let [ada, cid, bob] = ["Ada", "Cid", "Bob"].map(|name| Somebody::new(&server, name));
    let _ada = ada.open();
    let cids = cid.open();
    for other in [&ada, &cid] {
        bob.wait_to_see(other, "online");
    }
    let mut watching = bob.open();
    watching.send(&json!({"type": "subscribe", "scope": "everyone"}));
    watching.next_of("presence.snapshot");
    let mine = ada.put("/api/me/status/", &json!({"mode": "invisible"}));
    assert_eq!((&mine["status"], &mine["as_others_see"]["status"]), (&json!("online"), &json!("offline")));
    let mut hidden = watching.next_of("presence.diff");
    cids.leave();
    let mut left = watching.next_of("presence.diff");
    for (diff, who) in [(&mut hidden, &ada), (&mut left, &cid)] {
        let change = diff["changes"][0].as_object_mut().unwrap();
        assert_eq!(change["user_id"], *who.id);
        for name in ["user_id", "username", "last_seen"] {
            change.remove(name);
        }
        diff["total"] = Value::Null;
    }
    assert_eq!(hidden, left);
    let path = format!("/api/users/{}/status/", ada.id);
    for answer in [
        bob.ask("GET", &path, &Value::Null),
        bob.ask("GET", "/api/users/online/", &Value::Null),
        bob.ask("GET", "/api/users/recent/", &Value::Null),
        bob.ask("POST", "/api/users/status/", &json!({"ids": [ada.id]})),
    ] {
        assert!(!format!("{answer:?}").to_lowercase().contains("invisible"), "{answer:?}");
    }
}

#[test]
fn nonsense_about_oneself_is_refused_with_a_sentence() {
    let server = serve();
    let ada = Somebody::new(&server, "Ada");
    for body in [
        json!({"mode": "ghost"}),
        json!({"mode": "dnd", "until": "2020-01-01T00:00:00Z"}),
        json!({"mode": "dnd", "until": "tomorrow"}),
        json!({"until": in_seconds(60)}),
        json!({"custom": {}}),
        json!({"custom": {"emoji": "ab"}}),
        json!({"custom": {"emoji": "\u{2615}\u{2615}"}}),
        json!({"custom": {"text": "a\u{202e}b"}}),
        json!({"custom": {"text": "a\u{0}b"}}),
        json!({"custom": {"text": "a\u{200b}b"}}),
        json!({"custom": {"text": "x".repeat(101)}}),
        json!({"custom": {"text": "x", "until": "2020-01-01T00:00:00Z"}}),
        json!([]),
    ] {
        let answer = ada.ask("PUT", "/api/me/status/", &body);
        assert_eq!(answer.status, 422, "{body}: {}", answer.body);
        assert!(answer.detail().len() > 10);
    }
    let mine = ada.get("/api/me/status/");
    assert_eq!((&mine["mode"], &mine["custom"]), (&json!("auto"), &Value::Null), "nothing of it was kept");
    let privacy = ada.get("/api/me/privacy/");
    assert_eq!(
        privacy,
        json!({"online": only("everyone"), "last_seen": only("everyone"), "alerts": only("everyone"),
            "activity": only("nobody"), "precision": "minute"})
    );
    let mut narrow = privacy.clone();
    narrow["online"] = only("friends");
    let answer = ada.ask("PUT", "/api/me/privacy/", &narrow);
    assert_eq!(answer.status, 422);
    assert!(answer.detail().contains("last_seen"), "{}", answer.detail());
    assert_eq!(ada.get("/api/me/privacy/"), privacy);
}

#[test]
fn why_i_am_shown_so_and_what_somebody_sees() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    let row = |viewer: &Somebody<'_>| {
        let seen = ada.get(&format!("/api/me/as/{}/", viewer.id));
        let presence = viewer.sees(&ada);
        assert_eq!(seen["presence"], presence, "what it says is what they get");
        seen["row"].as_u64().unwrap()
    };
    assert_eq!((row(&bob), ada.get("/api/me/explain/")["row"].as_u64()), (6, Some(6)));
    let _socket = ada.open();
    bob.wait_to_see(&ada, "online");
    assert_eq!((row(&bob), ada.get("/api/me/explain/")["row"].as_u64()), (10, Some(10)));
    assert_eq!(ada.get("/api/me/explain/")["sessions_connected"], 1);
    ada.put("/api/me/status/", &json!({"mode": "invisible"}));
    let explained = ada.get("/api/me/explain/");
    assert_eq!((row(&bob), &explained["row"], &explained["raw"]), (6, &json!(6), &json!("online")));
    assert!(explained["because"].as_str().unwrap().contains("invisible"), "{explained}");
    ada.put("/api/me/status/", &json!({"mode": "dnd"}));
    ada.block(&eve);
    assert_eq!((row(&bob), row(&eve)), (7, 3));
    assert_eq!(ada.ask("GET", "/api/me/as/11111111-2222-4333-8444-555555555555/", &Value::Null).status, 404);

    // That somebody blocks her is theirs to know: it decides nothing in what she is told.
    bob.block(&ada);
    let told = ada.get(&format!("/api/me/as/{}/", bob.id));
    assert_eq!((&told["row"], &told["presence"]["status"]), (&json!(7), &json!("dnd")));
    assert_eq!(bob.sees(&ada)["status"], "offline");
}

#[test]
fn everything_that_is_kept_of_me_comes_in_one_document() {
    let server = serve();
    let [ada, bob, eve] = ["Ada", "Bob", "Eve"].map(|name| Somebody::new(&server, name));
    ada.befriend(&bob);
    ada.block(&eve);
    ada.put("/api/me/status/", &json!({"custom": {"text": "at tea"}}));
    assert_eq!(ada.post("/api/me/watches/", &json!({"user_id": bob.id, "repeat": true})), 201);
    ada.open().leave();
    eventually("she came and left", || {
        ada.get("/api/me/export/")["activity"].as_array().is_some_and(|rows| rows.len() == 2)
    });
    let export = ada.get("/api/me/export/");
    assert_eq!(export["person"]["username"], "Ada");
    assert_eq!(export["friends"][0]["username"], "Bob");
    assert_eq!(export["blocks"][0]["user"]["username"], "Eve");
    assert_eq!(export["watches"][0]["user"]["username"], "Bob");
    assert_eq!(export["custom"]["text"], "at tea");
    server.command(&["user", "remove", "Ada"]);
    eventually("her token is nobody's", || ada.ask("GET", "/api/me/export/", &Value::Null).status == 401);
    assert_eq!(bob.get("/api/auth/friends/")["count"], 0, "erased everywhere");
}

/// So many seconds from now, as a browser writes it.
fn in_seconds(n: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let at = hereabouts_protocol::Timestamp::from_micros(now.as_micros() as u64 + n * 1_000_000);
    format!("{}Z", &at.to_string()[..23])
}
