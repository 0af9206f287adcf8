//! `testbell token`.

use app::error::Error;
use app::model::people::CreateToken;
use clap::{Args, Subcommand};

use crate::config::Config;
use crate::service::{tokens, users};
use crate::start::{self, StartError};

#[derive(Subcommand)]
pub enum Command {
    /// Makes an API token and prints its text, which is shown only here.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// Whose token it is to be.
    #[arg(long)]
    email: String,
    /// What to call it.
    #[arg(long)]
    name: String,
    /// For how many days it works, 1 to 3650; without end when absent.
    #[arg(long)]
    expires_in_days: Option<u32>,
    #[command(flatten)]
    config: Config,
}

pub async fn run(Command::Create(create): Command) -> Result<(), StartError> {
    let core = start::open_without_keys(create.config).await?;
    let user = users::by_email(&core, &create.email).await?;
    let user = user.ok_or_else(|| Error::invalid(format!("Nobody has the address {}.", create.email)))?;
    let new = CreateToken { name: create.name, expires_in_days: create.expires_in_days };
    let created = tokens::create(&core, &users::actor(user), new).await?;
    println!("{}", created.secret);
    Ok(())
}
