//! The three original messages of the server, read as cheaply as possible: a storm of 1,000 brings a million.

use crate::cohort::Cohort;

/// What a client sends to show that it is there.
pub(crate) const PING: &[u8] = br#"{"type":"ping"}"#;

const CHANGED_START: &[u8] = br#"{"type":"user.status.changed","user_id":""#;
const CHANGED_MIDDLE: &[u8] = br#"","is_online":"#;
const ID_CHARS: usize = 36;

/// A message of the server to an original client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// The connection is accepted.
    Ack,
    /// Somebody came or went; `person` is `None` for somebody who is not of this run.
    Changed {
        /// The number of the person in the cohort.
        person: Option<usize>,
        /// Came, or went.
        is_online: bool,
    },
    /// The answer to a ping.
    Pong,
    /// Anything else: an original client must bear it.
    Other,
}

/// Reads one message. The exact bytes of the contract take the short way; other JSON of the same meaning is
/// understood too, so that a figure never depends on the order of keys.
pub(crate) fn read_message(payload: &[u8], cohort: &Cohort) -> Message {
    if let Some((id, is_online)) = changed_exact(payload) {
        return Message::Changed { person: cohort.number(id), is_online };
    }
    read_json(payload, cohort).unwrap_or(Message::Other)
}

fn changed_exact(payload: &[u8]) -> Option<(&[u8], bool)> {
    let (id, rest) = payload.strip_prefix(CHANGED_START)?.split_at_checked(ID_CHARS)?;
    match rest.strip_prefix(CHANGED_MIDDLE)? {
        b"true}" => Some((id, true)),
        b"false}" => Some((id, false)),
        _ => None,
    }
}

fn read_json(payload: &[u8], cohort: &Cohort) -> Option<Message> {
    let message: serde_json::Value = serde_json::from_slice(payload).ok()?;
    Some(match message.get("type")?.as_str()? {
        "connection.ack" => Message::Ack,
        "pong" => Message::Pong,
        "user.status.changed" => Message::Changed {
            person: cohort.number(message.get("user_id")?.as_str()?.as_bytes()),
            is_online: message.get("is_online")?.as_bool()?,
        },
        _ => Message::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_s_bytes_and_any_other_order_of_keys_mean_the_same() {
        let cohort = Cohort::new();
        let id = cohort.id(12);
        for (text, expected) in [
            (
                format!(r#"{{"type":"user.status.changed","user_id":"{id}","is_online":true}}"#),
                (Some(12), true),
            ),
            (
                format!(r#"{{"type":"user.status.changed","user_id":"{id}","is_online":false}}"#),
                (Some(12), false),
            ),
            (
                format!(r#"{{"is_online": false, "user_id": "{id}", "type": "user.status.changed"}}"#),
                (Some(12), false),
            ),
            (
                format!(
                    r#"{{"type":"user.status.changed","user_id":"{}","is_online":true}}"#,
                    Cohort::new().id(1)
                ),
                (None, true),
            ),
        ] {
            let (person, is_online) = expected;
            assert_eq!(
                read_message(text.as_bytes(), &cohort),
                Message::Changed { person, is_online },
                "{text}"
            );
        }
    }

    #[test]
    fn the_other_two_and_the_unknown() {
        let cohort = Cohort::new();
        assert_eq!(read_message(br#"{"type":"connection.ack","user_id":"x"}"#, &cohort), Message::Ack);
        assert_eq!(read_message(br#"{"type":"pong"}"#, &cohort), Message::Pong);
        for odd in [&b"{}"[..], b"not json", br#"{"type":7}"#, br#"{"type":"user.status.changed"}"#] {
            assert_eq!(read_message(odd, &cohort), Message::Other);
        }
    }
}
