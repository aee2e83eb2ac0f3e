//! Debian packages the tests need: installed when we are root, named when we are not.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell;

/// A program some test starts, and the packages that bring it.
pub(crate) struct Needed {
    program: &'static str,
    packages: &'static [&'static str],
}

/// What the browser tests drive. Without a font a page has no text to measure.
pub(crate) const CHROMIUM: Needed = Needed {
    program: "/usr/bin/chromium",
    packages: &["chromium", "fonts-liberation", "fonts-noto-color-emoji"],
};

/// What the store's tests run on. Its programs stand in a folder named by version; this one belongs to all of them.
pub(crate) const POSTGRES: Needed = Needed { program: "/usr/bin/pg_ctlcluster", packages: &["postgresql"] };

/// Makes sure the program is there.
pub(crate) fn require(needed: &Needed) -> Result<()> {
    if Path::new(needed.program).exists() {
        return Ok(());
    }
    let packages = needed.packages.join(" ");
    if !shell::works("apt-get", &["--version"]) {
        bail!("{} is missing and this is not Debian; install what it calls: {packages}", needed.program);
    }
    if !is_root()? {
        bail!("{} is missing; install it with: sudo apt-get install {packages}", needed.program);
    }
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], needed.packages].concat())?;
    if !Path::new(needed.program).exists() {
        bail!("{packages} were installed, but {} is still missing", needed.program);
    }
    Ok(())
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = shell::command("apt-get");
    command.args(["--quiet", "--quiet"]).args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    shell::run(command).context("the packages for the tests could not be installed")
}

fn is_root() -> Result<bool> {
    let mut command = shell::command("id");
    command.arg("-u");
    Ok(shell::capture(command)?.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_there_needs_nothing() {
        assert!(require(&Needed { program: "/bin/sh", packages: &[] }).is_ok());
    }
}
