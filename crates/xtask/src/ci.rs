//! `cargo xtask ci`: what the build machine runs, whole, and what you run before you push.

use std::path::Path;

use anyhow::Result;

use crate::shell::{cargo, command, npm, run};
use crate::steps::Steps;
use crate::{bench, codegen, site, suite, tidy, tools};

/// Runs every check; a failure of one does not hide the others.
pub(crate) fn ci() -> Result<()> {
    let mut steps = Steps::default();
    // Quick ones first: most mistakes show within a minute.
    steps.step("format", &[], || run(cargo(&["fmt", "--all", "--check"])));
    steps.step("tidy", &[], tidy::tidy);
    steps.step("npm ci", &[], site::install);
    steps.step("biome", &["npm ci"], biome);
    steps.step("cargo deny", &[], || deny(&tools::cargo_deny()?));
    steps.step("clippy", &[], || {
        run(cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
    });
    steps.step("codegen check", &[], || codegen::codegen(true));
    suite::add_steps(&mut steps, None);
    steps.step("benchmarks", &["site build"], bench::gate);
    steps.step("soak, a minute", &["benchmarks"], bench::short_soak);
    steps.finish()
}

fn biome() -> Result<()> {
    // Without it biome would take its own defaults, and nobody would notice.
    site::require_file("biome.json")?;
    run(npm(&["run", "lint"]))
}

/// Advisories are left out: their database needs a network the build machine may not have.
fn deny(program: &Path) -> Result<()> {
    let mut deny = command(program);
    deny.args(["--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    run(deny)
}
