//! The binary: see `hereabouts --help`.

use std::process::ExitCode;

/// Many small, long-lived things and short bursts: jemalloc keeps them apart and gives memory back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    hereabouts::cli::main()
}
