//! A file holds one idea; a long one usually holds two.

use super::{Finding, SourceFile};

/// Put behind `//` in a long file, with the reason why it is one idea all the same.
const REASON_MARK: &str = "tidy: long because ";

/// Lines of code, tests apart: from the first on a warning, from the second on an error.
struct Limits {
    n_lines_warn: usize,
    n_lines_max: usize,
}

/// The length of a source file, its tests not counted.
pub(super) fn check(file: &SourceFile) -> Vec<Finding> {
    let (limits, n_lines) = match file.extension() {
        "rs" if !is_rust_test(&file.path) => {
            (Limits { n_lines_warn: 400, n_lines_max: 600 }, rust_lines(&file.text))
        }
        "ts" | "tsx" if !is_typescript_test(file) && !file.is_generated() => {
            (Limits { n_lines_warn: 300, n_lines_max: 400 }, file.text.lines().count())
        }
        _ => return Vec::new(),
    };
    judge(file, &limits, n_lines).into_iter().collect()
}

fn judge(file: &SourceFile, limits: &Limits, n_lines: usize) -> Option<Finding> {
    if n_lines > limits.n_lines_max {
        return Some(file.error(format!("{n_lines} lines; above {} a file is split", limits.n_lines_max)));
    }
    if n_lines <= limits.n_lines_warn {
        return None;
    }
    let reason = file.text.lines().find_map(|line| line.split_once(REASON_MARK));
    Some(file.warning(match reason {
        Some((_, reason)) => format!("{n_lines} lines, because {}", reason.trim_end()),
        None => format!("{n_lines} lines; split it, or say why not in a comment `// {REASON_MARK}…`"),
    }))
}

/// Lines before the file's own test module.
fn rust_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    tests.unwrap_or(lines.len())
}

fn is_rust_test(path: &str) -> bool {
    path.contains("/tests/")
        || path.contains("/benches/")
        || path.ends_with("tests.rs")
        || path.ends_with("_test.rs")
}

fn is_typescript_test(file: &SourceFile) -> bool {
    file.path.starts_with("e2e/")
        || file.file_name().contains(".test.")
        || file.file_name().contains(".spec.")
}

#[cfg(test)]
mod tests {
    use super::super::findings_of;
    use super::*;

    fn lines(n_lines: usize) -> String {
        "let line = 1;\n".repeat(n_lines)
    }

    #[test]
    fn a_long_rust_file_is_a_warning_and_a_very_long_one_an_error() {
        assert!(findings_of(check, "a.rs", &lines(400)).is_empty());
        assert!(findings_of(check, "a.rs", &lines(401))[0].starts_with("warning: a.rs: 401 lines; split it"));
        assert!(findings_of(check, "a.rs", &lines(601))[0].starts_with("error: a.rs: 601 lines"));
    }

    #[test]
    fn a_long_typescript_file_likewise() {
        assert!(findings_of(check, "a.tsx", &lines(301))[0].starts_with("warning"));
        assert!(findings_of(check, "a.ts", &lines(401))[0].starts_with("error"));
    }

    #[test]
    fn the_reason_is_shown() {
        let text = format!("// tidy: long because it is one table\n{}", lines(450));
        assert_eq!(findings_of(check, "a.rs", &text), ["warning: a.rs: 451 lines, because it is one table"]);
    }

    #[test]
    fn tests_and_generated_files_are_not_counted() {
        let with_tests = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(400), lines(400));
        assert!(findings_of(check, "a.rs", &with_tests).is_empty());
        for path in ["crates/x/tests/a.rs", "e2e/a.ts", "src/a.test.tsx"] {
            assert!(findings_of(check, path, &lines(700)).is_empty(), "{path}");
        }
        assert!(findings_of(check, "protocol.ts", &format!("// Generated.\n{}", lines(700))).is_empty());
    }
}
