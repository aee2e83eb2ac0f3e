//! Where things are: the checkout, cargo's output folder, our own notes between runs.

use std::env;
use std::path::{Path, PathBuf};

/// The top folder of the checkout.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run` too, so a moved checkout needs no rebuild.
    let manifest = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    Path::new(&manifest)
        .ancestors()
        .nth(2)
        .expect("crates/xtask lies two folders below the root")
        .to_path_buf()
}

/// Cargo's output folder, as the person running us set it.
pub(crate) fn target_dir() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Where stamps and locks live. Always inside the checkout, as what they describe (`node_modules`, `dist`,
/// `out`) lies there too, whatever cargo's output folder is.
pub(crate) fn notes_dir() -> PathBuf {
    root().join("target/xtask")
}

/// The built server, for one cargo profile folder (`debug` or `release`).
pub(crate) fn server_binary(profile_folder: &str) -> PathBuf {
    target_dir().join(profile_folder).join("hereabouts")
}
