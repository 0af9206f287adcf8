//! Runs the benchmark against the release build, as operators would run it.

use crate::build::{self, Profile};
use crate::process;
use anyhow::Result;

/// The package that measures; it is given the path of the server's binary.
const PACKAGE: &str = "testbell-bench";

/// Builds the release, then measures it.
pub fn run(args: &[String]) -> Result<()> {
    let binary = build::all(Profile::Release)?;
    process::run(
        process::cargo(&["run", "--release", "--package", PACKAGE, "--"]).args(args).env("TESTBELL_BIN", binary),
        "read what the benchmark printed above",
    )
}
