//! `testbell migrate`.

use crate::config::Config;
use crate::start::{self, StartError};

/// Migrates the database, for operators who don't want the server to do it at its start.
pub async fn run(config: Config) -> Result<(), StartError> {
    start::open_without_keys(config).await?;
    println!("The database is up to date.");
    Ok(())
}
