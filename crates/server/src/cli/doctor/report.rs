//! What the doctor found: one line per check, each failure with its fix; for people, and for programs.

use std::fmt::{self, Write};

use serde::Serialize;

/// Widest line of the report.
const COLUMNS: usize = 80;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// As it should be.
    Ok,
    /// Works, and may not be what is wanted.
    Warn,
    /// Does not work.
    Fail,
    /// Not looked at; `found` says what it needs.
    Skip,
}

/// One check. Nothing in it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// Stable, for programs.
    pub(super) id: &'static str,
    pub(super) status: Status,
    /// What is the case.
    pub(super) found: String,
    /// What to do about it; never missing where something is wrong.
    pub(super) fix: Option<String>,
}

/// All checks, in the order in which they build on each other.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Of this form; raised when a field changes its meaning.
    version: u32,
    /// Whether no check failed.
    ok: bool,
    /// The server that was looked at.
    url: String,
    checks: Vec<Check>,
}

impl Check {
    pub(super) fn ok(id: &'static str, found: impl Into<String>) -> Self {
        Self { id, status: Status::Ok, found: found.into(), fix: None }
    }

    pub(super) fn skip(id: &'static str, needs: impl Into<String>) -> Self {
        Self { id, status: Status::Skip, found: needs.into(), fix: None }
    }

    pub(super) fn warn(id: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { id, status: Status::Warn, found: found.into(), fix: Some(fix.into()) }
    }

    pub(super) fn fail(id: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { id, status: Status::Fail, found: found.into(), fix: Some(fix.into()) }
    }

    pub(super) fn is_failure(&self) -> bool {
        self.status == Status::Fail
    }
}

impl Report {
    pub(super) fn new(url: String, checks: Vec<Check>) -> Self {
        Self { version: 1, ok: !checks.iter().any(Check::is_failure), url, checks }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.ok
    }

    fn count(&self, status: Status) -> usize {
        self.checks.iter().filter(|check| check.status == status).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.url)?;
        for check in &self.checks {
            let word = match check.status {
                Status::Ok => "ok",
                Status::Warn => "warn",
                Status::Fail => "FAIL",
                Status::Skip => "-",
            };
            write!(f, "{}", wrapped(&format!("  {word:<5} {:<12} ", check.id), &check.found))?;
            if let Some(fix) = &check.fix {
                write!(f, "{}", wrapped(&format!("{:21}fix: ", ""), fix))?;
            }
        }
        let (n_ok, n_failed) = (self.count(Status::Ok), self.count(Status::Fail));
        writeln!(f, "\n{n_ok} ok, {n_failed} failed, {} to look at", self.count(Status::Warn))
    }
}

/// `text` behind `first`, broken between words so that it fits, each line as far in as the first.
fn wrapped(first: &str, text: &str) -> String {
    let indent = first.chars().count();
    let mut out = first.to_owned();
    let mut column = indent;
    for word in text.split(' ') {
        let width = word.chars().count();
        if column > indent && column + 1 + width > COLUMNS {
            write!(out, "\n{:indent$}", "").expect("writing to a string cannot fail");
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_from_top_to_bottom_and_fits_the_screen() {
        let fix = "start the server with CORS_ALLOWED_ORIGINS=https://app.example.com (or add it there), \
                   then look again";
        let checks = vec![
            Check::ok("reach", "a Hereabouts server answers"),
            Check::fail("cors", "the page may not read the answers", fix),
            Check::skip("token", "needs --token or --user"),
        ];
        let report = Report::new("http://localhost:8000".to_owned(), checks);
        assert!(!report.is_ok());
        insta::assert_snapshot!(report.to_string(), @r"
        http://localhost:8000

          ok    reach        a Hereabouts server answers
          FAIL  cors         the page may not read the answers
                             fix: start the server with
                                  CORS_ALLOWED_ORIGINS=https://app.example.com (or add
                                  it there), then look again
          -     token        needs --token or --user

        1 ok, 1 failed, 0 to look at
        ");
    }
}
