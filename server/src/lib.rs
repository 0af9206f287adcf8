//! The Testbell server: REST API, inbound receipt, dispatch, live streams, storage. ARCHITECTURE.md
//! has the map.
#![recursion_limit = "256"] // The types of the pages' views are nested deeply.

pub mod assets;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod crypto;
mod demo;
pub mod dispatch;
pub mod entity;
pub mod ids;
pub mod inbound;
pub mod live;
pub mod net;
mod operations;
mod pages;
pub mod rest;
mod router;
pub mod service;
mod session;
mod start;
pub mod storage;
pub mod tracker;

use std::io;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::core::Core;

/// Serves until `shutdown` is cancelled: then no connection is accepted any more, requests under
/// way are answered, live streams say goodbye, and the background loops end.
///
/// # Errors
/// The listener's own.
pub async fn run(core: Core, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
    let loops = TaskTracker::new();
    loops.spawn(dispatch::run(core.clone(), shutdown.clone()));
    loops.spawn(inbound::sync::run(core.clone(), shutdown.clone()));
    loops.spawn(operations::retention::run(core.clone(), shutdown.clone()));
    loops.close();
    // Ended last: it tells the other nodes what the requests and the loops changed until their end.
    let all_said = CancellationToken::new();
    let end = all_said.clone().drop_guard();
    let nodes = tokio::spawn(live::nodes::run(core.clone(), all_said));
    // Without this a small answer waits for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let router = router::router(core, shutdown.clone());
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
    loops.wait().await;
    drop(end);
    nodes.await.map_err(io::Error::other)
}
