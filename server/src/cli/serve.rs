//! `testbell serve`.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app_state::AppState;
use crate::clock::Clock;
use crate::config::Config;
use crate::start::{self, Signals, StartError};

/// For the requests in flight, after the first signal.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT. The first signal stops it gracefully, a second one at once.
pub async fn run(config: Config) -> Result<(), StartError> {
    start::log(&config);
    start::descriptors::raise_limit();
    start::descriptors::warn_if_short(&config);
    start::log_outbound_proxy(&config)?;
    let state = start::open(config, Clock::system()).await?;
    start::create_first_admin(&state).await?;
    until_signal(state).await
}

/// Serves an open instance.
pub(super) async fn until_signal(state: AppState) -> Result<(), StartError> {
    let clock = state.clock.clone();
    let listener = TcpListener::bind(state.config.listen)
        .await
        .map_err(|source| StartError::Listen { address: state.config.listen, source })?;
    let metrics = match state.config.metrics_listen {
        Some(address) => {
            let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })?;
            Some(listener)
        }
        None => None,
    };
    let mut signals = Signals::new().map_err(StartError::Runtime)?;
    let address = listener.local_addr().map_err(StartError::Runtime)?;
    println!("Testbell is ready at {} (listening on {address}).", state.config.public_url);
    let shutdown = CancellationToken::new();
    if let Some(listener) = metrics {
        tokio::spawn(crate::serve_metrics(state.clone(), listener, shutdown.clone()));
    }
    let mut serving = std::pin::pin!(crate::run(state, listener, shutdown.clone()));
    tokio::select! {
        () = &mut serving => return Ok(()),
        () = signals.next() => {}
    }
    tracing::info!("shutting down");
    shutdown.cancel();
    tokio::select! {
        () = &mut serving => Ok(()),
        () = signals.next() => Err(StartError::Interrupted),
        () = clock.sleep(SHUTDOWN_TIMEOUT) => {
            tracing::warn!("shutdown timed out; aborting the remaining requests");
            Ok(())
        }
    }
}
