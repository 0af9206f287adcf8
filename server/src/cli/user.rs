//! `testbell user`.

use std::io::Read;

use app::error::Error;
use app::model::people::NewUser;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::service::users;
use crate::start::{self, StartError};

/// The most bytes that are read as a password.
const PASSWORD_INPUT: u64 = 4096;

#[derive(Subcommand)]
pub enum Command {
    /// Makes a user who can sign in.
    Create(Create),
}

#[derive(Args)]
pub struct Create {
    /// The address to sign in with.
    #[arg(long)]
    email: String,
    /// The name shown to others.
    #[arg(long)]
    name: String,
    /// Reads the password from the standard input, up to its first line's end.
    #[arg(long, conflicts_with = "password")]
    password_stdin: bool,
    /// The password; by the environment alone, since arguments can be seen by others.
    #[arg(long, hide = true, env = "TESTBELL_USER_PASSWORD", hide_env_values = true)]
    password: Option<SecretString>,
    /// Makes the user an admin of the whole instance.
    #[arg(long)]
    system_admin: bool,
    #[command(flatten)]
    config: Config,
}

pub async fn run(Command::Create(create): Command) -> Result<(), StartError> {
    let password = match create.password {
        Some(password) => password.expose_secret().to_owned(),
        None if create.password_stdin => from_stdin()?,
        None => {
            let detail = "Give a password: set TESTBELL_USER_PASSWORD, or send it to --password-stdin.";
            return Err(Error::invalid(detail).into());
        }
    };
    let core = start::open_without_keys(create.config).await?;
    if !create.system_admin && users::nobody_exists(&core).await? {
        return Err(Error::invalid("The first user has to be an admin: add --system-admin.").into());
    }
    let new = NewUser { name: create.name, email: create.email, password };
    let user = users::create(&core, new, create.system_admin).await?;
    println!("{} {}", user.id, user.email);
    Ok(())
}

fn from_stdin() -> Result<String, StartError> {
    let mut text = String::new();
    std::io::stdin().take(PASSWORD_INPUT).read_to_string(&mut text).map_err(StartError::Runtime)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
