//! The key of the operator's own services.

use super::{Faults, Secret, is_weak};
use crate::cli::flags::ServiceFlags;

const NAME: &str = "--service-key (HEREABOUTS_SERVICE_KEY)";

/// The key, if one is given; a weak one is a fault.
pub(super) fn check(flags: &ServiceFlags, faults: &mut Faults) -> Option<Secret> {
    let key = flags.service_key.as_deref().filter(|key| !key.is_empty())?;
    let checked = match is_weak(key) {
        None => Ok(Some(Secret::new(key))),
        Some(why) => Err((why, "at least 32 bytes of chance: what `openssl rand -hex 32` prints".to_owned())),
    };
    faults.check(NAME, checked, None)
}
