//! Writes the tables in `docs/` from the code they describe, and fails when one is stale.
//!
//! `cargo xtask codegen` runs it with `UPDATE=1`; CI without.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, CommandFactory};

use crate::{cli::CommandLine, metrics::Metrics};

#[test]
fn docs_are_current() {
    current("docs/OPERATIONS.md", "settings", &settings());
    current("docs/METRICS.md", "metrics", &metrics());
}

/// Puts `wanted` between the file's marks for `what`, or compares.
fn current(file: &str, what: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) =
        (format!("<!-- {what}: `cargo xtask codegen` writes this -->\n"), format!("<!-- /{what} -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{file} has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    let whole = format!("{before}{begin}{wanted}{end}{after}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &whole).unwrap();
    } else {
        assert!(text == whole, "{file} is stale: run `cargo xtask codegen`");
    }
}

/// The settings of `serve`, by the headings of its help.
fn settings() -> String {
    let command = CommandLine::command();
    let serve = command.find_subcommand("serve").unwrap();
    let mut out = String::new();
    let mut heading = "";
    for setting in serve.get_arguments().filter(|it| it.get_id() != "help") {
        let its = setting.get_help_heading().unwrap_or("More");
        if its != heading {
            heading = its;
            write!(
                out,
                "\n### {heading}\n\n| Setting | In the environment | Default | Meaning |\n|---|---|---|---|\n"
            )
            .unwrap();
        }
        out.push_str(&setting_row(setting));
    }
    out.push('\n');
    out
}

fn setting_row(setting: &Arg) -> String {
    let help = setting.get_help().map(ToString::to_string).unwrap_or_default();
    // A default that depends on the command stands in the text.
    let (meaning, told) = match help.split_once("[default: ") {
        Some((meaning, default)) => (meaning.trim(), default.trim_end_matches(']').to_owned()),
        None => (help.as_str(), String::new()),
    };
    let default = match setting.get_default_values().first() {
        Some(value) => format!("`{}`", value.to_string_lossy()),
        None => told,
    };
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let flag = setting.get_long().unwrap();
    let env = setting.get_env().unwrap().to_string_lossy();
    format!("| `--{flag}` | `{env}` | {} | {} |\n", cell(&default), cell(meaning))
}

fn metrics() -> String {
    let mut out = "| Name | Kind | Meaning |\n|---|---|---|\n".to_owned();
    for metric in Metrics::descriptions() {
        writeln!(out, "| `{}` | {} | {} |", metric.name, metric.kind, metric.help.trim()).unwrap();
    }
    out
}
