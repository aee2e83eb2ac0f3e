//! The Content-Security-Policy of each page: its prerendered inline scripts by hash, and nothing inline beside them.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::content::File;
use crate::limits::PAGE_POLICIES_MAX;

/// The sources of inline scripts that were computed, by the hash of the page. A page that changes on the disk gets a
/// new hash, and with it a new policy.
#[derive(Default)]
pub(super) struct Policies {
    // Held for one lookup or one page's hashes.
    script_sources: Mutex<HashMap<[u8; 32], String>>,
}

impl Policies {
    /// The policy of a page, as asked for at this host.
    pub(super) fn page(&self, page: &File, request: &HeaderMap) -> HeaderValue {
        let mut known = self.script_sources.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= PAGE_POLICIES_MAX {
            known.clear();
        }
        let scripts =
            known.entry(page.sha256).or_insert_with(|| script_sources(&String::from_utf8_lossy(&page.bytes)));
        let sockets = socket_sources(request);
        let policy = format!(
            "default-src 'self'; script-src 'self'{scripts}; connect-src 'self'{sockets}; \
             img-src 'self' https: data:; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        );
        HeaderValue::from_str(&policy).unwrap_or_else(|_| file())
    }
}

/// The policy of what is no page: an SVG opened by itself must not run anything either.
pub(super) fn file() -> HeaderValue {
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox")
}

/// `'self'` covers the page's own scheme; older browsers do not count `ws:` to it, so the host is named.
fn socket_sources(request: &HeaderMap) -> String {
    let host = request.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_plain = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
    if is_plain { format!(" ws://{host} wss://{host}") } else { String::new() }
}

fn script_sources(page: &str) -> String {
    let mut sources = String::new();
    for script in inline_scripts(page) {
        let hash = BASE64_STANDARD.encode(Sha256::digest(script.as_bytes()));
        write!(sources, " 'sha256-{hash}'").expect("writing to a string cannot fail");
    }
    sources
}

/// The text of every `<script>` without `src`, exactly as the browser hashes it.
fn inline_scripts(page: &str) -> Vec<&str> {
    let lower = page.to_ascii_lowercase();
    let mut scripts = Vec::new();
    let mut at = 0;
    while let Some(start) = lower[at..].find("<script").map(|offset| at + offset + "<script".len()) {
        let Some(tag_end) = end_of_tag(&lower[start..]).map(|offset| start + offset) else { break };
        let Some(end) = lower[tag_end..].find("</script").map(|offset| tag_end + offset) else { break };
        let attributes = &lower[start..tag_end];
        let has_source = attributes.split_ascii_whitespace().any(|attribute| attribute.starts_with("src="));
        if !has_source {
            scripts.push(&page[tag_end..end]);
        }
        at = end;
    }
    scripts
}

/// The position after the `>` that ends a tag, quotes respected.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_found_and_those_with_a_source_are_not() {
        let page = r#"<script>a < b</script><SCRIPT async="" src="/x.js"></SCRIPT><script id="a>b">c()</script><script>"#;
        assert_eq!(inline_scripts(page), ["a < b", "c()"]);
    }

    #[test]
    fn the_hash_is_the_one_browsers_compute() {
        // From the CSP specification: the hash of alert('Hello, world.');
        assert_eq!(
            script_sources("<script>alert('Hello, world.');</script>"),
            " 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
    }
}
