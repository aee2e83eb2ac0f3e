//! Generates the npm package's `protocol.ts` from the types of this crate, and fails when the file is stale.
//!
//! `cargo xtask codegen` runs it with `UPDATE=1`; CI without.

use std::fmt::Write as _;
use std::path::Path;

use ts_rs::{Config, TS};

use crate::server::OriginalMessage;
use crate::{
    ActivityId, ActivityKind, ActivityPage, ActivityRow, AsViewer, Audience, AudienceRule, Block, Change,
    ClientMessage, CustomStatus, Detail, Friend, FriendRequest, FriendRow, Mode, MySession, MySessions,
    MyStatus, NewWatch, OnlineUser, OwnCustomStatus, Page, Person, Precision, Presence, Privacy, Reason,
    RequestId, Scope, ServerMessage, SessionId, SetCustomStatus, SetStatus, Status, Timestamp, UserId,
    UserIds, Users, Watch,
};

const HEADER: &str = "\
// The wire of Hereabouts, generated from crates/protocol by `cargo xtask codegen`. Do not edit.

/** The WebSocket subprotocol of these frames. */
export const SUBPROTOCOL_V1 = \"hereabouts.v1\";
";

#[test]
fn protocol_ts_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packages/hereabouts/src/core/protocol.ts");
    let wanted = generate();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{} is stale: run `cargo xtask codegen`", path.display());
}

fn generate() -> String {
    let config = Config::new().with_large_int("number");
    let mut text = HEADER.to_owned();
    macro_rules! export {
        ($($name:ty),* $(,)?) => {$(
            text.push('\n');
            if let Some(docs) = <$name as TS>::docs() {
                text.push_str(docs.trim_end());
                text.push('\n');
            }
            writeln!(text, "export {}", <$name as TS>::decl(&config)).unwrap();
        )*};
    }
    export!(
        UserId,
        SessionId,
        Timestamp,
        Status,
        Reason,
        Scope,
        CustomStatus,
        Presence,
        Change,
        ClientMessage,
        ServerMessage,
        OriginalMessage,
        OnlineUser,
        Detail,
        Mode,
        OwnCustomStatus,
        SetCustomStatus,
        SetStatus,
        MyStatus,
        Audience,
        AudienceRule,
        Precision,
        Privacy,
        RequestId,
        Page<Person>,
        Person,
        Friend,
        FriendRow,
        FriendRequest,
        Block,
        NewWatch,
        Watch,
        ActivityId,
        ActivityKind,
        ActivityRow,
        ActivityPage,
        UserIds,
        Users,
        AsViewer,
        MySession,
        MySessions,
    );
    text
}
