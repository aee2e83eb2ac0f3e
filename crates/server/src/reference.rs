//! Writes the tables in `docs/` from the code they describe, and fails when one is stale.
//!
//! `cargo xtask codegen` runs it with `UPDATE=1`; CI without.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, CommandFactory};
use serde_json::Value;

use crate::{
    cli::CommandLine,
    http::openapi,
    limits::table::{self, Answer, Bound},
    metrics::Metrics,
};

#[test]
fn docs_are_current() {
    current("docs/OPERATIONS.md", "settings", &settings());
    current("docs/OPERATIONS.md", "limits", &limits());
    current("docs/METRICS.md", "metrics", &metrics());
    whole("docs/asyncapi.yaml", &socket_yaml());
}

/// Writes the whole file, or compares.
fn whole(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text == wanted, "{file} is stale: run `cargo xtask codegen`");
    }
}

/// The socket's document, for people and for tools that want YAML.
fn socket_yaml() -> String {
    let document = serde_json::from_str(openapi::SOCKET_DOCUMENT).unwrap();
    let mut out = "# The socket, in the words of AsyncAPI 3. `cargo xtask codegen` writes this from\n\
                   # crates/server/src/http/asyncapi.json, which a server shows at /api/asyncapi.json.\n"
        .to_owned();
    write_yaml(&mut out, &document, 0);
    out
}

/// Block style; every text is quoted as in JSON, which YAML reads the same.
fn write_yaml(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                let is_plain =
                    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
                let name = if is_plain { name.clone() } else { Value::from(name.as_str()).to_string() };
                write!(out, "{indent}{name}:").unwrap();
                write_inner(out, member, depth + 1);
            }
        }
        Value::Array(items) => {
            for item in items {
                write!(out, "{indent}-").unwrap();
                write_inner(out, item, depth + 1);
            }
        }
        scalar => writeln!(out, "{indent}{scalar}").unwrap(),
    }
}

fn write_inner(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push('\n');
            write_yaml(out, value, depth);
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            out.push('\n');
            write_yaml(out, value, depth);
        }
        short => writeln!(out, " {short}").unwrap(),
    }
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

/// What a client can run into.
fn limits() -> String {
    let command = CommandLine::command();
    let serve = command.find_subcommand("serve").unwrap();
    let of_setting = |flag: &str| {
        let setting = serve.get_arguments().find(|it| it.get_long() == Some(flag)).expect(flag);
        let default = default_of(setting);
        let told = if default.is_empty() { default } else { format!(": {default}") };
        format!("`--{flag}`{told}")
    };
    let mut out = String::new();
    for (heading, lines) in
        [("Requests", table::HTTP), ("Handshakes", table::HANDSHAKE), ("Sockets", table::SOCKET)]
    {
        write!(out, "\n| {heading} | Limit | Beyond it |\n|---|---|---|\n").unwrap();
        for line in lines {
            let bound = match line.bound {
                Bound::Bytes(n) => format!("{} KiB", n / 1024),
                Bound::Number(n) => n.to_string(),
                Bound::Time(time) => format!("{} s", time.as_secs()),
                Bound::Setting(flag) => of_setting(flag),
                Bound::ShareOf(share, flag) => format!("{share} of `--{flag}`"),
                Bound::Rule(rule) => rule.to_owned(),
            };
            let answer = match line.answer {
                Answer::Status(status) => status.to_string(),
                Answer::Later(status) => format!("{status}, `Retry-After`"),
                Answer::Closed => "closed".to_owned(),
                Answer::Unreadable => "no `Access-Control-Allow-Origin`".to_owned(),
                Answer::Close(code) => format!("close {}", code.0),
                Answer::CloseLater(code) => format!("close {}, `{{\"retry_ms\":n}}`", code.0),
            };
            writeln!(out, "| {} | {bound} | {answer} |", line.what).unwrap();
        }
    }
    out.push('\n');
    out
}

/// The help of a setting, without the default that it tells of.
fn meaning_of(setting: &Arg) -> (String, Option<String>) {
    let help = setting.get_help().map(ToString::to_string).unwrap_or_default();
    // A default that depends on the command stands in the text.
    match help.split_once("[default: ") {
        Some((meaning, default)) => {
            (meaning.trim().to_owned(), Some(default.trim_end_matches(']').to_owned()))
        }
        None => (help, None),
    }
}

fn default_of(setting: &Arg) -> String {
    match setting.get_default_values().first() {
        Some(value) => format!("`{}`", value.to_string_lossy()),
        None => meaning_of(setting).1.unwrap_or_default(),
    }
}

fn setting_row(setting: &Arg) -> String {
    let (meaning, default) = (meaning_of(setting).0, default_of(setting));
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    let flag = setting.get_long().unwrap();
    let env = setting.get_env().unwrap().to_string_lossy();
    format!("| `--{flag}` | `{env}` | {} | {} |\n", cell(&default), cell(&meaning))
}

fn metrics() -> String {
    let mut out = "| Name | Kind | Meaning |\n|---|---|---|\n".to_owned();
    for metric in Metrics::descriptions() {
        writeln!(out, "| `{}` | {} | {} |", metric.name, metric.kind, metric.help.trim()).unwrap();
    }
    out
}
