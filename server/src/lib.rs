//! The Testbell server: REST API, inbound receipt, dispatch, live streams, storage. ARCHITECTURE.md
//! has the map.
#![recursion_limit = "256"] // The types of the pages' views are nested deeply.

pub mod access;
pub mod access_cache;
pub mod app_state;
pub mod assets;
mod audit_log;
pub mod cli;
pub mod clock;
pub mod comments;
pub mod config;
pub mod crypto;
pub mod custom_events;
mod demo;
pub mod destinations;
pub mod digests;
pub mod dispatch;
pub mod entity;
pub mod events;
mod history;
pub mod ids;
pub mod imports;
pub mod inbound;
mod inspector;
mod issues;
pub mod live;
mod markup;
pub mod net;
pub mod notifications;
pub mod oidc;
pub mod operations;
mod pages;
mod project_export;
pub mod providers;
pub mod range_replays;
pub mod rest;
mod reviews;
mod router;
mod serve;
mod server_functions;
pub mod service;
mod session;
mod start;
pub mod storage;
pub mod testware;
mod url_error;
mod web;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::app_state::AppState;

/// On the listener for metrics.
const MAX_METRICS_CONNECTIONS: usize = 16;

/// Serves until `shutdown` is cancelled. Then it accepts no more connections, completes the requests in
/// flight, ends the live streams with a goodbye and stops the background jobs.
pub async fn run(state: AppState, listener: TcpListener, shutdown: CancellationToken) {
    // Before anything is claimed, so that leases use the database's time.
    operations::clock_skew::compare_first(&state).await;
    let jobs = TaskTracker::new();
    jobs.spawn(dispatch::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("dispatch")));
    jobs.spawn(inbound::sync_loop::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("issue_sync")));
    jobs.spawn(
        inbound::refused_calls::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("refused_calls")),
    );
    jobs.spawn(notifications::mailer::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("mailer")));
    jobs.spawn(
        notifications::late::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("late_notices")),
    );
    jobs.spawn(
        operations::retention::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("retention")),
    );
    jobs.spawn(digests::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("digests")));
    jobs.spawn(history::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("history")));
    jobs.spawn(imports::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("imports")));
    jobs.spawn(range_replays::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("range_replays")));
    jobs.spawn(
        storage::watch_outages(state.store.clone(), shutdown.clone()).instrument(tracing::info_span!("outage_watch")),
    );
    jobs.spawn(
        operations::clock_skew::run(state.clone(), shutdown.clone()).instrument(tracing::info_span!("clock_skew")),
    );
    jobs.close();
    // Stopped last, so that the other nodes learn of the last changes.
    let nodes_stopped = CancellationToken::new();
    let stop_nodes = nodes_stopped.clone().drop_guard();
    let nodes = tokio::spawn(live::nodes::run(state.clone(), nodes_stopped).instrument(tracing::info_span!("nodes")));
    let limits =
        serve::ConnectionLimits { head_timeout: serve::HEAD_TIMEOUT, connections: state.descriptors.connections };
    serve::serve(router::router(state, shutdown.clone()), listener, limits, shutdown).await;
    jobs.wait().await;
    drop(stop_nodes);
    if nodes.await.is_err() {
        tracing::error!("failed to notify other nodes of the last changes");
    }
}

/// Serves `/metrics` on a listener of its own until `shutdown` is cancelled.
pub async fn serve_metrics(state: AppState, listener: TcpListener, shutdown: CancellationToken) {
    let limits = serve::ConnectionLimits { head_timeout: serve::HEAD_TIMEOUT, connections: MAX_METRICS_CONNECTIONS };
    serve::serve(operations::metrics_router(&state), listener, limits, shutdown).await;
}
