//! `cargo xtask test`: from a fresh clone to all tests passed, in parts that can be run alone.

use anyhow::{Context, Result};
use clap::ValueEnum;
use hereabouts_testing::{PostgresServer, SHARED};

use crate::shell::{cargo, run, run_tests};
use crate::steps::Steps;
use crate::tally::{Closing, Runner};
use crate::{codegen, packages, python, schemathesis, shell, site, tools, workspace};

/// A part of the tests.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// All crates: unit, property, contract and server tests, and the examples in the docs.
    Rust,
    /// The npm package: generated types, unit tests, and the packed tarball as a stranger's bundler sees it.
    Npm,
    /// The built binary, driven by Chromium.
    E2e,
}

/// Runs one part, or all.
pub(crate) fn test(only: Option<Part>) -> Result<()> {
    let mut steps = Steps::default();
    add_steps(&mut steps, only);
    steps.finish()
}

/// Adds the steps of one part, or of all, to a list that may already hold some.
pub(crate) fn add_steps(steps: &mut Steps, only: Option<Part>) {
    let wanted = |part| only.is_none() || only == Some(part);
    add_site(steps);
    if wanted(Part::Rust) {
        add_rust(steps);
    }
    if wanted(Part::Npm) {
        add_npm(steps);
    }
    if wanted(Part::E2e) {
        add_e2e(steps, only.is_none());
    }
}

/// What every part needs: the server's tests read the embedded site, the browser opens it.
fn add_site(steps: &mut Steps) {
    steps.step("npm ci", &[], site::install);
    steps.step("package build", &["npm ci"], site::build_package);
    steps.step("site build", &["package build"], site::build_site);
}

fn add_rust(steps: &mut Steps) {
    // After the site build, but not for want of it: without a site only the tests of the site fail.
    steps.step("postgresql", &[], || packages::require(&packages::POSTGRES));
    steps.test_step("rust tests", &[], rust_tests);
    steps.test_step("rust doc tests", &[], |closing| {
        run_tests(Runner::CargoTest, cargo(&["test", "--workspace", "--doc"]), closing)
    });
    // On the binary that the tests before it built.
    steps.step("schemathesis", &[], schemathesis::schemathesis);
}

fn add_npm(steps: &mut Steps) {
    steps.step("codegen check", &[], || codegen::codegen(true));
    steps.test_step("vitest", &["npm ci"], |closing| {
        run_tests(Runner::Vitest, site::script(site::PACKAGE, "test")?, closing)
    });
    steps.step("package check", &["package build"], || run(site::script(site::PACKAGE, "check")?));
}

/// With `beside_rust` the binary that the server's own tests start is used too: cargo would choose other features for
/// the crate alone, and build a third of the tree again.
fn add_e2e(steps: &mut Steps, beside_rust: bool) {
    let build: &[&str] = if beside_rust {
        &["test", "--workspace", "--no-run"]
    } else {
        &["build", "--package", "hereabouts"]
    };
    steps.step("debian packages", &[], || packages::require(&packages::CHROMIUM));
    steps.step("example builds", &["package build"], || {
        site::build_next_example()?;
        python::for_example().map(drop)
    });
    steps.step("server build", &["site build"], || run(cargo(build)));
    steps.test_step("playwright", &["debian packages", "example builds", "server build"], |closing| {
        let mut command = site::script(site::E2E, "test")?;
        command.env("HEREABOUTS_BIN", workspace::server_binary("debug"));
        command.env("HEREABOUTS_PYTHON", python::for_example()?);
        run_tests(Runner::Playwright, command, closing)
    });
}

/// Where the tests find the interpreter of examples/django.
const DJANGO: &str = "HEREABOUTS_DJANGO";

fn rust_tests(closing: &mut Closing) -> Result<()> {
    // One for all tests, each with a database of its own; ended when this function returns.
    let folder = std::env::temp_dir().join(format!("hereabouts-postgres-{}", std::process::id()));
    let postgres = PostgresServer::start(folder).context("cannot start a PostgreSQL for the tests")?;
    let django = python::for_django()?;
    if !tools::has_nextest() {
        println!("  cargo-nextest is not installed; `cargo test` runs the same tests");
        let arguments = ["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"];
        let mut command = cargo(&arguments);
        command.env(SHARED, postgres.url()).env(DJANGO, &django);
        return run_tests(Runner::CargoTest, command, closing);
    }
    let mut command = shell::command("cargo");
    command.args(["nextest", "run", "--workspace"]).env(SHARED, postgres.url()).env(DJANGO, &django);
    if std::env::var_os("CI").is_some() {
        command.args(["--profile", "ci"]);
    }
    run_tests(Runner::Nextest, command, closing)
}
