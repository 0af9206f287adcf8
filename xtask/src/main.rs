//! The build of Testbell, in Rust: `cargo xtask <command>`, with `make` as its thin front.
//!
//! Everything it needs comes with Cargo.lock: the WASM bindings, the styles and the compression are
//! made by libraries, so nobody installs a tool that must match a version here. What only a release
//! or a browser test needs (Node packages, Chromium, PostgreSQL) is fetched when it is first missed.
#![allow(clippy::disallowed_methods, reason = "a build tool has no mock clock and reads its environment")]

mod bench;
mod browser;
mod build;
mod compress;
mod dev;
mod judges;
mod node;
mod paths;
mod postgres;
mod process;
mod setup;
mod site;
mod size;
mod step;
mod style;
mod test;
mod wasm;

use build::Profile;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and tests Testbell")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build WASM, styles and server
    Build {
        /// Optimise, compress and embed, as `release` does
        #[arg(long)]
        release: bool,
    },
    /// Build, then run the server at http://localhost:3000
    Run {
        /// Passed on to `testbell serve`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Run, and build again what a change on disk touches
    Dev,
    /// Run every check and test, or only those named
    Test {
        #[arg(value_enum)]
        checks: Vec<test::Check>,
        /// Passed on to Playwright
        #[arg(last = true)]
        playwright: Vec<String>,
    },
    /// Build one self-contained binary
    Release,
    /// Print what a browser loads of a release, compressed
    Size,
    /// Measure a release build
    Bench {
        /// Passed on to the benchmark
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Build, then run with a sample project
    Demo,
    /// Fetch all that building and testing need
    Setup,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Build { release: false } => build::all(Profile::Dev).map(drop),
        Command::Build { release: true } | Command::Release => build::release(),
        Command::Run { args } => build::run("serve", &args),
        Command::Demo => build::run("demo", &[]),
        Command::Dev => dev::watch(),
        Command::Test { checks, playwright } => test::run(&checks, &playwright),
        Command::Size => size::print(),
        Command::Bench { args } => bench::run(&args),
        Command::Setup => setup::all(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n✗ {error:#}");
            ExitCode::FAILURE
        }
    }
}
