//! `cargo xtask deep`: what takes too long for every push, and is run before a release.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bench;
use crate::shell::{cargo, command, run, run_tests, works};
use crate::steps::Steps;
use crate::tally::{Closing, Runner};
use crate::workspace;

const CARGO_FUZZ_VERSION: &str = "0.13.2";

/// libFuzzer needs what only a nightly compiler gives.
const FUZZ_TOOLCHAIN: &str = "nightly";

/// Each target of fuzz/, as a step and as `cargo fuzz` calls it.
const FUZZ_TARGETS: [(&str, &str); 4] = [
    ("fuzz websocket", "websocket"),
    ("fuzz client_message", "client_message"),
    ("fuzz credentials", "credentials"),
    ("fuzz names", "names"),
];

/// Faults at full scale: the step, the test program and the folder in it.
const FAULTS: [(&str, &str, &str); 3] = [
    ("kill -9 at a hundred points, disks and locks", "binary", "durability::"),
    ("descriptors and memory run out", "binary", "scarcity::"),
    ("standstill, slow readers, reconnects", "wire", "faults::"),
];

/// Makes tests run at full scale: all cases, all sockets, ten minutes where a second is enough for every push.
const DEEP_VARIABLE: &str = "HEREABOUTS_DEEP";

/// Runs every long check, each fuzz target for so many minutes; a failure of one does not hide the others.
pub(crate) fn deep(fuzz_minutes: u32) -> Result<()> {
    let mut steps = Steps::default();
    steps.test_step("websocket decoder, groups 9 and 10", &[], |closing| {
        large_cases(&["--package", "hereabouts-websocket", "--test", "autobahn"], closing)
    });
    steps.test_step("websocket gateway, groups 9 and 10", &[], |closing| {
        large_cases(&["--package", "hereabouts", "--test", "wire"], closing)
    });
    for (step, test, filter) in FAULTS {
        steps.test_step(step, &[], |closing| {
            let mut command = cargo(&["test", "--package", "hereabouts", "--test", test, filter]);
            command.env(DEEP_VARIABLE, "1");
            run_tests(Runner::CargoTest, command, closing)
        });
    }
    steps.step("soak", &[], bench::soak);
    steps.step("cargo fuzz", &[], || cargo_fuzz().map(drop));
    for (step, target) in FUZZ_TARGETS {
        steps.step(step, &["cargo fuzz"], || fuzz(target, fuzz_minutes));
    }
    steps.finish()
}

fn large_cases(tests: &[&str], closing: &mut Closing) -> Result<()> {
    let mut test = cargo(&["test"]);
    test.args(tests).arg("case_9_and_10").env(DEEP_VARIABLE, "1");
    run_tests(Runner::CargoTest, test, closing)
}

/// What it finds stays in fuzz/artifacts. Fix it, and keep the file in fuzz/seeds, where ordinary tests find it.
fn fuzz(target: &str, minutes: u32) -> Result<()> {
    let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
    fs::create_dir_all(workspace::root().join(&corpus))?;
    let mut fuzz = command(cargo_fuzz()?);
    // The toolchain that runs us has set these for itself.
    fuzz.env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("RUSTDOC")
        .env("RUSTUP_TOOLCHAIN", FUZZ_TOOLCHAIN);
    fuzz.args(["run", target, &corpus, &seeds, "--"]).arg(format!("-max_total_time={}", minutes * 60));
    run(fuzz)
}

/// The path of cargo-fuzz, built into target/tools on first use.
fn cargo_fuzz() -> Result<PathBuf> {
    let folder = workspace::target_dir().join("tools");
    let program = folder.join("bin/cargo-fuzz");
    if !works(Path::new(&program), &["--version"]) {
        let mut install = cargo(&["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ_VERSION]);
        install.arg("--root").arg(&folder).arg("--target-dir").arg(folder.join("build"));
        run(install).context("cargo-fuzz could not be built")?;
    }
    Ok(program)
}
