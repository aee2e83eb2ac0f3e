//! The command line: what a person types, and what becomes of it.

mod data_dir;
pub(crate) mod flags;
mod healthcheck;
mod migrate;
mod serve;
mod token;
mod user;

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
    /// Run the server
    Serve(serve::Serve),
    /// Run everything on this machine: server, demo site, demo people
    Dev(serve::Dev),
    /// Change the database's schema: up, down or status
    Migrate(migrate::Migrate),
    /// Add, list or remove people
    User(user::UserCommand),
    /// Print an access token for somebody
    Token(token::Token),
    /// Exit with 0 if a server answers
    Healthcheck(healthcheck::Healthcheck),
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
        Command::Healthcheck(healthcheck) => healthcheck.run(),
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
