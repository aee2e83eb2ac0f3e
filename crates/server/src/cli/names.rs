//! Names in the environment that look like settings and are none: a typing error there would be silent.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory};

use super::CommandLine;

/// The beginning of our own names. The original's (`SECRET_KEY`, `DEBUG`, …) are too common to judge by.
const PREFIX: &str = "HEREABOUTS_";
/// More differences than this are another name, not a typing error.
const TYPING_ERRORS_MAX: usize = 3;

/// A name that is set and read by nobody, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownName {
    pub(super) name: String,
    pub(super) advice: String,
}

/// The unknown ones of this process's environment.
pub(super) fn unknown_in_environment() -> Vec<UnknownName> {
    unknown(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

fn unknown(names: impl Iterator<Item = String>) -> Vec<UnknownName> {
    let mut known = BTreeSet::new();
    collect(&CommandLine::command(), &mut known);
    let mut unknown: Vec<_> =
        names.filter(|name| name.starts_with(PREFIX) && !known.contains(name.as_str())).collect();
    unknown.sort();
    unknown
        .into_iter()
        .map(|name| {
            let nearest = known.iter().min_by_key(|known| n_edits(known, &name));
            let advice = match nearest.filter(|known| n_edits(known, &name) <= TYPING_ERRORS_MAX) {
                Some(known) => format!("did you mean {known}? `hereabouts help serve` lists all"),
                None => {
                    "`hereabouts help serve` lists all settings; take it out if nothing needs it".to_owned()
                }
            };
            UnknownName { name, advice }
        })
        .collect()
}

fn collect(command: &Command, names: &mut BTreeSet<String>) {
    let own = command.get_arguments().filter_map(|argument| argument.get_env()?.to_str());
    names.extend(own.map(str::to_owned));
    for inner in command.get_subcommands() {
        collect(inner, names);
    }
}

/// How many characters must be put in, taken out or changed (Levenshtein).
fn n_edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.bytes().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in to.bytes().enumerate() {
            let changed = before + usize::from(a != b);
            before = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(before + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_found_with_the_name_that_was_meant() {
        let names = ["HEREABOUTS_GRCE", "HEREABOUTS_BIND", "HEREABOUTS_COLOUR_OF_THE_SKY", "PATH"];
        let unknown = unknown(names.iter().map(|&name| name.to_owned()));
        assert_eq!(unknown.len(), 2, "{unknown:?}");
        assert!(unknown[1].advice.contains("HEREABOUTS_GRACE?"), "{unknown:?}");
        assert!(!unknown[0].advice.contains("did you mean"), "{unknown:?}");
    }

    #[test]
    fn edits_are_counted() {
        for (from, to, n) in [("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("ab", "ba", 2)] {
            assert_eq!((n_edits(from, to), n_edits(to, from)), (n, n), "{from} {to}");
        }
    }
}
