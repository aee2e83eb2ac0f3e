//! What a person decides about themselves and may know of themselves, over HTTP. Nothing here is anybody else's.

mod explain;
mod export;
mod privacy;
mod sessions;
mod status;
mod viewed_as;
mod watches;

pub use explain::explain;
pub use export::export;
pub use privacy::{privacy, set_privacy};
pub use sessions::{end_session, sessions};
pub use status::{clear_status, set_status, status};
pub use viewed_as::viewed_as;
pub use watches::{unwatch, watch, watches};
