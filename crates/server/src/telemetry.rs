//! The log: text for a person at a terminal, JSON for a machine. Never a token in it.

mod json_lines;
mod names;

use std::io::{self, IsTerminal};

use axum::http::Uri;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

pub use self::names::{RequestId, note_user, set_hash_key};

use self::json_lines::{JsonFields, JsonLines};
use crate::settings::{Fault, Faults, yes_or_no};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging to standard error. Standard output stays free for what a command was asked for.
///
/// # Errors
/// The settings that make no sense.
pub fn start(format: &str, filter: &str, debug: &str) -> Result<(), Faults> {
    let mut faults = Vec::new();
    let format = parse_format(format).unwrap_or_else(|fault| {
        faults.push(fault);
        LogFormat::Text
    });
    let is_debug = yes_or_no(debug).unwrap_or_else(|(wrong, right)| {
        faults.push(Fault { setting: "DEBUG (--debug)", wrong, right });
        false
    });
    let filter = if is_debug { "hereabouts=debug,info" } else { filter };
    let filter = EnvFilter::builder().parse(filter).unwrap_or_else(|error| {
        faults.push(Fault {
            setting: "--log (HEREABOUTS_LOG)",
            wrong: format!("\"{filter}\" is not a filter: {error}"),
            right: "error, warn, info, debug, or a filter such as info,hereabouts::store=debug".to_owned(),
        });
        EnvFilter::default()
    });
    if !faults.is_empty() {
        return Err(Faults(faults));
    }
    let registry = tracing_subscriber::registry().with(filter);
    // Only the first start of a process counts; tests start several servers in one.
    let _ = match format {
        LogFormat::Text => {
            let layer = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
            registry.with(layer.with_target(false)).try_init()
        }
        LogFormat::Json => {
            let layer = fmt::layer().event_format(JsonLines).fmt_fields(JsonFields);
            registry.with(layer.with_writer(io::stderr)).try_init()
        }
    };
    log_panics();
    Ok(())
}

/// A bug is a line of the log as everything else. Only texts that stand in the source are shown: others may have been
/// made of what people sent.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("see the source");
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        tracing::error!(at, thread, "a bug, please report it: {what}");
    }));
}

/// The request target as it may be logged: without the values that let somebody in. A name in percent code may stand
/// for any name, so its value is not shown either.
pub fn redacted(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return uri.path().to_owned() };
    let pairs: Vec<_> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, _)) if is_secret(key) => format!("{key}=[redacted]"),
            _ => pair.to_owned(),
        })
        .collect();
    format!("{}?{}", uri.path(), pairs.join("&"))
}

fn is_secret(key: &str) -> bool {
    key.eq_ignore_ascii_case("token") || key.eq_ignore_ascii_case("ticket") || key.contains('%')
}

fn parse_format(text: &str) -> Result<LogFormat, Fault> {
    match text {
        "text" => Ok(LogFormat::Text),
        "auto" if io::stderr().is_terminal() => Ok(LogFormat::Text),
        "json" | "auto" => Ok(LogFormat::Json),
        _ => Err(Fault {
            setting: "--log-format (HEREABOUTS_LOG_FORMAT)",
            wrong: format!("\"{text}\" is no format"),
            right: "text, json or auto".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_an_address_are_never_shown() {
        for (uri, shown) in [
            ("/ws/user-status/?token=abc.def.ghi", "/ws/user-status/?token=[redacted]"),
            (
                "/ws/user-status?a=1&ticket=x&Token=y",
                "/ws/user-status?a=1&ticket=[redacted]&Token=[redacted]",
            ),
            ("/ws/user-status/?%74oken=abc", "/ws/user-status/?%74oken=[redacted]"),
            ("/api/users/online/?limit=5", "/api/users/online/?limit=5"),
            ("/livez", "/livez"),
        ] {
            assert_eq!(redacted(&uri.parse().unwrap()), shown);
        }
    }
}
