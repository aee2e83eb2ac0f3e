//! The JavaScript side: npm packages, the built `hereabouts` package, the exported demo site. Each is made
//! again only when what it is made from changed.

use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::shell;
use crate::stamps::Stamp;
use crate::workspace;

/// Oldest Node.js that runs the build.
const NODE_MAJOR_MIN: u32 = 20;

/// The npm package, as a folder of the workspace.
pub(crate) const PACKAGE: &str = "packages/hereabouts";
/// The demo, as a folder of the workspace.
pub(crate) const DEMO: &str = "apps/demo";
/// The example in Next.js, as a folder of the workspace.
pub(crate) const NEXT_EXAMPLE: &str = "examples/next-app";
/// The browser tests, as a folder of the workspace.
pub(crate) const E2E: &str = "e2e";

/// Installs exactly what package-lock.json says.
pub(crate) fn install() -> Result<()> {
    let _lock = lock()?;
    require_node()?;
    let root = workspace::root();
    require_file("package-lock.json")?;
    let stamp = stamp("npm-ci", &["package-lock.json", ".npmrc"])?;
    if stamp.is_current(&root.join("node_modules/.package-lock.json")) {
        println!("  npm packages are current");
        return Ok(());
    }
    let mut command = shell::npm(&["ci"]);
    // The browser is Debian's; nothing may be fetched beside the packages themselves.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    shell::run(command)?;
    stamp.write()
}

/// Builds packages/hereabouts into its `dist`.
pub(crate) fn build_package() -> Result<()> {
    let _lock = lock()?;
    let stamp = stamp("package", &["package-lock.json", "package.json", PACKAGE])?;
    build(&stamp, PACKAGE, "dist")
}

/// Exports apps/demo into its `out`, from where the server embeds it.
pub(crate) fn build_site() -> Result<()> {
    let _lock = lock()?;
    let stamp = stamp("site", &["package-lock.json", "package.json", PACKAGE, DEMO])?;
    build(&stamp, DEMO, "out/index.html")
}

/// Builds examples/next-app, which the browser tests start.
pub(crate) fn build_next_example() -> Result<()> {
    let _lock = lock()?;
    let stamp = stamp("next-example", &["package-lock.json", "package.json", PACKAGE, NEXT_EXAMPLE])?;
    build(&stamp, NEXT_EXAMPLE, ".next/BUILD_ID")
}

/// An npm command for the script of one workspace folder; an error when folder or script are missing.
pub(crate) fn script(folder: &str, script: &str) -> Result<std::process::Command> {
    let manifest = format!("{folder}/package.json");
    require_file(&manifest)?;
    let text = fs::read_to_string(workspace::root().join(&manifest))?;
    let json: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{manifest} is not JSON"))?;
    ensure!(json["scripts"][script].is_string(), "{manifest} has no script `{script}`");
    Ok(shell::npm(&["run", script, "-w", folder]))
}

/// An error that names the missing file of the checkout.
pub(crate) fn require_file(path: &str) -> Result<()> {
    ensure!(workspace::root().join(path).is_file(), "{path} is missing from the checkout");
    Ok(())
}

fn build(stamp: &Stamp, folder: &str, output: &str) -> Result<()> {
    let output = workspace::root().join(folder).join(output);
    if stamp.is_current(&output) {
        println!("  {folder} is current");
        return Ok(());
    }
    shell::run(script(folder, "build")?)?;
    ensure!(output.exists(), "the build of {folder} did not make {}", output.display());
    stamp.write()
}

fn stamp(name: &str, inputs: &[&str]) -> Result<Stamp> {
    let root = workspace::root();
    let inputs: Vec<PathBuf> = inputs.iter().map(|input| root.join(input)).collect();
    Stamp::of(&workspace::notes_dir(), name, &inputs)
}

/// One at a time: two builds into the same folder destroy each other. Released when dropped.
fn lock() -> Result<File> {
    let folder = workspace::notes_dir();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let file = File::create(folder.join("lock"))?;
    file.lock().context("cannot lock target/xtask/lock")?;
    Ok(file)
}

fn require_node() -> Result<()> {
    let mut command = shell::command("node");
    command.arg("--version");
    let version = shell::capture(command).context("Node.js is needed (20.19 or newer)")?;
    match major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!("Node.js 20.19 or newer is needed; `node --version` says {}", version.trim()),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_node_prints() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("nonsense"), None);
    }

    #[test]
    fn a_missing_workspace_folder_is_an_error_that_names_the_file() {
        let error = script("apps/no-such-app", "build").unwrap_err().to_string();
        assert_eq!(error, "apps/no-such-app/package.json is missing from the checkout");
    }
}
