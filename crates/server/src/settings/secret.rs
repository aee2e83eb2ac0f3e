//! Keys that must not be seen, and keys that everybody has seen.

use std::fmt;

/// Bytes a key must have: HS256 gains nothing from more and loses with fewer (RFC 7518, 3.2).
pub(super) const SECRET_BYTES_MIN: usize = 32;

/// Keys that stand in public documentation and examples. Compared without case.
const PUBLISHED: [&str; 12] = [
    "your-secret-key-here",
    "your-secret-key",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "your_super_secret_key_that_is_long_enough",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "secret-key-at-least-32-characters-long",
    "this-is-a-very-long-secret-key-for-testing",
    "change-me-to-a-long-random-string-please",
    "please-change-this-to-a-random-32-byte-key",
    "01234567890123456789012345678901",
    "0123456789abcdef0123456789abcdef",
];

/// Beginnings of keys that a tool wrote into a new project and said not to use.
const PUBLISHED_BEGINNINGS: [&str; 2] = ["django-insecure-", "changeme"];

/// A key of access tokens. It never appears in a log or an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A key of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Why this key is too weak for `serve`; `None` if it is not. Entropy is not guessed.
pub fn is_weak(key: &str) -> Option<String> {
    if key.len() < SECRET_BYTES_MIN {
        return Some(format!("it has {} bytes; {SECRET_BYTES_MIN} are the least", key.len()));
    }
    let lower = key.to_ascii_lowercase();
    let one_character = lower.bytes().all(|byte| byte == lower.as_bytes()[0]);
    let is_published = PUBLISHED.contains(&lower.as_str())
        || PUBLISHED_BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning));
    (one_character || is_published).then(|| "it is a published example: everybody has this key".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_published_keys_are_weak_and_say_why() {
        assert!(is_weak("your-secret-key-here").unwrap().contains("20 bytes"));
        for key in [
            "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz",
            "A-String-Secret-At-Least-256-Bits-Long",
            &"x".repeat(40),
        ] {
            assert!(is_weak(key).unwrap().contains("published"), "{key}");
        }
        assert_eq!(is_weak("3f1c0ee2b7d94a6f8c25d1e07ab934f6"), None);
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hush")), "[redacted]");
    }
}
