//! Builds the parts in the order of their dependencies: WASM, site, server.

use crate::{paths, process, setup, site, step::step, wasm};
use anyhow::{Context, Result};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Fast to build, or fast to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// Cargo's profile and output folder for the WASM.
    pub fn wasm(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("wasm-dev", "wasm-dev"),
            Self::Release => ("wasm-release", "wasm-release"),
        }
    }

    /// Cargo's profile and output folder for the server.
    pub fn server(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Release => ("release", "release"),
        }
    }
}

/// Builds everything and returns the path of the server's binary.
pub fn all(profile: Profile) -> Result<PathBuf> {
    site(profile)?;
    server(profile)
}

/// The files that the browser loads: WASM, script, styles, public files.
pub fn site(profile: Profile) -> Result<()> {
    setup::wasm_target()?;
    let browser_files = wasm::build(profile)?;
    step("site", || site::assemble(profile, &browser_files))
}

/// The server only. A release embeds the site, so build the site first.
pub fn server(profile: Profile) -> Result<PathBuf> {
    let (name, _) = profile.server();
    step("server", || {
        process::run(
            &mut process::cargo(&["build", "--package", "testbell-server", "--profile", name]),
            "fix the compiler errors above",
        )
    })?;
    Ok(binary(profile))
}

/// The packages with tests. The frontend is WASM only, and xtask has its own dependencies.
pub const TESTED: [&str; 5] = ["--workspace", "--exclude", "xtask", "--exclude", "testbell-frontend"];

/// No code in comments is a test: looking for some takes longer than most tests.
pub const EXCEPT_EXAMPLES: &str = "--tests";

/// Builds all tests and the server's binary, and returns the path of the binary. Every step of
/// `cargo xtask test` uses this build: another selection of packages would enable other features of
/// the dependencies and compile most of them again.
pub fn tests() -> Result<PathBuf> {
    step("tests and server", || {
        let fix = "fix the errors above; those of clippy are also shown by `make lint`";
        process::run(process::cargo(&["test", "--quiet", "--no-run"]).args(TESTED).arg(EXCEPT_EXAMPLES), fix)
    })?;
    Ok(binary(Profile::Dev))
}

/// The path of the server's binary.
pub fn binary(profile: Profile) -> PathBuf {
    let (_, folder) = profile.server();
    paths::target().join(folder).join(format!("testbell{}", env::consts::EXE_SUFFIX))
}

/// One self-contained binary.
pub fn release() -> Result<()> {
    let binary = all(Profile::Release)?;
    let size = std::fs::metadata(&binary)?.len() as f64 / 1e6;
    eprintln!("\nRelease: {} ({size:.1} MB)", binary.display());
    Ok(())
}

/// Builds, then replaces this process with the server, so that signals reach it directly.
pub fn run(subcommand: &str, args: &[String]) -> Result<()> {
    let binary = all(Profile::Dev)?;
    let mut server = serving(&binary, subcommand);
    server.args(args);
    become_program(server)
}

/// The command that starts the server at the default address, unless TESTBELL_LISTEN is set.
pub fn serving(binary: &PathBuf, subcommand: &str) -> Command {
    let listen = env::var("TESTBELL_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    eprintln!("\nTestbell: http://{}  (press Ctrl-C to stop)\n", listen.replace("127.0.0.1", "localhost"));
    let mut server = Command::new(binary);
    server.arg(subcommand).current_dir(paths::root()).env("TESTBELL_LISTEN", listen);
    server
}

#[cfg(unix)]
fn become_program(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("the server could not be started")
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Result<()> {
    command.status().context("the server could not be started").map(drop)
}
