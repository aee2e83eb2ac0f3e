//! Where people come from.

use super::{Faults, check::name};
use crate::directory::DirectoryKind;

pub(super) fn check_directory(kind: &str, faults: &mut Faults) -> DirectoryKind {
    let right = "builtin: people register here, or are added with `hereabouts user add`; token: people are who their \
                 token says, and are created when first seen; adopt: people are those of an app in the same PostgreSQL database"
        .to_owned();
    let directory = match kind {
        "builtin" => Ok(DirectoryKind::Builtin),
        "token" => Ok(DirectoryKind::Token),
        "adopt" => Ok(DirectoryKind::Adopt),
        "push" => Err((format!("`{kind}` is not supported yet"), right)),
        _ => Err((format!("\"{kind}\" is no directory"), right)),
    };
    faults.check(name::DIRECTORY, directory, DirectoryKind::Builtin)
}
