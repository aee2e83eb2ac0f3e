//! Rules for the crates: which may depend on which, and that each takes its lints and versions from the workspace.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Finding, Weight};
use crate::{shell, workspace};

/// A crate of ours and those of ours it may use, always inward. Changing a line is a design change.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("hereabouts-protocol", &[]),
    ("hereabouts-engine", &["hereabouts-protocol"]),
    ("hereabouts-websocket", &[]),
    ("hereabouts", &["hereabouts-engine", "hereabouts-protocol", "hereabouts-websocket"]),
    ("hereabouts-client", &["hereabouts-protocol"]),
    ("hereabouts-load", &["hereabouts-client", "hereabouts-protocol"]),
    ("hereabouts-testing", &[]),
    ("xtask", &["hereabouts-testing"]),
];

/// What only tests may use beyond [`DIRECTIONS`]: the real client tests the real server.
const TEST_DIRECTIONS: &[(&str, &[&str])] = &[("hereabouts", &["hereabouts-client", "hereabouts-testing"])];

/// Crates without I/O, clock or runtime, and what would bring one in.
const PURE: &[&str] = &["hereabouts-protocol", "hereabouts-engine", "hereabouts-websocket"];
const IMPURE: &[&str] =
    &["tokio", "mio", "hyper", "axum", "sqlx", "redis", "rustix", "socket2", "getrandom", "rand", "tracing"];

/// One of our crates.
#[derive(Default)]
pub(super) struct Crate {
    name: String,
    manifest_path: String,
    manifest: String,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    is_for_tests: bool,
}

/// Reads our crates as cargo sees them.
pub(super) fn read() -> Result<Vec<Crate>> {
    let text = shell::capture(shell::cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages.iter().map(|package| parse(package, &workspace::root())).collect()
}

/// Checks all crates.
pub(super) fn check(crates: &[Crate]) -> Vec<Finding> {
    let names: Vec<&str> = crates.iter().map(|one| one.name.as_str()).collect();
    crates
        .iter()
        .flat_map(|one| {
            [direction(one, &names), purity(one), manifest(one)].into_iter().flatten().collect::<Vec<_>>()
        })
        .collect()
}

fn direction(one: &Crate, ours: &[&str]) -> Vec<Finding> {
    let Some(allowed) = listed(DIRECTIONS, &one.name) else {
        return vec![one.error("is not in the table of directions (crates/xtask/src/tidy/crates.rs)")];
    };
    let allowed_in_tests = listed(TEST_DIRECTIONS, &one.name).unwrap_or_default();
    let is_allowed = |dependency: &Dependency| {
        let name = dependency.name.as_str();
        allowed.contains(&name) || dependency.is_for_tests && allowed_in_tests.contains(&name)
    };
    let ours = one.dependencies.iter().filter(|dependency| ours.contains(&dependency.name.as_str()));
    ours.filter(|dependency| !is_allowed(dependency))
        .map(|dependency| {
            one.error(format!("must not depend on `{}`: dependencies point inward", dependency.name))
        })
        .collect()
}

fn purity(one: &Crate) -> Vec<Finding> {
    if !PURE.contains(&one.name.as_str()) {
        return Vec::new();
    }
    let impure =
        |dependency: &&Dependency| !dependency.is_for_tests && IMPURE.contains(&dependency.name.as_str());
    let impure = one.dependencies.iter().filter(impure);
    impure
        .map(|dependency| one.error(format!("does no I/O, so it cannot use `{}`", dependency.name)))
        .collect()
}

fn manifest(one: &Crate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut section = "";
    let mut has_lints = false;
    for line in one.manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if line.starts_with('[') {
            section = line;
        } else if section == "[lints]" && line == "workspace = true" {
            has_lints = true;
        } else if section.ends_with("dependencies]") && !line.contains("workspace = true") {
            findings.push(
                one.error(format!("takes no version of its own: `{line}` belongs in the root Cargo.toml")),
            );
        }
    }
    if !has_lints {
        findings.push(one.error("needs `[lints] workspace = true`"));
    }
    findings
}

impl Crate {
    fn error(&self, message: impl Into<String>) -> Finding {
        let message = format!("`{}` {}", self.name, message.into());
        Finding { weight: Weight::Error, place: self.manifest_path.clone(), message }
    }
}

fn listed(table: &[(&str, &'static [&'static str])], name: &str) -> Option<&'static [&'static str]> {
    table.iter().find(|(listed, _)| *listed == name).map(|(_, allowed)| *allowed)
}

fn parse(package: &Value, root: &Path) -> Result<Crate> {
    let path = PathBuf::from(package["manifest_path"].as_str().context("a package without a manifest")?);
    let dependencies = package["dependencies"].as_array().context("a package without dependencies")?;
    Ok(Crate {
        name: package["name"].as_str().context("a package without a name")?.to_owned(),
        manifest: fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?,
        manifest_path: path.strip_prefix(root).unwrap_or(&path).display().to_string(),
        dependencies: dependencies.iter().map(parse_dependency).collect::<Result<_>>()?,
    })
}

fn parse_dependency(dependency: &Value) -> Result<Dependency> {
    Ok(Dependency {
        name: dependency["name"].as_str().context("a dependency without a name")?.to_owned(),
        is_for_tests: dependency["kind"] == "dev",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD_MANIFEST: &str =
        "[package]\nname = \"x\"\n\n[dependencies]\nserde.workspace = true\n\n[lints]\nworkspace = true\n";

    fn one(name: &str, dependencies: &[(&str, bool)]) -> Crate {
        Crate {
            name: name.to_owned(),
            manifest_path: "Cargo.toml".to_owned(),
            manifest: GOOD_MANIFEST.to_owned(),
            dependencies: dependencies
                .iter()
                .map(|(name, is_for_tests)| Dependency {
                    name: (*name).to_owned(),
                    is_for_tests: *is_for_tests,
                })
                .collect(),
        }
    }

    fn found(crates: &[Crate]) -> Vec<String> {
        check(crates).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_dependency_that_points_outward() {
        let engine = one("hereabouts-engine", &[("hereabouts-protocol", false), ("hereabouts", true)]);
        let found = found(&[engine, one("hereabouts", &[]), one("hereabouts-protocol", &[])]);
        assert_eq!(
            found,
            [
                "error: Cargo.toml: `hereabouts-engine` must not depend on `hereabouts`: dependencies point inward"
            ]
        );
    }

    #[test]
    fn the_client_is_for_the_servers_tests_only() {
        let client = || one("hereabouts-client", &[]);
        assert!(found(&[one("hereabouts", &[("hereabouts-client", true)]), client()]).is_empty());
        assert_eq!(found(&[one("hereabouts", &[("hereabouts-client", false)]), client()]).len(), 1);
    }

    #[test]
    fn a_crate_nobody_placed() {
        assert!(found(&[one("hereabouts-gossip", &[])])[0].contains("is not in the table"));
    }

    #[test]
    fn a_pure_crate_that_does_io() {
        assert!(found(&[one("hereabouts-engine", &[("tokio", true)])]).is_empty());
        assert!(found(&[one("hereabouts-engine", &[("tokio", false)])])[0].contains("cannot use `tokio`"));
    }

    #[test]
    fn a_crate_with_its_own_lints_or_versions() {
        let mut own = one("xtask", &[]);
        own.manifest = "[dependencies]\nserde = \"1\"\n".to_owned();
        let found = found(&[own]);
        assert!(
            found.len() == 2 && found[0].contains("serde = \"1\"") && found[1].contains("[lints]"),
            "{found:?}"
        );
    }
}
