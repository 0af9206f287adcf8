//! `testbell token`.

use app::model::account::TokenScope;
use app::model::id::ProjectId;
use app::model::people::CreateToken;
use clap::{Args, Subcommand};

use crate::config::Config;
use crate::service::people::tokens;
use crate::service::people::users;
use crate::start::{self, StartError};

#[derive(Subcommand)]
pub enum Command {
    /// Create an API token and print it. It is not shown again
    Create(TokenOptions),
}

#[derive(Args)]
pub struct TokenOptions {
    /// Email of its owner.
    #[arg(long)]
    email: String,
    /// Name of the token.
    #[arg(long)]
    name: String,
    /// read, write (issues and testware) or admin (everything that the owner can do).
    #[arg(long, default_value = "admin")]
    scope: TokenScope,
    /// ID of the only project it can access. Default: all projects of the owner.
    #[arg(long)]
    project: Option<ProjectId>,
    /// Days until it expires, 1 to 3650. Default: 90.
    #[arg(long)]
    expires_in_days: Option<u32>,
    /// The token never expires.
    #[arg(long, conflicts_with = "expires_in_days")]
    never_expires: bool,
    #[command(flatten)]
    config: Config,
}

pub async fn run(Command::Create(create): Command) -> Result<(), StartError> {
    let state = start::open_without_keys(create.config).await?;
    let user = users::find_active(&state, &create.email).await?;
    let new = CreateToken {
        name: create.name,
        scope: Some(create.scope),
        project_id: create.project,
        expires_in_days: create.expires_in_days,
        never_expires: create.never_expires,
    };
    let created = tokens::create(&state, &users::actor(user), new).await?;
    println!("{}", created.secret);
    Ok(())
}
