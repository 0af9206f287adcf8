//! `testbell`: see [`server::cli`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A message allocates in one thread and is freed in another, which this allocator is made for.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    server::cli::run()
}
