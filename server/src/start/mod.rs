//! Prepares an instance before it serves: logging, the data folder, the master key and the first admin.

pub mod descriptors;
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

use crate::app_state::AppState;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::{Keyring, ParseKeyError};
use crate::net::ProxyUrlError;
use crate::oidc::OidcSettingsError;
use crate::service::people::users;

pub use descriptors::DescriptorPlan;
pub use logging::log;
pub use signals::Signals;

/// Why the process ends without serving. The messages are for operators.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database failed.
    #[error("failed to open the database: {0}")]
    Database(#[from] DbErr),
    #[error("failed to access {}: {source}", path.display())]
    #[allow(missing_docs)]
    File { path: PathBuf, source: io::Error },
    #[error("failed to listen on {address}: {source}")]
    #[allow(missing_docs)]
    Listen { address: SocketAddr, source: io::Error },
    /// The demo's password is public.
    #[error("the demo has a public password and can't listen on {address}: set TESTBELL_LISTEN to 127.0.0.1:3000")]
    #[allow(missing_docs)]
    PublicDemo { address: SocketAddr },
    /// The outbound proxy's URL is invalid.
    #[error("TESTBELL_OUTBOUND_PROXY: {0}")]
    OutboundProxy(#[from] ProxyUrlError),
    /// The settings of single sign-on are invalid.
    #[error(transparent)]
    Oidc(#[from] OidcSettingsError),
    /// The master key is malformed.
    #[error("TESTBELL_MASTER_KEY: {0}")]
    Key(#[from] ParseKeyError),
    /// There are secrets and no key.
    #[error(
        "the database has encrypted secrets, but their master key is missing: set TESTBELL_MASTER_KEY or restore {}", path.display()
    )]
    #[allow(missing_docs)]
    KeyMissing { path: PathBuf },
    /// There are secrets of another key.
    #[error(
        "the secrets in the database are encrypted with another master key: add it to TESTBELL_MASTER_KEY after a comma"
    )]
    KeyUnknown,
    /// A key rotation is incomplete.
    #[error("{left} damaged secrets can't be decrypted: rotate or re-enter them, and keep the old key until then")]
    #[allow(missing_docs)]
    KeysLeft { left: u64 },
    /// No report could be sent.
    #[error("no results were reported")]
    NothingReported,
    /// A service refused the request.
    #[error("{0}")]
    Refused(#[from] Error),
    /// The operating system failed.
    #[error("{0}")]
    Runtime(io::Error),
    /// A second signal came.
    #[error("stopped by a second signal")]
    Interrupted,
}

/// Opens the database with the master key, which is created at the first start.
pub async fn open(config: Config, clock: Clock) -> Result<AppState, StartError> {
    check(&config)?;
    create_data_folder(&config)?;
    master_key::open(config, clock).await
}

/// Opens the database for commands that decrypt nothing.
pub async fn open_without_keys(config: Config) -> Result<AppState, StartError> {
    check(&config)?;
    create_data_folder(&config)?;
    Ok(AppState::open(config, Clock::system(), Keyring::generate().parse()?).await?)
}

/// Checks the settings that the command line can't check.
fn check(config: &Config) -> Result<(), StartError> {
    config.outbound_proxy()?;
    Ok(config.oidc.check(config.allow_http)?)
}

/// Only its owner can read it.
fn create_data_folder(config: &Config) -> Result<(), StartError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let failed = |source| StartError::File { path: config.data_dir.clone(), source };
    builder.create(&config.data_dir).map_err(failed)
}

/// Says in the log who checks the addresses of outbound requests.
pub fn log_outbound_proxy(config: &Config) -> Result<(), StartError> {
    if let Some(proxy) = config.outbound_proxy()? {
        tracing::info!(
            proxy = proxy.display_url(),
            except = proxy.exceptions().join(","),
            "requests to webhooks, trackers and the provider of single sign-on go through the outbound proxy, which resolves host names: the proxy has \
             to refuse private addresses; Testbell refuses only private addresses in URLs and local names"
        );
    }
    Ok(())
}

/// Creates the admin from the settings if there is no user yet.
pub async fn create_first_admin(state: &AppState) -> Result<(), StartError> {
    let (Some(email), Some(password)) = (&state.config.admin_email, &state.config.admin_password) else {
        return Ok(());
    };
    if !users::no_user_exists(state).await? {
        return Ok(());
    }
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let new = NewUser { name, email: email.clone(), password: password.expose_secret().to_owned() };
    match users::create_first_admin(state, new).await {
        Ok(admin) => {
            tracing::info!(email = admin.email, "created the first admin");
            Ok(())
        }
        // Another node created it.
        Err(Error::Conflict { .. }) => Ok(()),
        Err(Error::Invalid { detail, errors }) => {
            let at = if errors.contains_key("password") { "TESTBELL_ADMIN_PASSWORD" } else { "TESTBELL_ADMIN_EMAIL" };
            Err(Error::invalid(format!("{at}: {detail}")).into())
        }
        Err(error) => Err(error.into()),
    }
}
