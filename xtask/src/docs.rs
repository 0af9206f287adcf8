//! rustdoc without warnings, on the build of the tests.
//!
//! `cargo doc` would check every dependency again, which takes minutes. `cargo test --doc` runs rustdoc on what is
//! built. It gets this program as its rustdoc, which writes pages instead of running the examples in comments.

use crate::build::TESTED;
use crate::process;
use anyhow::Result;
use std::env;
use std::process::{Command, ExitCode};

/// Set for the program that stands in for rustdoc.
const STAND_IN: &str = "TESTBELL_RUSTDOC";

/// Documents all packages with tests.
pub fn check() -> Result<()> {
    process::run(
        process::cargo(&["test", "--quiet", "--doc"])
            .args(TESTED)
            .env("RUSTDOC", env::current_exe()?)
            .env(STAND_IN, "1"),
        "fix the doc comment in the error above",
    )
}

/// Whether Cargo started this program instead of rustdoc.
pub fn is_stand_in() -> bool {
    env::var_os(STAND_IN).is_some()
}

/// Runs rustdoc with the arguments of this program.
pub fn stand_in() -> ExitCode {
    let rustdoc = Command::new("rustdoc")
        .args(without_tests(env::args().skip(1)))
        .arg("--out-dir")
        .arg(crate::paths::target().join("doc"))
        // Private items are documented too, so that links to them work.
        .args(["--document-private-items", "-D", "warnings", "-A", "rustdoc::private_intra_doc_links"])
        .status();
    // rustdoc has said what is wrong, and the step says what to do.
    if rustdoc.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The arguments without those that are about running examples.
fn without_tests(mut arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--test" | "--no-run" => {}
            "--test-args" | "--test-run-directory" | "--test-runtool" => drop(arguments.next()),
            _ => kept.push(argument),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_about_running_examples_are_left_out() {
        let given =
            ["--edition=2024", "--test", "src/lib.rs", "--test-run-directory", "app", "--test-args", "-q", "-L", "x"];
        assert_eq!(without_tests(given.map(str::to_owned).into_iter()), ["--edition=2024", "src/lib.rs", "-L", "x"]);
    }
}
