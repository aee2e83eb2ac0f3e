//! `cargo xtask bench`: the load generator against the release build, and the page that keeps its figures.

use std::fs;

use anyhow::{Context, Result};

use crate::shell::{self, capture, cargo, command, run};
use crate::{site, workspace};

const PAGE: &str = "docs/BENCHMARKS.md";

/// On the build machine a figure fails only when it is this many times its target: it is shared and noisy.
const GATE: &str = "2";

/// Measures and writes docs/BENCHMARKS.md.
pub(crate) fn bench(small: bool) -> Result<()> {
    site::install()?;
    site::build_package()?;
    site::build_site()?;
    build()?;
    let output = workspace::target_dir().join("bench.md");
    let mut load = load(small);
    load.arg("--markdown").arg(&output);
    run(load)?;
    let figures = fs::read_to_string(&output).with_context(|| format!("cannot read {}", output.display()))?;
    let page = page(&figures, &machine()?, small);
    fs::write(workspace::root().join(PAGE), page).with_context(|| format!("cannot write {PAGE}"))?;
    println!("  wrote {PAGE}");
    Ok(())
}

/// Measures small and writes nothing; fails on what is far off.
pub(crate) fn gate() -> Result<()> {
    build()?;
    let mut load = load(true);
    load.args(["--gate", GATE]);
    run(load)
}

fn build() -> Result<()> {
    run(cargo(&["build", "--release", "--package", "hereabouts", "--package", "hereabouts-load"]))
}

fn load(small: bool) -> std::process::Command {
    let mut load = command(workspace::target_dir().join("release/hereabouts-load"));
    load.arg("all");
    if small {
        load.arg("--small");
    }
    load
}

/// Where the figures were taken: without it they mean nothing.
fn machine() -> Result<Vec<String>> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let model = field(&processors, "model name").unwrap_or("unknown");
    let n_processors = processors.lines().filter(|line| line.starts_with("processor")).count();
    let memory_kib: u64 =
        field(&memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0);
    Ok(vec![
        format!("{n_processors} × {model}, {} GiB of memory", memory_kib.div_ceil(1024 * 1024)),
        format!("kernel {}", first_line("uname", &["-sr"])?),
        first_line("rustc", &["--version"])?,
        format!(
            "Hereabouts {} at {}",
            env!("CARGO_PKG_VERSION"),
            first_line("git", &["describe", "--always", "--dirty"])?
        ),
        format!("measured {} UTC", first_line("date", &["-u", "+%Y-%m-%d %H:%M"])?),
    ])
}

fn page(figures: &str, machine: &[String], small: bool) -> String {
    let size = if small { " Small sizes: good only for finding what is far off." } else { "" };
    let machine: Vec<String> = machine.iter().map(|line| format!("- {line}")).collect();
    format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`; do not edit. Server and load generator share the machine, over \
         loopback. A ratio\nis our cost divided by the floor: what the kernel alone costs for the same work, in the same \
         run.{size}\n\n{}\n\n{}\n",
        machine.join("\n"),
        figures.trim()
    )
}

/// The value of a `name : value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

fn first_line(program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = shell::command(program);
    command.args(arguments);
    Ok(capture(command)?.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_proc() {
        assert_eq!(field("processor\t: 0\nmodel name\t: Quick 3000\n", "model name"), Some("Quick 3000"));
        assert_eq!(field("MemTotal:       24 kB\n", "MemTotal"), Some("24 kB"));
    }

    #[test]
    fn the_page_says_where_the_figures_come_from() {
        let page = page("| a | 1 |\n", &["2 × Quick 3000".to_owned()], true);
        assert!(page.contains("\n- 2 × Quick 3000\n\n| a | 1 |\n"), "{page}");
        assert!(page.contains("Small sizes"), "{page}");
    }

    #[test]
    fn the_machine_is_described() {
        let machine = machine().expect("uname, rustc, git and date are there");
        assert!(machine.len() == 5 && machine[2].starts_with("rustc"), "{machine:?}");
    }
}
