//! `cargo xtask bench`: the load generator against the release build.

use anyhow::{Result, ensure};

/// Measures and writes docs/BENCHMARKS.md.
pub(crate) fn bench(_small: bool) -> Result<()> {
    ensure!(false, "x");
    Ok(())
}

/// Small.
pub(crate) fn gate() -> Result<()> {
    Ok(())
}
