//! The command line.

mod api;
mod apply;
mod ci;
mod demo;
mod export;
mod import;
mod keys;
mod listen;
mod migrate;
mod serve;
mod token;
mod user;

use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

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
    /// Run the server (default)
    Serve(Config),
    /// Run the server with a sample project and a webhook receiver
    Demo(demo::Command),
    /// Create and change webhooks as a YAML file says
    Apply(apply::Command),
    /// Write the outbound webhooks as a YAML file for "apply"
    Export(export::Command),
    /// Forward the requests of an inspector URL to this machine
    Listen(listen::Command),
    /// Import test cases from a file of another tool. Exits with 1 if it has errors, and with 2 if it could not be sent
    Import(import::Command),
    /// Report the results of automated tests from CI
    #[command(subcommand)]
    Ci(ci::Command),
    /// Migrate the database and exit
    Migrate(Config),
    /// Manage master keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Manage API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Manage users
    #[command(subcommand)]
    User(user::Command),
}

/// Parses the command line and runs the command.
#[must_use]
pub fn run() -> ExitCode {
    let matches = without_empty_variables(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    // sqlx and the HTTP client share one TLS implementation. An error means that it is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&StartError::Runtime(error)),
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(cli.config)) {
            Command::Serve(config) => serve::run(config).await,
            Command::Demo(command) => demo::run(command).await,
            Command::Apply(command) => apply::run(command).await,
            Command::Export(command) => export::run(command).await,
            Command::Listen(command) => listen::run(command).await,
            // Their exit codes also tell the result.
            Command::Import(command) => return Ok(import::run(command).await),
            Command::Ci(command) => return Ok(ci::run(command).await),
            Command::Migrate(config) => migrate::run(config).await,
            Command::Keys(command) => keys::run(command).await,
            Command::Token(command) => token::run(command).await,
            Command::User(command) => user::run(command).await,
        }
        .map(|()| ExitCode::SUCCESS)
    });
    // Doesn't wait for blocking threads.
    runtime.shutdown_background();
    done.unwrap_or_else(|error| failed(&error))
}

/// Treats an empty environment variable as unset: container files often can't unset one. The metrics token
/// is an exception and must not be empty: without it the metrics would be public.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| {
        let is_empty = |name: &std::ffi::OsStr| {
            name != "TESTBELL_METRICS_TOKEN" && std::env::var_os(name).is_some_and(|value| value.is_empty())
        };
        if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg }
    });
    command.mut_subcommands(without_empty_variables)
}

fn failed(error: &StartError) -> ExitCode {
    eprintln!("testbell: {error}");
    ExitCode::FAILURE
}
