//! `cargo xtask codegen`: the TypeScript types of the protocol, from the Rust ones.
//!
//! The work is done by a test of `hereabouts-protocol` (so that plain `cargo test` finds a stale file too):
//! with `UPDATE=1` it writes the file, without it compares.

use anyhow::{Context, Result, ensure};

use crate::tally::{Closing, Runner};
use crate::{shell, site};

const TEST: &str = "protocol_ts_is_current";

/// Writes the generated files, or with `check` fails when one is stale.
pub(crate) fn codegen(check: bool) -> Result<()> {
    site::require_file("crates/protocol/tests/codegen.rs")?;
    // `--workspace` keeps cargo's choice of features, so that nothing is built twice beside `cargo test --workspace`.
    let mut command =
        shell::cargo(&["test", "--quiet", "--workspace", "--test", "codegen", "--", "--exact", TEST]);
    if check {
        command.env_remove("UPDATE");
    } else {
        command.env("UPDATE", "1");
    }
    let mut closing = Closing::default();
    shell::run_tests(Runner::CargoTest, command, &mut closing)
        .context("generated files are stale; `cargo xtask codegen` writes them")?;
    ensure!(closing.tally.passed > 0, "no test is called `{TEST}` in crates/protocol/tests/codegen.rs");
    Ok(())
}
