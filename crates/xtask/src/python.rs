//! Python programs of the tests, each in a virtual environment of its own below target/tools.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{shell, workspace};

/// What pip asks for in examples/python.
const EXAMPLE_REQUIREMENTS: &str = "examples/python/requirements.txt";

/// What pip asks for in examples/django.
const DJANGO_REQUIREMENTS: &str = "examples/django/requirements.txt";

/// The interpreter that has what examples/python needs.
pub(crate) fn for_example() -> Result<PathBuf> {
    interpreter("python-example", EXAMPLE_REQUIREMENTS)
}

/// The interpreter that has what examples/django needs.
pub(crate) fn for_django() -> Result<PathBuf> {
    interpreter("django", DJANGO_REQUIREMENTS)
}

fn interpreter(name: &str, requirements: &str) -> Result<PathBuf> {
    let packages = fs::read_to_string(workspace::root().join(requirements))
        .with_context(|| format!("{requirements} cannot be read"))?;
    let packages: Vec<_> = packages.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Ok(environment(name, &packages)?.join("bin/python"))
}

/// The folder of an environment with these packages (`name==version`); made again when they changed.
pub(crate) fn environment(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = workspace::target_dir().join("tools").join(name);
    let note = folder.join("installed");
    let wanted = packages.join("\n");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    if !shell::works("python3", &["-m", "venv", "--help"]) {
        bail!("Python 3 with venv is missing; on Debian: sudo apt-get install python3-venv");
    }
    let mut venv = shell::command("python3");
    venv.args(["-m", "venv"]).arg(&folder);
    shell::run(venv)?;
    let mut pip = shell::command(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages);
    shell::run(pip).with_context(|| format!("{wanted} could not be installed"))?;
    fs::write(note, wanted)?;
    Ok(folder)
}
