//! `cargo xtask setup`: prepares a checkout for work. Safe to repeat.

use anyhow::Result;

use crate::{shell, site, tools};

/// Sets the git hooks, installs npm packages and tools.
pub(crate) fn setup() -> Result<()> {
    let mut git = shell::command("git");
    git.args(["config", "core.hooksPath", ".githooks"]);
    shell::run(git)?;
    site::install()?;
    println!("  cargo-deny: {}", tools::cargo_deny()?.display());
    if !tools::has_nextest() {
        println!("  cargo-nextest is not installed; tests run without it, slower. To have it:");
        println!("    cargo install cargo-nextest --locked");
    }
    Ok(())
}
