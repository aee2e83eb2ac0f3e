//! Watches and wishes on live sockets: `watch.online` and `status.set`.

use serde_json::json;

use super::cast::{Somebody, serve, serve_again};
use crate::{outside::Outside, process::eventually};

/// Waits for the ten seconds that somebody must stay before their coming is news: there is no setting that shortens them.
#[test]
fn who_waits_is_told_once_and_only_of_whom_they_may_see() {
    let server = serve();
    for name in ["Ada", "Bob", "Cid", "Eve"] {
        Somebody::new(&server, name).open().leave();
    }
    // Five minutes must have passed since: the clock is not ours, but the database is.
    Outside::open(server.folder.path())
        .run("UPDATE users SET is_online = 0, last_seen = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '-10 minutes')")
        .unwrap();
    let server = serve_again(server);
    let [ada, bob, cid, eve] = ["Ada", "Bob", "Cid", "Eve"].map(|name| Somebody::new(&server, name));
    let (mut adas, mut cids, mut eves) = (ada.open(), cid.open(), eve.open());
    for watcher in [&ada, &cid, &eve] {
        assert_eq!(watcher.post("/api/me/watches/", &json!({"user_id": bob.id})), 201);
    }
    bob.block(&cid);
    let mut alerts = bob.get("/api/me/privacy/");
    alerts["alerts"]["deny"] = json!([eve.id]);
    bob.put("/api/me/privacy/", &alerts);

    let _bobs = bob.open();
    let notice = adas.next_of("watch.online");
    assert_eq!(notice, json!({"type": "watch.online", "user": ada.sees(&bob)}));
    eventually("it was for once", || ada.get("/api/me/watches/")["results"] == json!([]));
    for (watcher, socket) in [(&cid, &mut cids), (&eve, &mut eves)] {
        assert_eq!(watcher.get("/api/me/watches/")["results"][0]["user"]["id"], *bob.id, "still waits");
        // What comes next is the answer to this, not a notice.
        socket.send(&json!({"type": "ping"}));
        assert_eq!(socket.next()["type"], "pong");
    }
}

#[test]
fn a_watch_is_kept_listed_and_taken_back() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let kept = ada.ask("POST", "/api/me/watches/", &json!({"user_id": bob.id, "repeat": true}));
    assert_eq!(kept.status, 201, "{}", kept.body);
    assert_eq!((&kept.json()["user"]["username"], &kept.json()["repeat"]), (&json!("Bob"), &json!(true)));
    assert_eq!(ada.get("/api/me/watches/")["results"].as_array().unwrap().len(), 1);
    let path = format!("/api/me/watches/{}/", bob.id);
    assert_eq!((ada.delete(&path), ada.delete(&path)), (204, 204));
    assert_eq!(ada.get("/api/me/watches/"), json!({"results": []}));
    let unknown = json!({"user_id": "11111111-2222-4333-8444-555555555555"});
    assert_eq!(ada.post("/api/me/watches/", &unknown), 404);
    assert_eq!(ada.post("/api/me/watches/", &json!({"user_id": ada.id})), 422);
}

#[test]
fn my_connections_are_listed_and_one_is_closed_from_afar() {
    let server = serve();
    let register = |name: &str| {
        let body = json!({"username": name, "password": "correct horse battery"}).to_string();
        let answer = server.post("/api/auth/register/", &body);
        answer.json()
    };
    let login = || {
        let body = json!({"username": "Ada", "password": "correct horse battery"}).to_string();
        server.post("/api/auth/login/", &body).json()
    };
    let (here, there) = (register("Ada"), login());
    let token = |signed_in: &serde_json::Value| signed_in["access_token"].as_str().unwrap().to_owned();
    let (here, away) =
        (Somebody::with_token(&server, &token(&here)), Somebody::with_token(&server, &token(&there)));
    let (_heres, aways) = (here.open(), away.open());
    let sessions = here.get("/api/me/sessions/")["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|it| it["is_current"] == false).unwrap();
    let path = format!("/api/me/sessions/{}/", other["id"].as_str().unwrap());
    assert_eq!(here.delete(&path), 204);
    assert_eq!(aways.close_code(), 4401);
    assert_eq!(
        away.ask("GET", "/api/me/status/", &serde_json::Value::Null).status,
        401,
        "its sign-in is over"
    );
    eventually("one is left", || here.get("/api/me/sessions/")["sessions"].as_array().unwrap().len() == 1);
    assert_eq!(here.delete(&path), 404);
}

#[test]
fn a_status_is_set_on_the_socket_and_a_bad_one_is_refused_with_a_sentence() {
    let server = serve();
    let [ada, bob] = ["Ada", "Bob"].map(|name| Somebody::new(&server, name));
    let mut socket = ada.open();
    socket.send(&json!({"type": "status.set", "mode": "dnd", "custom": {"text": "at tea"}}));
    bob.wait_to_see(&ada, "dnd");
    assert_eq!(bob.sees(&ada)["custom_status"]["text"], "at tea");
    socket.send(&json!({"type": "status.set", "custom": {"text": "a\u{202e}b"}}));
    let error = socket.next_of("error");
    assert_eq!(error["code"], "status_refused");
    assert!(error["message"].as_str().unwrap().contains("U+202E"), "{error}");
    assert_eq!(ada.get("/api/me/status/")["custom"]["text"], "at tea");
    // A burst comes to its last word.
    for text in ["one", "two", "three"] {
        socket.send(&json!({"type": "status.set", "custom": {"text": text}}));
    }
    eventually("the last word", || bob.sees(&ada)["custom_status"]["text"] == "three");
}
