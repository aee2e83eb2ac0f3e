//! `hereabouts-load`: plays thousands of clients against a server and measures what they cost, beside what the kernel
//! alone asks for the same work.

mod client;
mod cohort;
mod dial;
mod figure;
mod floor;
mod frame;
mod latency;
mod machine;
mod message;
#[cfg(test)]
mod mock_server;
mod pace;
mod procfs;
mod profile;
mod report;
mod server;
mod settings;
mod workload;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;

use crate::figure::{Figure, median_of_runs};
use crate::floor::Floors;
use crate::machine::Machine;
use crate::report::Report;
use crate::settings::{Arguments, Command, OutputArguments, Plan};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("hereabouts-load: {fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    dial::raise_descriptor_limit()?;
    if let Command::FloorPeer(peer) = &arguments.command {
        floor::run_peer(peer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let output = arguments.output.clone();
    let plan = Plan::from(arguments);
    let machine = Machine::look(plan.server_binary());
    let runs = (1..=plan.n_runs).map(|nth| one_run(&plan, nth)).collect::<Result<Vec<_>>>()?;
    let report = Report {
        machine,
        profile: plan.profile.name.to_owned(),
        n_runs: plan.n_runs,
        figures: median_of_runs(&runs),
    };
    publish(&report, &output)
}

/// The floors and then the workloads, so that each run has its own measure.
fn one_run(plan: &Plan, nth: usize) -> Result<Vec<Figure>> {
    eprintln!("run {nth} of {}: floors", plan.n_runs);
    let floors = Floors::measure(&plan.profile)?;
    let mut figures = floors.figures();
    for workload in &plan.workloads {
        eprintln!("run {nth} of {}: {workload:?}", plan.n_runs);
        figures.extend(workload.run(&plan.server, &plan.profile, &floors)?);
    }
    Ok(figures)
}

fn publish(report: &Report, output: &OutputArguments) -> Result<ExitCode> {
    print!("{}", report.table());
    if let Some(path) = &output.json {
        let json = serde_json::to_string_pretty(report)?;
        std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &output.markdown {
        std::fs::write(path, report.markdown())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let failures = output.gate.map(|factor| report.failures(factor)).unwrap_or_default();
    for failure in &failures {
        eprintln!("gate: {failure}");
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
