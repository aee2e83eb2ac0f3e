//! Remembers what a step was last made from, so that it is repeated only when its inputs changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that are made, not written; never an input.
const MADE_FOLDERS: &[&str] =
    &["node_modules", "dist", "out", ".next", "artifacts", "test-results", "playwright-report"];

/// Files a tool touches on each build; never an input.
const MADE_FILES: &[&str] = &["next-env.d.ts"];

/// One step's stamp.
pub(crate) struct Stamp {
    file: PathBuf,
    key: String,
}

impl Stamp {
    /// A stamp for `name` (a file in `notes`), over everything in `inputs` (files and folders; a missing one counts as empty).
    pub(crate) fn of(notes: &Path, name: &str, inputs: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            hash_path(input, &mut hasher)?;
        }
        Ok(Self { file: notes.join(name), key: format!("{:016x}", hasher.finish()) })
    }

    /// Whether the step was done with these inputs and what it made, `output`, is still there.
    pub(crate) fn is_current(&self, output: &Path) -> bool {
        output.exists() && fs::read_to_string(&self.file).is_ok_and(|key| key == self.key)
    }

    /// Notes that the step is done with these inputs.
    pub(crate) fn write(&self) -> Result<()> {
        let folder = self.file.parent().expect("a stamp is a file in the notes folder");
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&self.file, &self.key).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

/// Folds in names and contents. Names count, so that a rename is a change.
fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.is_dir() {
        if MADE_FOLDERS.contains(&name.as_ref()) {
            return Ok(());
        }
        name.hash(hasher);
        let entries = fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
        let mut children = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        children.sort();
        children.iter().try_for_each(|child| hash_path(child, hasher))
    } else {
        let is_made =
            MADE_FILES.contains(&name.as_ref()) || name.ends_with(".tsbuildinfo") || name.ends_with(".tgz");
        if is_made || !path.exists() {
            return Ok(());
        }
        name.hash(hasher);
        fs::read(path).with_context(|| format!("cannot read {}", path.display()))?.hash(hasher);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test alone, removed at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("xtask-stamps-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("src/node_modules")).unwrap();
            fs::write(folder.join("src/a.ts"), "one").unwrap();
            Self(folder)
        }

        fn stamp(&self) -> Stamp {
            Stamp::of(&self.0.join("notes"), "step", &[self.0.join("src")]).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn a_written_stamp_is_current_until_an_input_changes() {
        let folder = Folder::new("change");
        let output = folder.0.join("src");
        assert!(!folder.stamp().is_current(&output));
        folder.stamp().write().unwrap();
        assert!(folder.stamp().is_current(&output));

        fs::write(folder.0.join("src/a.ts"), "two").unwrap();
        assert!(!folder.stamp().is_current(&output));
    }

    #[test]
    fn a_rename_is_a_change_and_made_folders_are_not() {
        let folder = Folder::new("names");
        let before = folder.stamp().key;
        fs::write(folder.0.join("src/node_modules/x"), "installed").unwrap();
        assert_eq!(folder.stamp().key, before);
        fs::rename(folder.0.join("src/a.ts"), folder.0.join("src/b.ts")).unwrap();
        assert_ne!(folder.stamp().key, before);
    }

    #[test]
    fn a_missing_output_is_never_current() {
        let folder = Folder::new("output");
        folder.stamp().write().unwrap();
        assert!(!folder.stamp().is_current(&folder.0.join("no-such-folder")));
    }
}
