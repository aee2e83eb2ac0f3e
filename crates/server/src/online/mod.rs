//! What HTTP can read of presence: the people online as of the last tick, and when each was last heard of.
//!
//! The hub publishes into it at each flush; handlers read from it on any thread without asking the hub. Rows are kept
//! in chunks of a few hundred people, encoded when somebody first asks and patched in place afterwards, so a list
//! request copies no row and a heartbeat costs one atomic store.

mod chunk;
mod exceptional;
mod list;
mod page;
mod places;
mod seen;

pub use list::{Exceptions, OnlineView, Row, RowChange};
pub use page::{Page, PageRequest};
pub use seen::SeenTable;
