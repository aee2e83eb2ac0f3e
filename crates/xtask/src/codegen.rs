//! `cargo xtask codegen`: the TypeScript types of the protocol, from the Rust ones.
//!
//! The work is done by a test of `hereabouts-protocol` (so that plain `cargo test` finds a stale file too):
//! with `UPDATE=1` it writes the file, without it compares.

use anyhow::{Context, Result, ensure};

use crate::shell;
use crate::tally::{Closing, Runner};

const TEST: &str = "codegen::protocol_ts_is_current";

/// Writes the generated files, or with `check` fails when one is stale.
pub(crate) fn codegen(check: bool) -> Result<()> {
    let mut command =
        shell::cargo(&["test", "--package", "hereabouts-protocol", "--lib", "--", "--exact", TEST]);
    if check {
        command.env_remove("UPDATE");
    } else {
        command.env("UPDATE", "1");
    }
    let mut closing = Closing::default();
    shell::run_tests(Runner::CargoTest, command, &mut closing).context(
        "generated files are stale, or the protocol does not compile; `cargo xtask codegen` writes them",
    )?;
    ensure!(closing.tally.passed > 0, "hereabouts-protocol has no test `{TEST}`");
    Ok(())
}
