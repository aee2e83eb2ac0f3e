//! Rules for Rust files.

use super::{Finding, SourceFile};

/// The file says what it is for, and no test is switched off.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    if file.extension() != "rs" {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if !file.text.trim_start().starts_with("//!") {
        findings.push(file.error("open the file with a `//!` line that says what it is for"));
    }
    findings.extend(file.errors_by_line(
        "a test that does not run proves nothing; assert today's behaviour and say why it is wrong",
        |line| line.trim_start().starts_with("#[ignore"),
    ));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for() {
        assert_eq!(findings_of(check, "a.rs", "use std::fmt;\n").len(), 1);
        assert!(findings_of(check, "a.rs", "//! Formats things.\nuse std::fmt;\n").is_empty());
        assert!(findings_of(check, "a.ts", "export {};\n").is_empty());
    }

    #[test]
    fn a_test_that_is_switched_off() {
        let text = "//! A.\n#[test]\n    #[ignore = \"slow\"]\nfn a() {}\n";
        let found = findings_of(check, "a.rs", text);
        assert!(found.len() == 1 && found[0].starts_with("error: a.rs:3:"), "{found:?}");
    }
}
