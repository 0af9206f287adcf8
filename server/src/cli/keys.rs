//! `testbell keys`: the master keys that encrypt the secrets in the database.

use clap::{Args, Subcommand};

use crate::app_state::AppState;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::Keyring;
use crate::service::key_rotation::{self, RotationReport};
use crate::start::{self, StartError, master_key};

#[derive(Subcommand)]
pub enum Command {
    /// Re-encrypt all secrets while the server runs: with a new key in the key file, or with the first key
    /// in TESTBELL_MASTER_KEY
    Rotate(Settings),
    /// List the keys and the number of secrets that each one encrypts
    List(Settings),
    /// Print a new key for TESTBELL_MASTER_KEY
    Generate,
}

#[derive(Args)]
pub struct Settings {
    #[command(flatten)]
    config: Config,
}

pub async fn run(command: Command) -> Result<(), StartError> {
    match command {
        Command::Rotate(settings) => rotate(settings.config).await,
        Command::List(settings) => list(settings.config).await,
        Command::Generate => {
            println!("{}", Keyring::generate());
            Ok(())
        }
    }
}

async fn rotate(config: Config) -> Result<(), StartError> {
    start::log(&config);
    let in_file = config.master_key.is_none();
    let mut state = start::open(config.clone(), Clock::system()).await?;
    if in_file && all_with_newest(&state).await? {
        // Otherwise an earlier rotation was interrupted, and continues.
        master_key::add(&config)?;
        state = start::open(config.clone(), Clock::system()).await?;
    } else if all_with_newest(&state).await? {
        println!(
            "All secrets are already encrypted with the newest key. To rotate, create a key (testbell keys generate), add \
             it to TESTBELL_MASTER_KEY before the current one, separated by a comma, restart the server and run \
             this again."
        );
        return Ok(());
    }
    let rotated = key_rotation::rotate(&state).await?;
    print_counts(&state, &rotated);
    if rotated.left > 0 {
        return Err(StartError::KeysLeft { left: rotated.left });
    }
    if in_file {
        println!(
            "You can remove the old keys from {}: everything after the first comma.",
            master_key::path(&config).display()
        );
    } else {
        println!("You can remove the old keys from TESTBELL_MASTER_KEY: everything after the first comma.");
    }
    println!("Keep them as long as you have backups from before the rotation.");
    Ok(())
}

async fn all_with_newest(state: &AppState) -> Result<bool, StartError> {
    let newest = state.keys.ids().first().copied();
    Ok(key_rotation::usage(state).await?.keys().all(|&id| Some(id) == newest))
}

fn print_counts(state: &AppState, rotated: &RotationReport) {
    let newest = state.keys.ids().first().map(ToString::to_string).unwrap_or_default();
    println!("{} secrets re-encrypted with key {newest}:", rotated.total());
    for (name, count) in &rotated.counts {
        println!("  {count} {name}");
    }
}

async fn list(config: Config) -> Result<(), StartError> {
    let state = start::open(config, Clock::system()).await?;
    let usage = key_rotation::usage(&state).await?;
    for (number, id) in state.keys.ids().iter().enumerate() {
        let count = usage.get(id).copied().unwrap_or_default();
        let role = match (number, count) {
            (0, _) => "current",
            (_, 0) => "can be removed",
            _ => "still needed",
        };
        println!("{id}  {count} secrets  {role}");
    }
    Ok(())
}
