//! The command line: what a person types, and what becomes of it.

mod client;
mod completions;
mod data_dir;
mod doctor;
pub(crate) mod flags;
mod healthcheck;
mod migrate;
mod names;
mod serve;
mod token;
mod user;
mod watch;
mod who;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use flags::Flags;

use crate::settings::Faults;

/// Who is online now: one server beside your app, and the page to see it.
#[derive(Parser, Debug)]
#[command(name = "hereabouts", version, max_term_width = 80, term_width = 80)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the server; all it needs is a SECRET_KEY
    Serve(serve::Serve),
    /// Run everything on this machine: server, demo site, demo people
    Dev(serve::Dev),
    /// Change the database's schema: up, down or status
    Migrate(migrate::Migrate),
    /// Add, list or remove people
    User(user::UserCommand),
    /// Print an access token for somebody
    Token(token::Token),
    /// Show who is online now, without being online
    Who(who::Who),
    /// Find out why the card is empty, a socket fails or people stay online
    Doctor(Box<doctor::Doctor>),
    /// Exit with 0 if a server answers
    Healthcheck(healthcheck::Healthcheck),
    /// Print a script with which a shell completes commands and flags
    Completions(completions::Completions),
}

/// Runs the command line of this process. 0: done; 1: it could not be done; 2: it was asked for wrongly.
pub fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let outcome = match command {
        Command::Serve(serve) => serve.run(),
        Command::Dev(dev) => dev.run(),
        Command::Migrate(migrate) => migrate.run(),
        Command::User(user) => user.run(),
        Command::Token(token) => token.run(),
        Command::Who(who) => who.run(),
        Command::Doctor(doctor) => match doctor.run() {
            Ok(true) => Ok(()),
            // What failed stands in the report.
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Command::Healthcheck(healthcheck) => healthcheck.run(),
        Command::Completions(completions) => {
            completions.run();
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<Faults>() {
            Some(faults) => {
                eprint!("hereabouts: {faults}");
                ExitCode::from(2)
            }
            None => {
                eprintln!("hereabouts: {error:#}");
                ExitCode::FAILURE
            }
        },
    }
}

/// A runtime for commands that do one thing and end.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn row_57_every_setting_has_a_line_a_name_in_the_environment_and_a_default_or_none_by_nature() {
        let command = CommandLine::command();
        command.clone().debug_assert();
        let serve = command.find_subcommand("serve").expect("it is the main command");
        // Without a value these do nothing: a key, a list of what else is let in, a folder instead of ours.
        let none_by_nature = [
            "secret_key",
            "secret_key_fallbacks",
            "secret_key_file",
            "jwks_url",
            "cors_allowed_origins",
            "trusted_proxies",
            "assets",
            "redis_url",
            "service_key",
            "secret_key_file",
            "jwks_url",
        ];
        for setting in serve.get_arguments().filter(|it| it.get_id() != "help") {
            let id = setting.get_id().as_str();
            let help = setting.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!help.is_empty() && setting.get_env().is_some(), "{id}");
            let has_default = !setting.get_default_values().is_empty() || help.contains("[default: ");
            assert!(has_default || none_by_nature.contains(&id), "{id} says no default");
        }
    }
}
