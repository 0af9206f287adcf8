//! Prints each step and how long it took.

use anyhow::Result;
use std::cell::RefCell;
use std::time::{Duration, Instant};

thread_local! {
    static TIMES: RefCell<Vec<(String, Duration)>> = const { RefCell::new(Vec::new()) };
}

/// Runs one named step and prints a line before and after it.
pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("▸ {name}");
    let start = Instant::now();
    let outcome = work();
    let time = start.elapsed();
    match &outcome {
        Ok(_) => eprintln!("✓ {name} ({:.1} s)", time.as_secs_f64()),
        Err(_) => eprintln!("✗ {name} ({:.1} s)", time.as_secs_f64()),
    }
    TIMES.with_borrow_mut(|times| times.push((name.to_owned(), time)));
    outcome
}

/// Prints the time of every step so far, and the time since `start`. A nested step counts in both.
pub fn summary(start: Instant) {
    eprintln!();
    TIMES.with_borrow(|times| {
        for (name, time) in times {
            eprintln!("{:8.1} s  {name}", time.as_secs_f64());
        }
    });
    eprintln!("{:8.1} s  in total", start.elapsed().as_secs_f64());
}
