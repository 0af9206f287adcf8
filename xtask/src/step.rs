//! Tells what is being done and how long it took.

use anyhow::Result;
use std::time::Instant;

/// Runs one named piece of work between two lines of output.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("▸ {name}");
    let start = Instant::now();
    let outcome = work();
    let seconds = start.elapsed().as_secs_f64();
    match &outcome {
        Ok(_) => eprintln!("✓ {name} ({seconds:.1} s)"),
        Err(_) => eprintln!("✗ {name} ({seconds:.1} s)"),
    }
    outcome
}
