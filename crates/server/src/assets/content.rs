//! Files of the site, and the way to them: nothing outside the site has a name here.

use std::{borrow::Cow, fs, path::Path};

use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

/// The exported demo, as it was when the binary was built. Debug builds read it from the disk.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../apps/demo/out"]
struct Embedded;

/// Shown where the site was not built before the binary.
const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Hereabouts</title>\
    <p>The server runs. This binary was built without the demo site: <code>cargo xtask run</code> builds both.</p>";

/// One file of the site.
pub(super) struct File {
    /// Path within the site, without a leading slash.
    pub(super) name: String,
    pub(super) bytes: Bytes,
    pub(super) sha256: [u8; 32],
}

impl File {
    fn new(name: &str, bytes: Bytes) -> Self {
        Self { name: name.to_owned(), sha256: Sha256::digest(&bytes).into(), bytes }
    }

    /// A strong entity tag: the first half of the hash, in quotes.
    pub(super) fn etag(&self) -> String {
        let hex: String = self.sha256[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("\"{hex}\"")
    }

    pub(super) fn is_page(&self) -> bool {
        self.content_type().starts_with("text/html")
    }

    pub(super) fn content_type(&self) -> &'static str {
        let extension = self.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension.to_ascii_lowercase().as_str() {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "json" | "map" => "application/json",
            "webmanifest" => "application/manifest+json",
            "txt" => "text/plain; charset=utf-8",
            "xml" => "application/xml",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            "avif" => "image/avif",
            "gif" => "image/gif",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "woff" => "font/woff",
            "wasm" => "application/wasm",
            _ => "application/octet-stream",
        }
    }
}

/// A file in the binary.
pub(super) fn from_binary(name: &str) -> Option<File> {
    match Embedded::get(name) {
        Some(file) => Some(File::new(
            name,
            match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            },
        )),
        None if name == "index.html" => Some(File::new(name, Bytes::from_static(PLACEHOLDER.as_bytes()))),
        None => None,
    }
}

/// A file under `folder`; a link that leads out of it is not followed.
pub(super) fn from_folder(folder: &Path, name: &str) -> Option<File> {
    let folder = folder.canonicalize().ok()?;
    let path = folder.join(name).canonicalize().ok()?;
    let is_inside = path.starts_with(&folder) && path.is_file();
    is_inside.then(|| fs::read(path).ok()).flatten().map(|bytes| File::new(name, bytes.into()))
}

/// The path of an address as a name within the site: decoded once, without leading and trailing slash; `None` for
/// anything that climbs, hides or is not text.
pub(super) fn clean_path(path: &str) -> Option<String> {
    let decoded = percent_decoded(path)?;
    let name = decoded.trim_matches('/');
    let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    let is_safe = name.is_empty() || (!name.contains(['\\', '\0']) && name.split('/').all(is_plain));
    is_safe.then(|| name.to_owned())
}

fn percent_decoded(path: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            decoded.push((digit()? * 16 + digit()?) as u8);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_site() {
        for (path, name) in [
            ("/", Some("")),
            ("/messages/", Some("messages")),
            ("/_next/static/chunks/%5Bid%5D.js", Some("_next/static/chunks/[id].js")),
            ("/../Cargo.toml", None),
            ("/%2e%2e/Cargo.toml", None),
            ("/a/..%2f..%2fb", None),
            ("/a%00b", None),
            ("/a%5c..%5cb", None),
            ("/a//b", None),
            ("/%zz", None),
            ("/%ff", None),
        ] {
            assert_eq!(clean_path(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn links_out_of_the_folder_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("page.html"), "x").unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("leak.txt")).unwrap();
        assert!(from_folder(folder.path(), "page.html").is_some_and(|file| file.is_page()));
        assert!(from_folder(folder.path(), "leak.txt").is_none());
        assert!(from_folder(folder.path(), "../etc/hostname").is_none());
    }
}
