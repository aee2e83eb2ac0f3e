//! `cargo xtask bench`: the load generator against the release build.

use std::process::Command;

use anyhow::Result;

use crate::shell::{cargo, command, run};
use crate::{site, workspace};

/// The page the load generator writes, with the machine and the versions the figures come from.
const PAGE: &str = "docs/BENCHMARKS.md";

/// On the build machine a figure fails only when it is this many times its target: it is shared and noisy.
const GATE: &str = "2";

/// Measures and writes docs/BENCHMARKS.md.
pub(crate) fn bench(small: bool) -> Result<()> {
    site::install()?;
    site::build_package()?;
    site::build_site()?;
    build()?;
    let mut load = load(small);
    load.args(["--markdown", PAGE]);
    run(load)?;
    println!("  wrote {PAGE}");
    Ok(())
}

/// Measures small, once, and writes nothing; fails on what is far off.
pub(crate) fn gate() -> Result<()> {
    build()?;
    let mut load = load(true);
    load.args(["--runs", "1", "--gate", GATE]);
    run(load)
}

/// Half an hour of coming and going; fails when something is not given back.
pub(crate) fn soak() -> Result<()> {
    build()?;
    run(soak_of(&[]))
}

/// A minute of it, for every push.
pub(crate) fn short_soak() -> Result<()> {
    build()?;
    run(soak_of(&["--small"]))
}

fn soak_of(size: &[&str]) -> Command {
    let mut soak = command(workspace::target_dir().join("release/hereabouts-load"));
    soak.arg("soak").arg("--binary").arg(workspace::server_binary("release"));
    soak.args(["--runs", "1", "--gate", "1"]).args(size);
    soak
}

fn build() -> Result<()> {
    run(cargo(&["build", "--release", "--package", "hereabouts", "--package", "hereabouts-load"]))
}

fn load(small: bool) -> Command {
    let mut load = command(workspace::target_dir().join("release/hereabouts-load"));
    load.arg("all").arg("--binary").arg(workspace::server_binary("release"));
    if small {
        load.arg("--small");
    }
    load
}
