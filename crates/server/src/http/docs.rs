//! `GET /api/docs/`: the document to read. A page without scripts, fonts or anything of another host.

use std::fmt::Write;
use std::sync::OnceLock;

use axum::http::header;
use axum::response::IntoResponse;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::openapi;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;\
color:#0f172a;background:#fff}h2{margin-top:2.5rem}code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}\
pre{background:#f1f5f9;padding:1rem;overflow-x:auto}table{border-collapse:collapse;width:100%}\
td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #cbd5e1}\
.method{background:#1e3a8a;color:#fff;border-radius:.25rem;padding:.1rem .5rem}\
@media(prefers-color-scheme:dark){body{color:#e2e8f0;background:#0f172a}pre{background:#1e293b}a{color:#fcd34d}}";

/// The handler.
pub async fn page() -> impl IntoResponse {
    static PAGE: OnceLock<(String, String)> = OnceLock::new();
    let (page, policy) = PAGE.get_or_init(|| {
        let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        let policy =
            format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
        let document = serde_json::from_str(openapi::DOCUMENT).expect("a test reads the same text");
        (rendered(&document), policy)
    });
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, page.as_str())
}

fn rendered(document: &Value) -> String {
    let info = &document["info"];
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title} API</title><style>{STYLE}</style></head><body><main>\
         <h1>{title} API</h1><p>{description}</p><p><a href=\"/api/openapi.json\">openapi.json</a> · the socket: <a \
         href=\"/api/asyncapi.json\">asyncapi.json</a></p>",
        title = text(&info["title"]),
        description = text(&info["description"]),
    );
    for (path, operations) in entries(&document["paths"]) {
        for (method, operation) in entries(operations) {
            render_operation(&mut out, path, method, operation);
        }
    }
    out.push_str("<h2 id=\"schemas\">Schemas</h2>");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let json = serde_json::to_string_pretty(schema).unwrap_or_default();
        put(&mut out, format_args!("<h3 id=\"{0}\">{0}</h3><pre>{1}</pre>", escaped(name), escaped(&json)));
    }
    out.push_str("</main></body></html>");
    out
}

fn render_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    put(
        out,
        format_args!(
            "<h2><span class=\"method\">{}</span> <code>{}</code></h2><p>{}. {}</p>",
            escaped(&method.to_uppercase()),
            escaped(path),
            text(&operation["summary"]),
            text(&operation["description"]),
        ),
    );
    let schemes: Vec<_> = operation["security"].as_array().into_iter().flatten().flat_map(entries).collect();
    if !schemes.is_empty() {
        let names: Vec<_> = schemes.iter().map(|(name, _)| escaped(name)).collect();
        put(out, format_args!("<p>Authorization: Bearer {}</p>", names.join(" or ")));
    }
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let rows: String = parameters
        .map(|it| format!("<tr><td><code>{}</code><td>{}", text(&it["name"]), text(&it["description"])))
        .collect();
    if !rows.is_empty() {
        put(out, format_args!("<table><tr><th>Parameter<th>Meaning{rows}</table>"));
    }
    let asked = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !asked.is_null() {
        put(out, format_args!("<p>Body: {}</p>", schema_link(asked)));
    }
    out.push_str("<table><tr><th>Status<th>Meaning<th>Body");
    for (status, answer) in entries(&operation["responses"]) {
        let schema = &answer["content"]["application/json"]["schema"];
        let meaning = text(&answer["description"]);
        put(out, format_args!("<tr><td>{}<td>{meaning}<td>{}", escaped(status), schema_link(schema)));
    }
    out.push_str("</table>");
}

fn schema_link(schema: &Value) -> String {
    if schema["type"] == "array" {
        return format!("array of {}", schema_link(&schema["items"]));
    }
    match schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        Some(name) => format!("<a href=\"#{0}\">{0}</a>", escaped(name)),
        None => text(&schema["type"]),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn put(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("writing to a string cannot fail");
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
