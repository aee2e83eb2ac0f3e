//! The frequent forms written straight into bytes. A test holds each equal to what serde makes of its type.

use crate::{Presence, Reason, Scope, Timestamp, UserId};

/// `{"type":"user.status.changed",…}`, as original clients read it.
pub fn status_changed(out: &mut Vec<u8>, user_id: UserId, is_online: bool) {
    out.extend_from_slice(br#"{"type":"user.status.changed","user_id":""#);
    user_id.write(out);
    out.extend_from_slice(if is_online { br#"","is_online":true}"# } else { br#"","is_online":false}"# });
}

/// `{"type":"connection.ack","user_id":…}`, as original clients read it.
pub fn original_ack(out: &mut Vec<u8>, user_id: UserId) {
    out.extend_from_slice(br#"{"type":"connection.ack","user_id":""#);
    user_id.write(out);
    out.extend_from_slice(br#""}"#);
}

/// The payload of an original client's `pong`.
pub const ORIGINAL_PONG: &[u8] = br#"{"type":"pong"}"#;

/// The exact bytes of a `ping` as browsers' `JSON.stringify` writes it: compared before any JSON parser runs.
pub const PING: &[u8] = br#"{"type":"ping"}"#;

/// The payload of a `pong` with its cursor.
pub fn pong(out: &mut Vec<u8>, cursor: &str) {
    out.extend_from_slice(br#"{"type":"pong","cursor":""#);
    out.extend_from_slice(cursor.as_bytes());
    out.extend_from_slice(br#""}"#);
}

/// A `presence.snapshot` of `users`.
pub fn snapshot<'a>(out: &mut Vec<u8>, scope: Scope, users: impl Iterator<Item = &'a Presence>, total: u64) {
    begin(out, "presence.snapshot", scope, "users");
    separated(out, users, presence_fields);
    end(out, total);
}

/// A `presence.diff` of `changes`.
pub fn diff<'a>(
    out: &mut Vec<u8>,
    scope: Scope,
    changes: impl Iterator<Item = (&'a Presence, Reason)>,
    total: u64,
) {
    begin(out, "presence.diff", scope, "changes");
    separated(out, changes, |out, (presence, reason)| change_fields(out, presence, reason));
    end(out, total);
}

/// One entry of a `presence.diff`, to be put together with others by [`diff_of`].
pub fn change(out: &mut Vec<u8>, presence: &Presence, reason: Reason) {
    out.push(b'{');
    change_fields(out, presence, reason);
    out.push(b'}');
}

/// A `presence.diff` of entries that [`change`] wrote.
pub fn diff_of<'a>(out: &mut Vec<u8>, scope: Scope, changes: impl Iterator<Item = &'a [u8]>, total: u64) {
    begin(out, "presence.diff", scope, "changes");
    for (index, change) in changes.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(change);
    }
    end(out, total);
}

/// What a list row shows of one person; times are written in place and patched later.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Who.
    pub id: UserId,
    /// Their name.
    pub username: &'a str,
    /// Their picture.
    pub profile_image_url: Option<&'a str>,
    /// Here, or only lately.
    pub is_online: bool,
    /// Written as both `last_seen` and `last_activity`.
    pub last_seen: Option<Timestamp>,
    /// Name for addresses.
    pub slug: &'a str,
}

/// Appends one [`crate::OnlineUser`] and returns where its two times stand, as offsets into `out` (first byte inside
/// the quotes), so that a heartbeat patches 27 bytes and re-encodes nothing. Zero where the time is `null`.
pub fn list_row(out: &mut Vec<u8>, row: &Row<'_>) -> [usize; 2] {
    out.extend_from_slice(br#"{"id":""#);
    row.id.write(out);
    out.extend_from_slice(br#"","username":"#);
    string(out, row.username);
    out.extend_from_slice(br#","profile_image_url":"#);
    optional_string(out, row.profile_image_url);
    out.extend_from_slice(br#","is_online":"#);
    boolean(out, row.is_online);
    out.extend_from_slice(br#","last_seen":"#);
    let last_seen_at = time_with_offset(out, row.last_seen);
    out.extend_from_slice(br#","last_activity":"#);
    let last_activity_at = time_with_offset(out, row.last_seen);
    out.extend_from_slice(br#","slug":"#);
    string(out, row.slug);
    out.push(b'}');
    [last_seen_at, last_activity_at]
}

/// A JSON string, quoted and escaped.
pub fn string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("writing a string into memory cannot fail");
}

fn presence_fields(out: &mut Vec<u8>, presence: &Presence) {
    out.extend_from_slice(br#""user_id":""#);
    presence.user_id.write(out);
    out.extend_from_slice(br#"","username":"#);
    string(out, &presence.username);
    out.extend_from_slice(br#","profile_image_url":"#);
    optional_string(out, presence.profile_image_url.as_deref());
    out.extend_from_slice(br#","status":""#);
    out.extend_from_slice(presence.status.as_str().as_bytes());
    out.extend_from_slice(br#"","is_online":"#);
    boolean(out, presence.is_online);
    out.extend_from_slice(br#","since":"#);
    time_with_offset(out, presence.since);
    out.extend_from_slice(br#","last_seen":"#);
    time_with_offset(out, presence.last_seen);
    if let Some(custom) = &presence.custom_status {
        out.extend_from_slice(br#","custom_status":"#);
        serde_json::to_writer(&mut *out, custom).expect("writing into memory cannot fail");
    }
    out.extend_from_slice(br#","version":"#);
    number(out, presence.version);
}

fn change_fields(out: &mut Vec<u8>, presence: &Presence, reason: Reason) {
    presence_fields(out, presence);
    out.extend_from_slice(br#","reason":""#);
    out.extend_from_slice(reason.as_str().as_bytes());
    out.push(b'"');
}

fn begin(out: &mut Vec<u8>, kind: &str, scope: Scope, list: &str) {
    for part in [r#"{"type":""#, kind, r#"","scope":""#, scope.as_str(), r#"",""#, list, r#"":["#] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn end(out: &mut Vec<u8>, total: u64) {
    out.extend_from_slice(br#"],"total":"#);
    number(out, total);
    out.push(b'}');
}

fn separated<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.push(b'{');
        write(out, item);
        out.push(b'}');
    }
}

fn optional_string(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

fn time_with_offset(out: &mut Vec<u8>, time: Option<Timestamp>) -> usize {
    let Some(time) = time else {
        out.extend_from_slice(b"null");
        return 0;
    };
    out.push(b'"');
    let offset = out.len();
    out.extend_from_slice(&time.to_text());
    out.push(b'"');
    offset
}

fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn number(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::server::OriginalMessage;
    use crate::{Change, CustomStatus, OnlineUser, ServerMessage, Status};

    fn ada() -> Presence {
        Presence {
            user_id: UserId(Uuid::from_u128(0xada)),
            username: "Ada \"the first\" \u{1f469}\n".into(),
            profile_image_url: Some("/avatars/ada.svg".into()),
            status: Status::Away,
            is_online: true,
            since: Some(Timestamp::from_secs(1_795_482_123)),
            last_seen: None,
            custom_status: Some(CustomStatus { emoji: None, text: Some("at tea".into()), until: None }),
            version: 7,
        }
    }

    fn assert_same<T: serde::Serialize>(written: &[u8], reference: &T) {
        let reference = serde_json::to_string(reference).unwrap();
        assert_eq!(std::str::from_utf8(written).unwrap(), reference);
    }

    #[test]
    fn original_frames_equal_their_types() {
        let user_id = UserId(Uuid::from_u128(1));
        for is_online in [true, false] {
            let mut out = Vec::new();
            status_changed(&mut out, user_id, is_online);
            assert_same(&out, &OriginalMessage::StatusChanged { user_id, is_online });
        }
        let mut out = Vec::new();
        original_ack(&mut out, user_id);
        assert_same(&out, &OriginalMessage::ConnectionAck { user_id });
        assert_same(ORIGINAL_PONG, &OriginalMessage::Pong);
        assert_same(PING, &crate::ClientMessage::Ping);
    }

    #[test]
    fn v1_frames_equal_their_types() {
        let grace = Presence { custom_status: None, profile_image_url: None, ..ada() };
        let users = vec![ada(), grace];
        let mut out = Vec::new();
        snapshot(&mut out, Scope::Window, users.iter(), 12);
        assert_same(&out, &ServerMessage::Snapshot { scope: Scope::Window, users: users.clone(), total: 12 });

        let changes: Vec<_> =
            users.into_iter().map(|presence| Change { presence, reason: Reason::NodeLost }).collect();
        let mut out = Vec::new();
        diff(&mut out, Scope::Everyone, changes.iter().map(|c| (&c.presence, c.reason)), 0);
        let entries: Vec<Vec<u8>> = changes
            .iter()
            .map(|entry| {
                let mut out = Vec::new();
                change(&mut out, &entry.presence, entry.reason);
                out
            })
            .collect();
        let mut joined = Vec::new();
        diff_of(&mut joined, Scope::Everyone, entries.iter().map(Vec::as_slice), 0);
        assert_eq!(joined, out, "entries put together are the same diff");
        assert_same(&out, &ServerMessage::Diff { scope: Scope::Everyone, changes, total: 0 });

        let mut out = Vec::new();
        pong(&mut out, "c0ffee");
        assert_same(&out, &ServerMessage::Pong { cursor: "c0ffee".into() });
    }

    #[test]
    fn a_list_row_equals_its_type_and_tells_where_its_times_stand() {
        let seen = Timestamp::from_secs(1_795_482_123);
        let user = OnlineUser {
            id: UserId(Uuid::from_u128(0xada)),
            username: "Ada".into(),
            profile_image_url: None,
            is_online: true,
            last_seen: Some(seen),
            last_activity: Some(seen),
            slug: "ada".into(),
        };
        let row = Row {
            id: user.id,
            username: &user.username,
            profile_image_url: None,
            is_online: true,
            last_seen: user.last_seen,
            slug: &user.slug,
        };
        let mut out = Vec::new();
        let offsets = list_row(&mut out, &row);
        assert_same(&out, &user);
        for offset in offsets {
            assert_eq!(&out[offset..offset + Timestamp::TEXT_LEN], &seen.to_text());
        }
    }
}
