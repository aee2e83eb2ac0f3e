//! Addresses of pictures: those that can be shown to everybody without harm.

use url::Url;

use crate::limits::PICTURE_BYTES_MAX;

/// `https:` with a host and without user info, or a path on this server; at most 2 KiB. Every reading of the address,
/// the browser's too, must come to the same host: so no spaces, backslashes or characters that readers disagree about,
/// and the WHATWG parser, which browsers follow, has the last word.
pub fn is_safe_picture(url: &str) -> bool {
    let is_plain = url.len() <= PICTURE_BYTES_MAX
        && !url
            .chars()
            .any(|character| character.is_control() || character.is_whitespace() || is_invisible(character))
        && !url.contains(['\\', '"', '<', '>', '^', '`', '{', '|', '}']);
    if !is_plain {
        return false;
    }
    if url.starts_with('/') {
        return is_own_path(url);
    }
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains(['@', '%']) {
        return false;
    }
    Url::parse(url).is_ok_and(|parsed| {
        parsed.scheme() == "https"
            && parsed.host_str().is_some_and(|host| !host.is_empty())
            && parsed.username().is_empty()
            && parsed.password().is_none()
    })
}

/// A path that no parser takes for another host.
fn is_own_path(path: &str) -> bool {
    let base = Url::parse("https://own.invalid/").expect("a plain address");
    !path.starts_with("//")
        && base
            .join(path)
            .is_ok_and(|joined| joined.scheme() == "https" && joined.host_str() == base.host_str())
}

const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a41_only_safe_pictures_are_kept() {
        for url in [
            "https://a.example/x.png?y=1#z",
            "/avatars/ada.svg",
            "https://[::1]/x",
            "https://a:8443/x",
            "https://bücher.example/x.png",
            "https://a/%2e%2e/x",
        ] {
            assert!(is_safe_picture(url), "{url}");
        }
        let long = format!("https://a/{}", "x".repeat(PICTURE_BYTES_MAX));
        for url in [
            "http://a/x",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "data:image/svg+xml,<svg onload=alert(1)>",
            "vbscript:x",
            "blob:https://a/x",
            "//evil/x",
            "///evil/x",
            "/\\evil",
            "/\t/evil",
            "https:///x",
            "https://u@a/x",
            "https://u:p@a/x",
            "https://@a/x",
            "https://a\\@b/x",
            "https://a/\r\nX: y",
            " https://a/x",
            "https://a /x",
            "https:a/x",
            "HTTPS://a/x",
            "ftp://a/x",
            "",
            "avatar.svg",
            "https://:80/x",
            "https://a:99999/x",
            "https://a%00b/x",
            "https://[::1/x",
            "https://xn--/x",
            "https://a\u{202e}b/x",
            "https://a\u{ad}b/x",
            &long,
        ] {
            assert!(!is_safe_picture(url), "{url}");
        }
    }

    /// The host as somebody reads it who knows no more than the syntax.
    fn naive_host(url: &str) -> Option<&str> {
        url.strip_prefix("https://")?.split(['/', '?', '#']).next()
    }

    proptest! {
        #[test]
        fn a41_readers_agree_on_the_host_of_every_picture_that_is_kept(
            url in "https://[a-z0-9.@:%\\[\\]\\\\/?# \t\u{2044}\u{ff0f}\u{3002}-]{0,20}|/[a-z/\\\\.\t ]{0,10}"
        ) {
            if is_safe_picture(&url) {
                let base = Url::parse("https://own.invalid/").unwrap();
                let parsed = base.join(&url).unwrap();
                prop_assert_eq!(parsed.scheme(), "https");
                prop_assert!(!parsed.as_str().contains('@') || !naive_host(&url).unwrap_or_default().contains('@'));
                match naive_host(&url) {
                    None => prop_assert_eq!(parsed.host_str(), Some("own.invalid")),
                    Some(host) if host.is_ascii() && !host.contains(':') && !host.contains("xn--") => {
                        // Numbers are read as IPv4 addresses by every parser there is; the host stays in one piece.
                        let is_number = host.split('.').next_back().is_some_and(|part| {
                            part.is_empty() || part.bytes().all(|byte| byte.is_ascii_digit()) || part.starts_with("0x")
                        });
                        prop_assert!(is_number || parsed.host_str() == Some(host), "{} {:?}", host, parsed);
                    }
                    Some(_) => {}
                }
            }
        }
    }
}
