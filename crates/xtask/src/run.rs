//! `cargo xtask run`: the demo site is built when needed, then the server takes our place.

use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use anyhow::{Result, anyhow};

use crate::{shell, site};

/// Builds what the server embeds and starts `hereabouts dev` with `arguments`. Returns only on failure: the
/// server replaces this process, so Ctrl-C and signals reach it directly.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    site::install()?;
    site::build_package()?;
    site::build_site()?;
    let mut command = shell::cargo(&["run", "--package", "hereabouts", "--", "dev"]);
    command.args(arguments).stdin(Stdio::inherit());
    println!("  $ {}", shell::shown(&command));
    Err(anyhow!(command.exec()).context("cargo could not be started"))
}
