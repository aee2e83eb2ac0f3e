//! For any text of a client: it is a message or it is refused, without a panic; a message has a type, means the same
//! when it is written again, and is refused when a field it knows stands there twice.

use hereabouts_protocol::ClientMessage;
use serde_json::Value;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(message) = serde_json::from_str::<ClientMessage>(text) else { return };
    let value: Value = serde_json::from_str(text).expect("what is a message is JSON");
    // serde reads an array, its type first, as a message too; no client sends one, and none gains by it.
    let Some(fields) = value.as_object() else { return };
    let kind = fields.get("type").and_then(Value::as_str).expect("a message has a type");
    if message == ClientMessage::Unknown {
        let known = ["auth", "subscribe", "unsubscribe", "activity", "ping", "bye"];
        assert!(!known.contains(&kind), "{text}");
        return;
    }
    let written = serde_json::to_string(&message).expect("a message is JSON");
    let again: ClientMessage = serde_json::from_str(&written).expect("what we write we read");
    assert_eq!(again, message);
    if let ClientMessage::Subscribe { limit: Some(limit), .. } = message {
        assert_eq!(fields.get("limit"), Some(&Value::from(limit)), "a number is not rounded or cut");
    }
    let twice = text.trim_end().strip_suffix('}').map(|open| format!("{open},\"type\":\"bye\"}}"));
    assert!(twice.is_some_and(|twice| serde_json::from_str::<ClientMessage>(&twice).is_err()), "{text}");
}
