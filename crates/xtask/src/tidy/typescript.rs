//! Rules for TypeScript tests: all of them run.

use super::{Finding, SourceFile};

const SUBJECTS: &[&str] = &["test", "it", "describe"];
const SWITCHES: &[&str] = &["only", "skip", "todo", "fixme", "skipIf", "runIf"];

/// A test that runs alone, or does not run.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let is_test = file.path.starts_with("e2e/")
        || file.file_name().contains(".test.")
        || file.file_name().contains(".spec.");
    if !is_test || !matches!(file.extension(), "ts" | "tsx") {
        return Vec::new();
    }
    file.errors_by_line(
        "a switched-off test proves nothing, and one that runs alone hides the others",
        switches_off,
    )
}

/// `it.skip`, `test.describe.only` and the like: a chain of words joined by dots.
fn switches_off(line: &str) -> bool {
    line.split(|character: char| !character.is_alphanumeric() && character != '.').any(|chain| {
        let mut words = chain.split('.');
        words.next().is_some_and(|first| SUBJECTS.contains(&first))
            && words.any(|word| SWITCHES.contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    #[test]
    fn a_test_that_runs_alone_or_not_at_all() {
        for line in [
            "it.only('a', () => {",
            "  describe.skip('b', () => {",
            "test.describe.only('c'",
            "test.fixme()",
            "it.todo('d')",
        ] {
            assert_eq!(findings_of(check, "src/a.test.ts", line).len(), 1, "{line}");
            assert_eq!(findings_of(check, "e2e/a.spec.ts", line).len(), 1, "{line}");
        }
    }

    #[test]
    fn ordinary_code() {
        for line in
            ["it('skip', () => {", "list.skip(1)", "test.step('only one', run)", "expect(submit.only)"]
        {
            assert!(findings_of(check, "src/a.test.ts", line).is_empty(), "{line}");
        }
        assert!(findings_of(check, "src/a.ts", "it.only('a')").is_empty());
    }
}
