//! Programs that work on the code and are not part of the toolchain.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{shell, workspace};

const CARGO_DENY_VERSION: &str = "0.20.2";

/// The path of cargo-deny, built into target/tools on first use.
///
/// It runs for a second on our tree, so it is built without optimisation and without its network features:
/// measured on two cores, 56 s instead of several minutes.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let folder = workspace::target_dir().join("tools");
    let program = folder.join("bin/cargo-deny");
    if is_version(&program) {
        return Ok(program);
    }
    let mut command =
        shell::cargo(&["install", "cargo-deny", "--locked", "--force", "--no-default-features"]);
    command
        .args(["--version", CARGO_DENY_VERSION, "--root"])
        .arg(&folder)
        .arg("--target-dir")
        .arg(folder.join("build"))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    shell::run(command).context("cargo-deny could not be built")?;
    Ok(program)
}

/// Whether cargo-nextest is installed; without it `cargo test` runs the same tests, slower.
pub(crate) fn has_nextest() -> bool {
    shell::works("cargo", &["nextest", "--version"])
}

fn is_version(program: &PathBuf) -> bool {
    let mut command = shell::command(program);
    command.arg("--version");
    program.exists() && shell::capture(command).is_ok_and(|text| text.trim().ends_with(CARGO_DENY_VERSION))
}
