//! `testbell serve`.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::core::Core;
use crate::start::{self, Signals, StartError};

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT. The first ends it gracefully, a second one at once.
pub async fn run(config: Config) -> Result<(), StartError> {
    start::log(&config);
    let core = start::open(config, Clock::system()).await?;
    start::make_first_admin(&core).await?;
    until_told(core).await
}

/// Serves what has been opened.
pub(super) async fn until_told(core: Core) -> Result<(), StartError> {
    let clock = core.clock.clone();
    let listener = TcpListener::bind(core.config.listen)
        .await
        .map_err(|source| StartError::Listen { address: core.config.listen, source })?;
    let mut signals = Signals::new().map_err(StartError::Runtime)?;
    let address = listener.local_addr().map_err(StartError::Runtime)?;
    println!("Testbell is ready at {} (listening on {address}).", core.config.public_url);
    let shutdown = CancellationToken::new();
    let mut serving = std::pin::pin!(crate::run(core, listener, shutdown.clone()));
    tokio::select! {
        () = &mut serving => return Ok(()),
        () = signals.next() => {}
    }
    tracing::info!("stopping: requests under way are answered");
    shutdown.cancel();
    tokio::select! {
        () = &mut serving => Ok(()),
        () = signals.next() => Err(StartError::Interrupted),
        () = clock.sleep(GRACE) => {
            tracing::warn!("some requests were still under way and are cut off");
            Ok(())
        }
    }
}
