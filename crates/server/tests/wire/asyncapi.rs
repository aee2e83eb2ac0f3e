//! The socket's document against the protocol's types, the examples, and what a real server says: each text frame that
//! any test here receives is checked (row A38: a field that is not promised is not sent).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hereabouts::limits::table::{Answer, HANDSHAKE, HTTP, SOCKET};
use hereabouts_protocol::client::ClientMessage;
use hereabouts_protocol::server::{OriginalMessage, ServerMessage};
use hereabouts_protocol::{
    Change, CloseCode, CustomStatus, Mode, Presence, Reason, Scope, SessionId, SetCustomStatus, SetStatus,
    Status, Timestamp, UserId,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::QUICK;
use crate::schema::fits;
use crate::server::{TestServer, request};

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../src/http/asyncapi.json")).unwrap());

/// The messages of an operation, by name.
fn messages(operation: &str) -> Vec<&'static Value> {
    let references = DOCUMENT["operations"][operation]["messages"].as_array().unwrap();
    let resolve = |reference: &Value| {
        let key = reference["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        &DOCUMENT["components"]["messages"][key]
    };
    references.iter().map(resolve).collect()
}

/// Whether a frame is one that the operation promises.
fn check(operation: &str, frame: &Value) -> Result<(), String> {
    let name = &frame["type"];
    let message = messages(operation).into_iter().find(|message| message["name"] == *name);
    let message = message.ok_or_else(|| format!("{operation}: no message {name}"))?;
    fits(&DOCUMENT, &message["payload"], frame).map_err(|why| format!("{operation}: {why} in {frame}"))
}

/// Holds what a real server said to a client.
pub(crate) fn check_frame(is_v1: bool, frame: &Value) {
    if let Err(why) = check(if is_v1 { "tell" } else { "tellOriginal" }, frame) {
        panic!("docs/asyncapi.yaml does not promise this: {why}");
    }
}

fn ada(n: u128, is_here: bool) -> Presence {
    let at = Timestamp::from_secs(1_800_000_000);
    Presence {
        user_id: UserId(Uuid::from_u128(n)),
        username: "Ada".to_owned(),
        profile_image_url: (n == 1).then(|| "https://example.com/ada.png".to_owned()),
        status: if is_here { Status::Away } else { Status::Offline },
        is_online: is_here,
        since: is_here.then_some(at),
        last_seen: (!is_here).then_some(at),
        custom_status: is_here.then(|| CustomStatus {
            emoji: None,
            text: Some("tea".into()),
            until: Some(at),
        }),
        version: 3,
    }
}

/// One of each; a new one does not compile before it is here.
fn server_messages() -> Vec<ServerMessage> {
    use ServerMessage::{AuthExpiring, ConnectionAck, Degraded, Diff, Error, Pong, Snapshot, WatchOnline};
    let all = vec![
        ConnectionAck {
            user_id: UserId(Uuid::nil()),
            session_id: SessionId(Uuid::now_v7()),
            ping_interval_ms: 30_000,
            grace_ms: 15_000,
            server_now: Timestamp::from_secs(1_800_000_000),
            features: vec!["friends".to_owned()],
        },
        Snapshot { scope: Scope::Friends, users: vec![ada(1, true), ada(2, false)], total: 1 },
        Diff {
            scope: Scope::Users,
            changes: [
                Reason::Joined,
                Reason::Closed,
                Reason::Lost,
                Reason::Idle,
                Reason::Active,
                Reason::Changed,
                Reason::NodeLost,
            ]
            .map(|reason| Change { presence: ada(1, true), reason })
            .to_vec(),
            total: 0,
        },
        Pong { cursor: "0".repeat(32) },
        AuthExpiring { expires_in_ms: 60_000 },
        WatchOnline { user: ada(1, true) },
        Degraded { level: "stale".to_owned() },
        Error { code: "bad_limit".to_owned(), message: "limit".to_owned() },
    ];
    for message in &all {
        match message {
            ConnectionAck { .. }
            | Snapshot { .. }
            | Diff { .. }
            | Pong { .. }
            | AuthExpiring { .. }
            | WatchOnline { .. }
            | Degraded { .. }
            | Error { .. } => {}
        }
    }
    all
}

fn original_messages() -> Vec<OriginalMessage> {
    let user_id = UserId(Uuid::from_u128(1));
    let all = vec![
        OriginalMessage::ConnectionAck { user_id },
        OriginalMessage::StatusChanged { user_id, is_online: false },
        OriginalMessage::Pong,
    ];
    for message in &all {
        match message {
            OriginalMessage::ConnectionAck { .. }
            | OriginalMessage::StatusChanged { .. }
            | OriginalMessage::Pong => {}
        }
    }
    all
}

fn client_messages() -> Vec<ClientMessage> {
    use ClientMessage::{Activity, Auth, Bye, Ping, StatusSet, Subscribe, Unknown, Unsubscribe};
    let until = Some(Timestamp::from_secs(1_800_000_000));
    let custom = SetCustomStatus { emoji: Some("🌴".into()), text: None, until, show_offline: true };
    let whole = SetStatus { mode: Some(Mode::Dnd), until: Some(until), custom: Some(Some(custom)) };
    let all = vec![
        Auth { token: "token".to_owned() },
        Subscribe { scope: Scope::Everyone, limit: None, ids: None, cursor: Some("0".repeat(32)) },
        Subscribe { scope: Scope::Window, limit: Some(200), ids: None, cursor: None },
        Subscribe {
            scope: Scope::Users,
            limit: None,
            ids: Some(vec![UserId(Uuid::from_u128(1))]),
            cursor: None,
        },
        Unsubscribe { scope: Scope::Friends },
        Activity { idle: true },
        StatusSet(whole),
        StatusSet(SetStatus { until: Some(None), custom: Some(None), ..SetStatus::default() }),
        Ping,
        Bye,
    ];
    for message in &all {
        match message {
            Auth { .. }
            | Subscribe { .. }
            | Unsubscribe { .. }
            | Activity { .. }
            | StatusSet(_)
            | Ping
            | Bye
            | Unknown => {}
        }
    }
    all
}

/// Each of these fits, and what is documented and what is there are the same.
fn check_all<T: serde::Serialize>(operation: &str, all: Vec<T>) {
    let frames: Vec<_> = all.into_iter().map(|message| serde_json::to_value(message).unwrap()).collect();
    for frame in &frames {
        check(operation, frame).unwrap();
    }
    let said: BTreeSet<_> = frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    let documented: BTreeSet<_> =
        messages(operation).iter().map(|message| message["name"].as_str().unwrap()).collect();
    assert_eq!(said, documented, "{operation}");
}

#[test]
fn every_message_of_the_protocol_fits_its_schema_and_has_one() {
    check_all("tell", server_messages());
    check_all("tellOriginal", original_messages());
    check_all("hear", client_messages());
    for mode in Mode::ALL {
        let set = SetStatus { mode: Some(mode), ..SetStatus::default() };
        check("hear", &serde_json::to_value(ClientMessage::StatusSet(set)).unwrap()).unwrap();
    }
    for status in [Status::Online, Status::Away, Status::Dnd, Status::Offline] {
        fits(&DOCUMENT, &DOCUMENT["components"]["schemas"]["Status"], &json!(status)).unwrap();
    }
}

#[test]
fn every_example_fits_and_is_understood() {
    for operation in ["tell", "tellOriginal", "hear"] {
        for message in messages(operation) {
            for example in message["examples"].as_array().unwrap() {
                let example = &example["payload"];
                check(operation, example).unwrap();
                let is_understood = match operation {
                    "tell" => serde_json::from_value::<ServerMessage>(example.clone()).is_ok(),
                    "tellOriginal" => serde_json::from_value::<OriginalMessage>(example.clone()).is_ok(),
                    _ => serde_json::from_value::<ClientMessage>(example.clone())
                        .is_ok_and(|message| message != ClientMessage::Unknown),
                };
                assert!(is_understood, "{example}");
            }
        }
    }
}

#[test]
fn what_the_document_allows_a_client_to_say_the_server_understands() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/client_message");
    let mut n_allowed = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
        // Of a name that stands twice, `Value` keeps one and the server refuses both.
        let is_plain = value.as_object().is_some_and(|members| text.matches(':').count() <= members.len());
        if is_plain && check("hear", &value).is_ok() {
            n_allowed += 1;
            assert!(serde_json::from_str::<ClientMessage>(&text).is_ok(), "{text}");
        }
    }
    assert!(n_allowed >= 6, "{n_allowed}");
}

#[test]
fn what_is_not_promised_is_found() {
    let mut frame = serde_json::to_value(&server_messages()[1]).unwrap();
    check("tell", &frame).unwrap();
    frame["users"][0]["device"] = "phone".into();
    assert!(check("tell", &frame).unwrap_err().contains("device is not promised"));
    frame["users"][0] = json!({});
    assert!(check("tell", &frame).unwrap_err().contains("is missing"));
    assert!(check("tell", &json!({"type": "presence.secret"})).is_err());
    assert!(check("hear", &json!({"type": "subscribe", "scope": "window", "limit": 201})).is_err());
    assert!(check("hear", &json!({"type": "subscribe", "scope": "invisible"})).is_err());
}

#[test]
fn every_close_code_is_documented() {
    let documented: BTreeSet<_> = DOCUMENT["x-close-codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| u16::try_from(line["code"].as_u64().unwrap()).unwrap())
        .collect();
    let of_limits = HTTP.iter().chain(HANDSHAKE).chain(SOCKET).filter_map(|line| match line.answer {
        Answer::Close(code) | Answer::CloseLater(code) => Some(code),
        _ => None,
    });
    let others = [CloseCode::NORMAL, CloseCode::INTERNAL, CloseCode::INTERNAL_ORIGINAL];
    let all: BTreeSet<_> = of_limits.chain(others).map(|code| code.0).collect();
    assert_eq!(documented, all);
}

#[test]
fn a_server_shows_the_document() {
    let server = TestServer::start(QUICK);
    let (status, head, body) = request(server.address, "/api/asyncapi.json", &[]);
    assert!(status == 200 && head.contains("content-type: application/json"), "{head}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), *DOCUMENT);
}
