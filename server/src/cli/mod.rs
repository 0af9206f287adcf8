//! The command line.

mod demo;
mod keys;
mod migrate;
mod serve;
mod token;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::start::StartError;

/// A self-hosted hub for a test team.
#[derive(Parser)]
#[command(name = "testbell", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until it is told to stop. What is done when no command is given.
    Serve(Config),
    /// Serves an instance with a project, issues and a receiver in it.
    Demo(demo::Command),
    /// Brings the database's schema up to date, and ends.
    Migrate(Config),
    /// Master keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// API tokens.
    #[command(subcommand)]
    Token(token::Command),
    /// Users.
    #[command(subcommand)]
    User(user::Command),
}

/// Parses the command line and does what it says.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // sqlx and reqwest are to share one implementation; an error means that it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&StartError::Runtime(error)),
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(cli.config)) {
            Command::Serve(config) => serve::run(config).await,
            Command::Demo(command) => demo::run(command).await,
            Command::Migrate(config) => migrate::run(config).await,
            Command::Keys(command) => keys::run(command).await,
            Command::Token(command) => token::run(command).await,
            Command::User(command) => user::run(command).await,
        }
    });
    // Whatever is still blocking a thread, such as a name being looked up, is not waited for.
    runtime.shutdown_background();
    done.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

fn failed(error: &StartError) -> ExitCode {
    eprintln!("testbell: {error}");
    ExitCode::FAILURE
}
