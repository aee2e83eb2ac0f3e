//! Files and modules are named after what they hold, not after the fact that they hold something.

use super::{Finding, SourceFile};

/// Words that fit any content, and so say nothing.
const FORBIDDEN: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];

/// A file, folder or Rust module whose name holds a forbidden word.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(word) = forbidden_word(&file.path) {
        findings.push(file.error(format!("`{word}` says nothing; name it after what it holds")));
    }
    if file.extension() == "rs" {
        findings.extend(
            file.errors_by_line("this module name says nothing; name it after what it holds", |line| {
                module_name(line).is_some_and(|name| forbidden_word(name).is_some())
            }),
        );
    }
    findings
}

fn forbidden_word(name: &str) -> Option<&str> {
    name.split(['/', '_', '-', '.']).find(|word| FORBIDDEN.contains(&word.to_lowercase().as_str()))
}

/// The name in `mod x;` or `pub(crate) mod x {`.
fn module_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let keyword = if first.starts_with("pub") { words.next()? } else { first };
    (keyword == "mod").then(|| words.next()).flatten().map(|name| name.trim_end_matches([';', '{']))
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[test]
    fn a_file_or_folder_that_says_nothing() {
        for path in
            ["crates/server/src/utils.rs", "packages/x/src/common/a.ts", "e2e/test-helpers.ts", "a/misc.css"]
        {
            assert_eq!(findings_of(check, path, "").len(), 1, "{path}");
        }
        assert!(findings_of(check, "crates/server/src/commonwealth.rs", "").is_empty());
    }

    #[test]
    fn a_module_that_says_nothing() {
        let found =
            findings_of(check, "a.rs", "//! A.\npub(crate) mod helpers {\n}\nmod utils;\nmod clock;\n");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("error: a.rs:2:"), "{found:?}");
    }
}
