//! The folder where `dev` keeps its database and its generated key.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::settings::Secret;

const SECRET_FILE: &str = "secret-key";
const SERVICE_FILE: &str = "service-key";

/// An existing data folder.
pub(super) struct DataDir(PathBuf);

impl DataDir {
    /// The folder, made if it is missing.
    pub(super) fn create(path: PathBuf) -> anyhow::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot make the data folder {} (--data-dir)", path.display()))?;
        Ok(Self(path))
    }

    /// The folder, if `dev` has been there.
    pub(super) fn find(path: &Path) -> Option<Self> {
        path.join(SECRET_FILE).is_file().then(|| Self(path.to_owned()))
    }

    /// The folder's key of access tokens.
    pub(super) fn secret(&self) -> anyhow::Result<Secret> {
        self.key(SECRET_FILE)
    }

    /// The folder's service key, with which `who` asks.
    pub(super) fn service_key(&self) -> anyhow::Result<Secret> {
        self.key(SERVICE_FILE)
    }

    /// A key of the folder; generated the first time, readable by its owner only.
    fn key(&self, file: &str) -> anyhow::Result<Secret> {
        let path = self.0.join(file);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
                let key: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                writeln!(file, "{key}").with_context(|| format!("cannot write {}", path.display()))?;
                Ok(Secret::new(key))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let key =
                    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let key = key.trim();
                anyhow::ensure!(!key.is_empty(), "{} is empty; delete it for a new key", path.display());
                Ok(Secret::new(key))
            }
            Err(error) => Err(error).with_context(|| format!("cannot make {}", path.display())),
        }
    }

    pub(super) fn into_path(self) -> PathBuf {
        self.0
    }
}
