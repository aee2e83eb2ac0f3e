//! `cargo xtask tidy`: the house rules that no compiler or linter knows, each with a sample that breaks it.
//!
//! A rule is a pure function from a file (or from cargo's metadata) to findings. To add one: write it in the
//! module of its kind, add it to that module's `check`, and add a test with a sample that it must find.

mod crates;
mod names;
mod rust;
mod size;
mod text;
mod typescript;

use std::fmt;
use std::fs;

use anyhow::{Result, bail};

use crate::{shell, workspace};

/// A text file of the checkout.
pub(super) struct SourceFile {
    /// From the root, with `/`.
    path: String,
    text: String,
}

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    weight: Weight,
    /// The file, and the line where there is one.
    place: String,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Shown, does not fail the run.
    Warning,
    Error,
}

/// Checks every file git would commit, and the crates' manifests.
pub(crate) fn tidy() -> Result<()> {
    let files = source_files()?;
    let mut findings: Vec<Finding> = files.iter().flat_map(check_file).collect();
    findings.extend(crates::check(&crates::read()?));
    for finding in &findings {
        println!("{finding}");
    }
    let n_errors = findings.iter().filter(|finding| finding.weight == Weight::Error).count();
    println!("tidy: {} files, {} warnings, {n_errors} errors", files.len(), findings.len() - n_errors);
    if n_errors > 0 {
        bail!("tidy found {n_errors} errors");
    }
    Ok(())
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let rules = [names::check, rust::check, size::check, text::check, typescript::check];
    rules.iter().flat_map(|rule| rule(file)).collect()
}

/// What git tracks and what it would add; binary files are left out.
fn source_files() -> Result<Vec<SourceFile>> {
    let mut git = shell::command("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listing = shell::capture(git)?;
    let root = workspace::root();
    let files = listing.split('\0').filter(|path| !path.is_empty()).filter_map(|path| {
        // A file deleted but not yet committed is still listed, and cannot be read.
        let bytes = fs::read(root.join(path)).ok()?;
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
        Some(SourceFile { path: path.to_owned(), text })
    });
    Ok(files.collect())
}

impl SourceFile {
    fn extension(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// A generated file says so in its first lines; its length and blanks are its generator's.
    fn is_generated(&self) -> bool {
        self.text.lines().take(3).any(|line| line.to_lowercase().contains("generated"))
    }

    /// A finding about the whole file.
    fn error(&self, message: impl Into<String>) -> Finding {
        Finding { weight: Weight::Error, place: self.path.clone(), message: message.into() }
    }

    fn warning(&self, message: impl Into<String>) -> Finding {
        Finding { weight: Weight::Warning, ..self.error(message) }
    }

    /// A finding about each line that `breaks` the rule.
    fn errors_by_line(&self, message: &str, breaks: impl Fn(&str) -> bool) -> Vec<Finding> {
        // Not `lines()`: that would hide a carriage return at the end.
        let lines = self.text.split('\n').enumerate().filter(|(_, line)| breaks(line));
        lines
            .map(|(index, _)| Finding {
                place: format!("{}:{}", self.path, index + 1),
                ..self.error(message)
            })
            .collect()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = match self.weight {
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        write!(formatter, "{weight}: {}: {}", self.place, self.message)
    }
}

/// What `rule` says about a file made up for a test, one line per finding.
#[cfg(test)]
fn findings_of(rule: fn(&SourceFile) -> Vec<Finding>, path: &str, text: &str) -> Vec<String> {
    let file = SourceFile { path: path.to_owned(), text: text.to_owned() };
    rule(&file).iter().map(Finding::to_string).collect()
}
