//! The build of Testbell, in Rust: `cargo xtask <command>`, and `make` calls it.
//!
//! Cargo.lock pins everything it needs: libraries do the WASM bindings, the styles and the compression,
//! so there is no tool to install in a matching version. What only a release or a browser test needs
//! (Node packages, Chromium, PostgreSQL) is installed when it is first needed.
#![allow(clippy::disallowed_methods, reason = "a build tool has no mock clock and reads its environment")]

mod bench;
mod browser;
mod build;
mod compress;
mod dev;
mod docs;
mod interop;
mod node;
mod passed;
mod paths;
mod postgres;
mod process;
mod setup;
mod site;
mod size;
mod statements;
mod step;
mod structure;
mod style;
mod test;
mod wasm;
mod wording;

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
        /// Optimize, compress and embed, as `release` does
        #[arg(long)]
        release: bool,
    },
    /// Build, then run the server at http://localhost:3000
    Run {
        /// Passed on to `testbell serve`
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Run, and rebuild on every change
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
    /// Print the compressed download size of a release in the browser
    Size,
    /// Measure a release build
    Bench {
        /// Passed on to the benchmark
        #[arg(last = true)]
        args: Vec<String>,
    },
    /// Build, then run with a sample project
    Demo,
    /// Install everything that builds and tests need
    Setup,
}

fn main() -> ExitCode {
    if docs::is_stand_in() {
        return docs::stand_in();
    }
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
