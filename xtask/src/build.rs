//! Builds the parts in the order in which they need each other: WASM, site, server.

use crate::{paths, process, setup, site, step::step, wasm};
use anyhow::{Context, Result};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// How a build is meant: quick to make, or quick to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// What cargo calls it for the WASM, and the folder it uses.
    pub fn wasm(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Release => ("wasm-release", "wasm-release"),
        }
    }

    /// The same for the server.
    pub fn server(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Release => ("release", "release"),
        }
    }
}

/// Builds everything, and gives back the path of the server's binary.
pub fn all(profile: Profile) -> Result<PathBuf> {
    site(profile)?;
    server(profile)
}

/// What the browser loads: WASM, script, styles, public files.
pub fn site(profile: Profile) -> Result<()> {
    setup::wasm_target()?;
    let bound = wasm::build(profile)?;
    step("site", || site::assemble(profile, &bound))
}

/// The server alone. In a release it embeds the site, which must have been built.
pub fn server(profile: Profile) -> Result<PathBuf> {
    let (name, folder) = profile.server();
    step("server", || {
        process::run(
            &mut process::cargo(&["build", "--package", "testbell-server", "--profile", name]),
            "mend the code the compiler points at",
        )
    })?;
    let binary = format!("testbell{}", env::consts::EXE_SUFFIX);
    Ok(paths::target().join(folder).join(binary))
}

/// One binary that needs nothing beside it.
pub fn release() -> Result<()> {
    let binary = all(Profile::Release)?;
    let size = std::fs::metadata(&binary)?.len() as f64 / 1e6;
    eprintln!("\nRelease: {} ({size:.1} MB)", binary.display());
    Ok(())
}

/// Builds, then becomes the server, so that signals reach it directly.
pub fn run(subcommand: &str, args: &[String]) -> Result<()> {
    let binary = all(Profile::Dev)?;
    let mut server = serving(&binary, subcommand);
    server.args(args);
    become_program(server)
}

/// The command that starts the server at the usual address, unless the environment names another.
pub fn serving(binary: &PathBuf, subcommand: &str) -> Command {
    let listen = env::var("TESTBELL_LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    eprintln!("\nTestbell: http://{}  (Ctrl-C ends it)\n", listen.replace("127.0.0.1", "localhost"));
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
