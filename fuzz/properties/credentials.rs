//! For any query: whatever the server would take as a credential, its log does not show. `$` stands for the secret.

use axum::extract::Query;
use axum::http::Uri;
use hereabouts::http::socket::SocketQuery;
use hereabouts::telemetry::redacted;

const SECRET: &str = "eyJjYW5hcnkifQ";

pub(crate) fn check(bytes: &[u8]) {
    let Ok(query) = str::from_utf8(bytes) else { return };
    let target = format!("/ws/user-status/?{}", query.replace('$', SECRET));
    let Ok(uri) = target.parse::<Uri>() else { return };
    let shown = redacted(&uri);
    assert!(shown.starts_with("/ws/user-status/?"), "the path is kept: {shown}");
    if let Ok(Query(read)) = Query::<SocketQuery>::try_from_uri(&uri) {
        let is_taken = read.token.is_some_and(|token| token.contains(SECRET));
        assert!(!is_taken || !shown.contains(SECRET), "{target} is logged as {shown}");
    }
}
