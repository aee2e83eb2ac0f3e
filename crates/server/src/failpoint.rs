//! Places at which a test lets a thread panic, to see what that costs: on the real server, in builds for development
//! only. In a release there is none.

#[cfg(debug_assertions)]
mod armed {
    use std::path::PathBuf;
    use std::sync::OnceLock;

    /// The file in which a test names the place where it wants the next panic. Removed when it has come.
    const VARIABLE: &str = "FAILPOINT_FILE";

    pub(crate) fn failpoint(place: &str) {
        static FILE: OnceLock<Option<PathBuf>> = OnceLock::new();
        let Some(file) = FILE.get_or_init(|| std::env::var_os(VARIABLE).map(Into::into)) else { return };
        let is_wanted = std::fs::read_to_string(file).is_ok_and(|wanted| wanted == place);
        // Of several threads that are here at once, one can remove it.
        if !is_wanted || std::fs::remove_file(file).is_err() {
            return;
        }
        panic!("a test wants it");
    }
}

#[cfg(debug_assertions)]
pub(crate) use armed::failpoint;

/// Does nothing in a release.
#[cfg(not(debug_assertions))]
pub(crate) const fn failpoint(_place: &str) {}
