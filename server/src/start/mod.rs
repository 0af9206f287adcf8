//! From settings to a core that can serve: logging, the data folder, the master key, the first
//! admin.

mod logging;
pub mod master_key;
mod signals;

use std::fs::DirBuilder;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use app::error::Error;
use app::model::people::NewUser;
use sea_orm::DbErr;
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::config::Config;
use crate::core::Core;
use crate::crypto::{Keyring, ParseKeyError};
use crate::service::users;

pub use logging::log;
pub use signals::Signals;

/// Why the process ends without having served, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// See the text; so below.
    #[error("the database can't be used: {0}")]
    Database(#[from] DbErr),
    #[error("{} can't be used: {source}", path.display())]
    #[allow(missing_docs)]
    File { path: PathBuf, source: io::Error },
    #[error("the address {address} can't be listened on: {source}")]
    #[allow(missing_docs)]
    Listen { address: SocketAddr, source: io::Error },
    /// The master key is malformed.
    #[error("TESTBELL_MASTER_KEY: {0}")]
    Key(#[from] ParseKeyError),
    /// There are secrets and no key.
    #[error(
        "the database holds encrypted secrets, but their master key is missing: set TESTBELL_MASTER_KEY, or put \
         the file back to {}", path.display()
    )]
    #[allow(missing_docs)]
    KeyMissing { path: PathBuf },
    /// There are secrets of another key.
    #[error(
        "the database's secrets were encrypted with another master key: add it to TESTBELL_MASTER_KEY after a comma"
    )]
    KeyUnknown,
    /// A rotation left something behind.
    #[error(
        "{left} secrets can't be decrypted and were left as they are: they are damaged; rotate or enter them again, \
         and keep the old key until then"
    )]
    #[allow(missing_docs)]
    KeysLeft { left: u64 },
    /// A rule refused what was asked for.
    #[error("{0}")]
    Refused(#[from] Error),
    /// The operating system refused.
    #[error("{0}")]
    Runtime(io::Error),
    /// A second signal came.
    #[error("stopped at once by a second signal")]
    Interrupted,
}

/// Opens the database with the master key, which is made at the first start.
pub async fn open(config: Config, clock: Clock) -> Result<Core, StartError> {
    make_data_folder(&config)?;
    master_key::open(config, clock).await
}

/// Opens the database for what touches no secret that can be read back.
pub async fn open_without_keys(config: Config) -> Result<Core, StartError> {
    make_data_folder(&config)?;
    Ok(Core::open(config, Clock::system(), Keyring::mint().parse()?).await?)
}

/// Only its owner may look inside.
fn make_data_folder(config: &Config) -> Result<(), StartError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let failed = |source| StartError::File { path: config.data_dir.clone(), source };
    builder.create(&config.data_dir).map_err(failed)
}

/// Makes the admin that the settings name, while nobody exists.
pub async fn make_first_admin(core: &Core) -> Result<(), StartError> {
    let (Some(email), Some(password)) = (&core.config.admin_email, &core.config.admin_password) else {
        return Ok(());
    };
    if !users::nobody_exists(core).await? {
        return Ok(());
    }
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let new = NewUser { name, email: email.clone(), password: password.expose_secret().to_owned() };
    match users::create_first_admin(core, new).await {
        Ok(admin) => {
            tracing::info!(email = admin.email, "the first admin was made");
            Ok(())
        }
        // Another node was faster.
        Err(Error::Conflict { .. }) => Ok(()),
        Err(Error::Invalid { detail, errors }) => {
            let at = if errors.contains_key("password") { "TESTBELL_ADMIN_PASSWORD" } else { "TESTBELL_ADMIN_EMAIL" };
            Err(Error::invalid(format!("{at}: {detail}")).into())
        }
        Err(error) => Err(error.into()),
    }
}
