//! The project's own commands, so that everything a person or a runner needs is one `cargo xtask` away.
//!
//! Read the [`Task`] list first: each command is one module of the same name. `site`, `packages` and `python`
//! prepare what several of them need, `steps` times and sums up, `shell` is the only place that starts programs.

mod bench;
mod ci;
mod codegen;
mod deep;
mod packages;
mod python;
mod run;
mod schemathesis;
mod setup;
mod shell;
mod site;
mod stamps;
mod steps;
mod suite;
mod tally;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Commands of the Hereabouts project.
#[derive(Parser)]
#[command(name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the demo site and start the server: `cargo xtask run -- --bind 127.0.0.1:8001`.
    Run {
        /// Passed on to `hereabouts dev`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// From a fresh clone to all tests passed.
    Test {
        /// Run one part of the tests.
        #[arg(long)]
        only: Option<suite::Part>,
    },
    /// What the build machine runs, whole: format, lints, licences, tests, small benchmarks.
    Ci,
    /// Write the generated files again from their sources.
    Codegen {
        /// Change nothing; fail when a generated file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Check the house rules that no compiler or linter knows.
    Tidy,
    /// Run the browser tests against the built binary.
    E2e,
    /// Measure, and write docs/BENCHMARKS.md.
    Bench {
        /// Small sizes: quick, and good only for finding what is far off.
        #[arg(long)]
        small: bool,
    },
    /// What takes too long for every push: fuzzing, a soak, faults at full scale, and every case of the large WebSocket
    /// groups.
    Deep {
        /// For each fuzz target.
        #[arg(long, default_value_t = 60)]
        fuzz_minutes: u32,
    },
    /// Prepare a checkout for work: git hooks, npm packages, tools.
    Setup,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Run { arguments } => run::run(&arguments),
        Task::Test { only } => suite::test(only),
        Task::Ci => ci::ci(),
        Task::Codegen { check } => codegen::codegen(check),
        Task::Tidy => tidy::tidy(),
        Task::E2e => suite::test(Some(suite::Part::E2e)),
        Task::Bench { small } => bench::bench(small),
        Task::Deep { fuzz_minutes } => deep::deep(fuzz_minutes),
        Task::Setup => setup::setup(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
