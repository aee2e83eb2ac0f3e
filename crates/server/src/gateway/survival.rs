//! A bug in what one connection needs costs that connection: not the thread, and not the others in it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hereabouts_engine::Departure;
use hereabouts_protocol::CloseCode;
use hereabouts_websocket::Decoder;

use super::shard::{SCRATCH_BYTES, Shard};

impl Shard {
    /// Does one piece of work. If it panics, the connection it was working on (`working_on`) is closed with 1011, or
    /// 4500 where an original client is on it, and everything that is counted for it is given back.
    pub(super) fn survive<T: Default>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        // What another connection needs is left whole by every step, or repaired below.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        if outcome.is_err() {
            self.after_panic();
        }
        self.working_on = None;
        outcome.unwrap_or_default()
    }

    fn after_panic(&mut self) {
        self.world.metrics.panics_total.inc();
        if self.scratch.is_empty() {
            // Lent to the read that broke off. An empty one would read as the end of every connection.
            self.scratch = vec![0; SCRATCH_BYTES];
        }
        let Some(slot) = self.working_on.take() else { return };
        let closed = catch_unwind(AssertUnwindSafe(|| self.close_for_bug(slot)));
        if closed.is_err() {
            self.world.metrics.panics_total.inc();
            self.remove(slot);
        }
    }

    fn close_for_bug(&mut self, slot: u32) {
        let Some(connection) = self.connections.get(slot) else { return };
        connection.decoder = Decoder::new();
        if connection.phase.is_over() {
            return self.remove(slot);
        }
        let code =
            if connection.subscriptions.is_v1() { CloseCode::INTERNAL } else { CloseCode::INTERNAL_ORIGINAL };
        self.close(slot, code, "", Departure::Lost { dead: false });
        // It may have been adopted and not watched yet: nothing else would hear the peer's close.
        self.register(slot);
    }
}
