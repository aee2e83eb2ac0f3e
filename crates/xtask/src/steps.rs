//! A list of named steps: each is timed, a failure does not stop those that do not need it, and the end is a
//! table, the runners' closing lines and one sum.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::tally::{Closing, Tally};

/// The steps run so far.
#[derive(Default)]
pub(crate) struct Steps {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
    closing: Closing,
}

enum Outcome {
    Passed,
    Failed(String),
    /// A step it needs did not pass. Counts as a failure: nothing is left out silently.
    NotRun(&'static str),
}

impl Steps {
    /// Runs a step, once: a second call with the same name does nothing, so that each part can name all it needs.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        needs: &[&'static str],
        body: impl FnOnce() -> Result<()>,
    ) {
        self.test_step(name, needs, |_| body());
    }

    /// Like [`Steps::step`], for a test runner whose closing lines belong into the summary.
    pub(crate) fn test_step(
        &mut self,
        name: &'static str,
        needs: &[&'static str],
        body: impl FnOnce(&mut Closing) -> Result<()>,
    ) {
        if self.rows.iter().any(|row| row.name == name) {
            return;
        }
        let begun = Instant::now();
        let mut closing = Closing::default();
        let outcome = match self.first_missing(needs) {
            Some(need) => Outcome::NotRun(need),
            None => attempt(name, &mut closing, body),
        };
        if let Outcome::Failed(reason) = &outcome {
            eprintln!("FAILED {name}: {reason}");
        }
        self.rows.push(Row { name, outcome, took: begun.elapsed(), closing });
    }

    /// Prints the summary; an error names the steps that did not pass.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n{}", self.summary());
        let failed: Vec<&str> = self.rows.iter().filter(|row| !row.passed()).map(|row| row.name).collect();
        if !failed.is_empty() {
            bail!("{} of {} steps did not pass: {}", failed.len(), self.rows.len(), failed.join(", "));
        }
        Ok(())
    }

    fn first_missing(&self, needs: &[&'static str]) -> Option<&'static str> {
        let passed = |need: &str| self.rows.iter().any(|row| row.name == need && row.passed());
        needs.iter().copied().find(|need| !passed(need))
    }

    fn summary(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let mut lines: Vec<String> = self.rows.iter().map(|row| row.line(width)).collect();
        let total: Duration = self.rows.iter().map(|row| row.took).sum();
        lines.push(format!("{:>8.1} s  total", total.as_secs_f64()));
        let closing: Vec<&Row> = self.rows.iter().filter(|row| !row.closing.lines.is_empty()).collect();
        if closing.is_empty() {
            return lines.join("\n");
        }
        lines.push(String::new());
        for row in &closing {
            lines.extend(row.closing.lines.iter().map(|line| format!("{}: {line}", row.name)));
        }
        let sum = closing.iter().fold(Tally::default(), |sum, row| sum + row.closing.tally);
        lines.push(format!("\n{sum}"));
        lines.join("\n")
    }
}

impl Row {
    fn passed(&self) -> bool {
        matches!(self.outcome, Outcome::Passed)
    }

    fn line(&self, width: usize) -> String {
        let outcome = match &self.outcome {
            Outcome::Passed => "ok".to_owned(),
            Outcome::Failed(reason) => format!("FAILED  {}", reason.lines().next().unwrap_or_default()),
            Outcome::NotRun(need) => format!("NOT RUN  needs `{need}`"),
        };
        format!("{:>8.1} s  {:width$}  {outcome}", self.took.as_secs_f64(), self.name)
    }
}

fn attempt(name: &str, closing: &mut Closing, body: impl FnOnce(&mut Closing) -> Result<()>) -> Outcome {
    println!("\n== {name}");
    match body(closing) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Runner;

    #[test]
    fn a_failure_stops_only_what_needs_it() {
        let mut steps = Steps::default();
        let mut ran = Vec::new();
        steps.step("first", &[], || bail!("it broke"));
        steps.step("needs first", &["first"], || {
            ran.push("needs first");
            Ok(())
        });
        steps.step("apart", &[], || {
            ran.push("apart");
            Ok(())
        });
        let summary = steps.summary();
        assert_eq!(ran, ["apart"]);
        assert!(summary.contains("FAILED  it broke"), "{summary}");
        assert!(summary.contains("NOT RUN  needs `first`"), "{summary}");
        assert_eq!(steps.finish().unwrap_err().to_string(), "2 of 3 steps did not pass: first, needs first");
    }

    #[test]
    fn a_step_runs_once() {
        let mut steps = Steps::default();
        let mut n_runs = 0;
        for _ in 0..2 {
            steps.step("once", &[], || {
                n_runs += 1;
                Ok(())
            });
        }
        assert_eq!(n_runs, 1);
        assert!(steps.finish().is_ok());
    }

    #[test]
    fn the_summary_ends_with_the_sum_of_the_runners() {
        let mut steps = Steps::default();
        steps.test_step("rust", &[], |closing| {
            closing.read(Runner::CargoTest, "test result: ok. 5 passed; 0 failed;");
            Ok(())
        });
        steps.test_step("vitest", &[], |closing| {
            closing.read(Runner::Vitest, "Tests  1 failed | 2 passed (3)");
            bail!("npm ended with 1")
        });
        let summary = steps.summary();
        assert!(summary.contains("vitest: Tests  1 failed | 2 passed (3)"), "{summary}");
        assert!(summary.ends_with("\n7 passed, 1 failed"), "{summary}");
    }
}
