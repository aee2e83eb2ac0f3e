//! Rules for every text file.

use super::{Finding, SourceFile};

/// Where code or settings stand, in contrast to prose.
const CODE: &[&str] =
    &["rs", "ts", "tsx", "js", "mjs", "cjs", "css", "sql", "lua", "sh", "toml", "yml", "yaml", "html"];

/// Put together, so that this file passes its own check.
const MARKERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// A registry is the choice of who builds: a host name in a file breaks every build behind a mirror.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("pypi", ".org"),
    concat!("files.", "pythonhosted.org"),
    concat!("deb.", "debian.org"),
];

/// Stray blanks, open ends, registry hosts.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    [whitespace(file), open_ends(file), registries(file)].into_iter().flatten().collect()
}

/// What a program wrote is kept as it wrote it.
fn whitespace(file: &SourceFile) -> Vec<Finding> {
    if file.extension() == "snap" || file.is_generated() {
        return Vec::new();
    }
    file.errors_by_line("blanks at the end of the line", |line| line.ends_with([' ', '\t', '\r']))
}

fn open_ends(file: &SourceFile) -> Vec<Finding> {
    if !CODE.contains(&file.extension()) {
        return Vec::new();
    }
    let message = format!("an open end needs an issue: `{}(#12): …`", MARKERS[0]);
    file.errors_by_line(&message, has_open_end)
}

fn registries(file: &SourceFile) -> Vec<Finding> {
    let mut findings = file
        .errors_by_line("the name of a registry's host; leave it to the machine that builds", |line| {
            REGISTRY_HOSTS.iter().any(|host| line.contains(host))
        });
    if file.file_name() == "package-lock.json" {
        let message = "an address in the lock file; .npmrc has `omit-lockfile-registry-resolved=true`";
        findings.extend(file.errors_by_line(message, |line| line.contains("\"resolved\": \"http")));
    }
    findings
}

/// A marker that stands as a word and is not followed by `(#number`.
fn has_open_end(line: &str) -> bool {
    MARKERS.iter().any(|marker| {
        line.match_indices(marker).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + marker.len()..]);
            let is_word = !before.ends_with(is_word_character) && !after.starts_with(is_word_character);
            let issue = after.strip_prefix("(#").unwrap_or_default();
            is_word && !issue.starts_with(|character: char| character.is_ascii_digit())
        })
    })
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[test]
    fn blanks_at_the_end_of_a_line() {
        assert_eq!(findings_of(check, "a.md", "one \ntwo\nthree\t\nfour\r\n").len(), 3);
        assert!(findings_of(check, "a.snap", "one \n").is_empty());
    }

    #[test]
    fn an_open_end_without_an_issue() {
        let marker = &MARKERS[0];
        for text in [format!("// {marker}: later"), format!("// {marker}(me): later"), (*marker).to_owned()] {
            assert_eq!(findings_of(check, "a.rs", &text).len(), 1, "{text}");
        }
        for text in [format!("// {marker}(#12): later"), format!("const {marker}_LIST: u8 = 1;")] {
            assert!(findings_of(check, "a.rs", &text).is_empty(), "{text}");
        }
        assert!(findings_of(check, "a.md", marker).is_empty(), "prose may speak of it");
    }

    #[test]
    fn a_registry_host() {
        for host in REGISTRY_HOSTS {
            assert_eq!(findings_of(check, "a.json", &format!("\"https://{host}/x\"")).len(), 1, "{host}");
        }
    }

    #[test]
    fn an_address_in_the_lock_file() {
        let text =
            "\"resolved\": \"https://mirror.example/x.tgz\",\n\"resolved\": \"packages/hereabouts\",\n";
        assert_eq!(findings_of(check, "package-lock.json", text).len(), 1);
    }
}
