//! The binary: see `hereabouts --help`.

use std::process::ExitCode;

/// Many small, long-lived things and short bursts: jemalloc keeps them apart and gives memory back. It serves SQLite too
/// (the crate's unprefixed feature), whose threads would each grow an arena of the system's allocator for good.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    hereabouts::cli::main()
}
