//! Reads the closing lines of the test runners, so that a run can end with them and with one sum.

use std::fmt;

/// Whose output is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    Nextest,
    CargoTest,
    Vitest,
    Playwright,
}

/// How many tests passed and failed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// The closing lines of one step, as the runner wrote them, and their sum.
#[derive(Default)]
pub(crate) struct Closing {
    pub(crate) lines: Vec<String>,
    pub(crate) tally: Tally,
}

impl Closing {
    /// Keeps the line when it is one of those the runner closes with.
    pub(crate) fn read(&mut self, runner: Runner, line: &str) {
        let plain = without_escapes(line);
        let plain = plain.trim();
        if let Some(tally) = count(runner, plain) {
            self.lines.push(plain.to_owned());
            self.tally = self.tally + tally;
        }
    }
}

impl std::ops::Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// What a closing line counts, or `None` for any other line.
fn count(runner: Runner, line: &str) -> Option<Tally> {
    let closes = match runner {
        Runner::Nextest => line.starts_with("Summary [") && line.contains("run:"),
        Runner::CargoTest => line.starts_with("test result:"),
        Runner::Vitest => line.starts_with("Tests "),
        Runner::Playwright => playwright_closes(line),
    };
    closes.then(|| Tally {
        passed: before(line, "passed"),
        failed: before(line, "failed") + before(line, "timed") + before(line, "interrupted"),
    })
}

/// Playwright closes with one line per outcome: `2 failed`, `1 did not run`, `12 passed (8.1s)`.
fn playwright_closes(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let counted = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    let outcomes = ["passed", "failed", "flaky", "skipped", "interrupted", "did"];
    counted && words.next().is_some_and(|word| outcomes.contains(&word))
}

/// The number that stands before `word`, 0 when it is not there.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split_whitespace().collect();
    words
        .windows(2)
        .find(|pair| pair[1].trim_end_matches([',', ';']) == word)
        .and_then(|pair| pair[0].parse().ok())
        .unwrap_or(0)
}

/// Drops terminal colours: an escape, `[`, and all up to the first letter.
fn without_escapes(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(runner: Runner, lines: &[&str]) -> (Vec<String>, Tally) {
        let mut closing = Closing::default();
        for line in lines {
            closing.read(runner, line);
        }
        (closing.lines, closing.tally)
    }

    #[test]
    fn nextest() {
        let line =
            "     Summary [   1.204s] 36 tests run: 33 passed (2 slow), 2 failed, 1 timed out, 0 skipped";
        let (lines, tally) = read(Runner::Nextest, &["        PASS [   0.004s] a::b", line]);
        assert_eq!(lines, [line.trim()]);
        assert_eq!(tally, Tally { passed: 33, failed: 3 });
    }

    #[test]
    fn cargo_test_sums_its_binaries() {
        let (_, tally) = read(
            Runner::CargoTest,
            &[
                "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
                "test a ... ok",
                "test result: FAILED. 1 passed; 2 failed; 0 ignored",
            ],
        );
        assert_eq!(tally, Tally { passed: 6, failed: 2 });
    }

    #[test]
    fn vitest_in_colour() {
        let line =
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m4 passed\u{1b}[39m (5)";
        let (lines, tally) = read(Runner::Vitest, &[" Test Files  2 passed (2)", line]);
        assert_eq!(lines, ["Tests  1 failed | 4 passed (5)"]);
        assert_eq!(tally, Tally { passed: 4, failed: 1 });
    }

    #[test]
    fn playwright() {
        let (lines, tally) = read(
            Runner::Playwright,
            &[
                "Running 14 tests using 1 worker",
                "  1 failed",
                "    [chromium] › a.spec.ts:3:1 › a",
                "  1 did not run",
                "  12 passed (8.1s)",
            ],
        );
        assert_eq!(lines.len(), 3);
        assert_eq!(tally, Tally { passed: 12, failed: 1 });
    }

    #[test]
    fn the_sum_reads_as_a_plain_line() {
        assert_eq!(
            (Tally { passed: 3, failed: 0 } + Tally { passed: 1, failed: 2 }).to_string(),
            "4 passed, 2 failed"
        );
    }
}
