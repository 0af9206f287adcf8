//! Runs the benchmark against the release build.

use crate::build::{self, Profile};
use crate::process;
use anyhow::Result;

/// The benchmark package. It gets the path of the server's binary.
const PACKAGE: &str = "testbell-bench";

pub fn run(args: &[String]) -> Result<()> {
    let binary = build::all(Profile::Release)?;
    process::run(
        process::cargo(&["run", "--release", "--package", PACKAGE, "--"]).args(args).env("TESTBELL_BIN", binary),
        "see the output of the benchmark above",
    )
}
