//! `testbell user`.

use std::io::Read;

use app::error::Error;
use app::model::people::NewUser;
use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Config;
use crate::service::people::password_resets;
use crate::service::people::users;
use crate::start::{self, StartError};

const MAX_PASSWORD_BYTES: u64 = 4096;

#[derive(Subcommand)]
pub enum Command {
    /// Create a user
    Create(UserOptions),
    /// Print a link to reset a user's password. It works once, within 24 hours
    Reset(ResetOptions),
}

#[derive(Args)]
pub struct ResetOptions {
    /// Email of the user.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    config: Config,
}

#[derive(Args)]
pub struct UserOptions {
    /// Email to sign in with.
    #[arg(long)]
    email: String,
    /// Display name.
    #[arg(long)]
    name: String,
    /// Read the password from the first line of the standard input.
    #[arg(long, conflicts_with = "password")]
    password_stdin: bool,
    /// Only from the environment, because other users can see arguments.
    #[arg(long, hide = true, env = "TESTBELL_USER_PASSWORD", hide_env_values = true)]
    password: Option<SecretString>,
    /// Make the user a system admin.
    #[arg(long)]
    system_admin: bool,
    #[command(flatten)]
    config: Config,
}

pub async fn run(command: Command) -> Result<(), StartError> {
    match command {
        Command::Create(create) => run_create(create).await,
        Command::Reset(reset) => run_reset(reset).await,
    }
}

async fn run_reset(reset: ResetOptions) -> Result<(), StartError> {
    let state = start::open_without_keys(reset.config).await?;
    let user = users::find_active(&state, &reset.email).await?;
    let link = password_resets::create_for(&state, None, user.id).await?;
    println!("{}", link.url);
    Ok(())
}

async fn run_create(create: UserOptions) -> Result<(), StartError> {
    let password = match create.password {
        Some(password) => password.expose_secret().to_owned(),
        None if create.password_stdin => from_stdin()?,
        None => {
            let detail = "Set TESTBELL_USER_PASSWORD or use --password-stdin.";
            return Err(Error::invalid(detail).into());
        }
    };
    let state = start::open_without_keys(create.config).await?;
    if !create.system_admin && users::no_user_exists(&state).await? {
        return Err(Error::invalid("The first user must be an admin. Add --system-admin.").into());
    }
    let new = NewUser { name: create.name, email: create.email, password };
    let user = users::create(&state, new, create.system_admin).await?;
    println!("{} {}", user.id, user.email);
    Ok(())
}

fn from_stdin() -> Result<String, StartError> {
    let mut text = String::new();
    std::io::stdin().take(MAX_PASSWORD_BYTES).read_to_string(&mut text).map_err(StartError::Runtime)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
