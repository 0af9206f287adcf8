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
mod serve;
pub mod service;
mod session;
mod start;
pub mod storage;
pub mod tracker;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::core::Core;

/// Serves until `shutdown` is cancelled: then no connection is accepted any more, requests under
/// way are answered, live streams say goodbye, and the background loops end.
pub async fn run(core: Core, listener: TcpListener, shutdown: CancellationToken) {
    let loops = TaskTracker::new();
    loops.spawn(dispatch::run(core.clone(), shutdown.clone()));
    loops.spawn(inbound::sync::run(core.clone(), shutdown.clone()));
    loops.spawn(operations::retention::run(core.clone(), shutdown.clone()));
    loops.close();
    // Ended last: it tells the other nodes what the requests and the loops changed until their end.
    let all_said = CancellationToken::new();
    let end = all_said.clone().drop_guard();
    let nodes = tokio::spawn(live::nodes::run(core.clone(), all_said));
    serve::serve(router::router(core, shutdown.clone()), listener, serve::HEAD_PATIENCE, shutdown).await;
    loops.wait().await;
    drop(end);
    if nodes.await.is_err() {
        tracing::error!("the other nodes could not be told of the last changes");
    }
}
