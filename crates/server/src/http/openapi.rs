//! `GET /api/openapi.json` and `/api/asyncapi.json`: what may be asked, and what is said on the socket, for programs.
//! Written by hand, and held by tests to the router, to the protocol's types and to what a real server says.

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

/// The document of the requests.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");
/// The document of the socket.
pub(crate) const SOCKET_DOCUMENT: &str = include_str!("asyncapi.json");

const HEADERS: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")];

/// The handler.
pub async fn document() -> impl IntoResponse {
    (HEADERS, DOCUMENT)
}

/// The handler of the socket's document.
pub async fn socket_document() -> impl IntoResponse {
    (HEADERS, SOCKET_DOCUMENT)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_document_has_the_routers_paths_and_no_others() {
        let source = include_str!("../router.rs");
        // The internal port and the demo are no part of the API; the socket has a document of its own.
        let is_part = |path: &str| path.starts_with("/api/") || path == "/livez";
        let routed: BTreeSet<_> = source
            .split(".both(\"")
            .chain(source.split(".route(\""))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .filter(|path| is_part(path))
            .collect();
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let documented: BTreeSet<_> =
            document["paths"].as_object().unwrap().keys().map(|path| path.trim_end_matches('/')).collect();
        assert_eq!(documented, routed, "openapi.json and router.rs");
    }
}
