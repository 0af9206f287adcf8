//! What operators need: health, metrics, requests in the log, the headers that keep browsers
//! careful, and retention.

mod headers;
mod health;
mod metrics;
mod observe;
mod panic;
pub mod retention;

use axum::routing::get;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use crate::core::Core;

/// `/healthz`, `/readyz` and `/metrics`.
pub fn routes() -> Router<Core> {
    // Here and not at the first scrape, so that nothing is lost that happens before it.
    metrics::record();
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::render))
}

/// Puts the layers around all routes that are none of their business: a span and figures for
/// each request, the security headers, and an answer where a handler panicked.
pub fn observed(routes: Router<Core>) -> Router<Core> {
    routes
        .layer(CatchPanicLayer::custom(panic::answer))
        .layer(middleware::map_response(headers::careful))
        .layer(middleware::from_fn(observe::observe))
}
