//! `cargo xtask codegen`: what is written from the code: the protocol's TypeScript types, and the tables in `docs/`.
//!
//! The work is done by tests of the crates that know (so that plain `cargo test` finds a stale file too): with
//! `UPDATE=1` they write the files, without it they compare.

use anyhow::{Context, Result, ensure};

use crate::shell;
use crate::tally::{Closing, Runner};

/// Crate and test of each generator.
const GENERATORS: &[(&str, &str)] = &[
    ("hereabouts-protocol", "codegen::protocol_ts_is_current"),
    ("hereabouts", "reference::docs_are_current"),
];

/// Writes the generated files, or with `check` fails when one is stale.
pub(crate) fn codegen(check: bool) -> Result<()> {
    GENERATORS.iter().try_for_each(|(package, test)| generate(package, test, check))
}

fn generate(package: &str, test: &str, check: bool) -> Result<()> {
    let mut command = shell::cargo(&["test", "--package", package, "--lib", "--", "--exact", test]);
    if check {
        command.env_remove("UPDATE");
    } else {
        command.env("UPDATE", "1");
    }
    let mut closing = Closing::default();
    shell::run_tests(Runner::CargoTest, command, &mut closing).context(
        "generated files are stale, or the crate does not compile; `cargo xtask codegen` writes them",
    )?;
    ensure!(closing.tally.passed > 0, "{package} has no test `{test}`");
    Ok(())
}
