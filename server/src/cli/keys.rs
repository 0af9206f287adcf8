//! `testbell keys`: the master keys that encrypt what is secret in the database.

use clap::{Args, Subcommand};

use crate::clock::Clock;
use crate::config::Config;
use crate::core::Core;
use crate::crypto::Keyring;
use crate::service::key_rotation::{self, Rotated};
use crate::start::{self, StartError, master_key};

#[derive(Subcommand)]
pub enum Command {
    /// Encrypts every secret anew, while the server runs: with a new key that is added to the key
    /// file, or with the first one of TESTBELL_MASTER_KEY.
    Rotate(Settings),
    /// Lists the keys at hand, and how many secrets each of them encrypts.
    List(Settings),
    /// Prints a new key for TESTBELL_MASTER_KEY.
    Mint,
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
        Command::Mint => {
            println!("{}", Keyring::mint());
            Ok(())
        }
    }
}

async fn rotate(config: Config) -> Result<(), StartError> {
    start::log(&config);
    let in_file = config.master_key.is_none();
    let mut core = start::open(config.clone(), Clock::system()).await?;
    if in_file && all_with_newest(&core).await? {
        // Otherwise an earlier rotation was ended before its end: it goes on.
        master_key::add(&config)?;
        core = start::open(config.clone(), Clock::system()).await?;
    } else if all_with_newest(&core).await? {
        println!(
            "Every secret is encrypted with the newest key already. To rotate, put a new one (testbell keys mint) \
             before it in TESTBELL_MASTER_KEY, separated by a comma, restart the server with both, and run this again."
        );
        return Ok(());
    }
    let rotated = key_rotation::rotate(&core).await?;
    tell(&core, &rotated);
    if rotated.left > 0 {
        return Err(StartError::KeysLeft { left: rotated.left });
    }
    if in_file {
        println!("The old key may be removed from {}: all after the first comma.", master_key::path(&config).display());
    } else {
        println!("The old key may be removed from TESTBELL_MASTER_KEY: all after the first comma.");
    }
    println!("Keep it as long as there are backups from before.");
    Ok(())
}

async fn all_with_newest(core: &Core) -> Result<bool, StartError> {
    let newest = core.keys.ids().first().copied();
    Ok(key_rotation::usage(core).await?.keys().all(|&id| Some(id) == newest))
}

fn tell(core: &Core, rotated: &Rotated) {
    let newest = core.keys.ids().first().map(ToString::to_string).unwrap_or_default();
    println!("{} secrets were encrypted anew with key {newest}:", rotated.total());
    for (name, count) in &rotated.counts {
        println!("  {count} {name}");
    }
}

async fn list(config: Config) -> Result<(), StartError> {
    let core = start::open(config, Clock::system()).await?;
    let usage = key_rotation::usage(&core).await?;
    for (number, id) in core.keys.ids().iter().enumerate() {
        let count = usage.get(id).copied().unwrap_or_default();
        let role = match (number, count) {
            (0, _) => "encrypts what is new",
            (_, 0) => "may be removed",
            _ => "still needed",
        };
        println!("{id}  {count} secrets  {role}");
    }
    Ok(())
}
