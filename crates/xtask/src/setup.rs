//! `cargo xtask setup`: prepares a checkout for work. Safe to repeat.

use anyhow::Result;

use crate::{packages, shell, site, tools};

/// Sets the git hooks, installs npm packages, tools, and the Debian package that the store's tests need.
pub(crate) fn setup() -> Result<()> {
    let mut git = shell::command("git");
    git.args(["config", "core.hooksPath", ".githooks"]);
    shell::run(git)?;
    site::install()?;
    packages::require(&packages::POSTGRES)?;
    println!("  cargo-deny: {}", tools::cargo_deny()?.display());
    if !tools::has_nextest() {
        println!("  cargo-nextest is not installed; tests run without it, slower. To have it:");
        println!("    cargo install cargo-nextest --locked");
    }
    Ok(())
}
