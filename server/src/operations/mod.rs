//! What operators need: health checks, metrics, request logs, security headers and retention.

mod attachment_deletion;
pub mod clock_skew;
mod headers;
mod health;
pub mod instance_settings;
mod metrics;
mod observe;
mod panic;
pub mod retention;
pub mod retention_scan;
mod unavailable;

use axum::routing::get;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app_state::AppState;

pub use unavailable::respond_in_outage;

/// `/healthz`, `/readyz` and `/metrics`.
pub fn routes(state: &AppState) -> Router<AppState> {
    // Installed now, so that nothing before the first scrape is lost.
    metrics::record();
    let routes = Router::new().route("/healthz", get(health::healthz)).route("/readyz", get(health::readyz));
    // With a listener of their own, the metrics are served only there.
    if state.config.metrics_listen.is_some() { routes } else { routes.merge(metrics::routes()) }
}

/// `/metrics` only, for a listener of its own.
pub fn metrics_router(state: &AppState) -> Router {
    metrics::record();
    metrics::routes().with_state(state.clone())
}

/// Adds the layers for all routes: a span and metrics for each request, the security headers, and a
/// response when a handler panics.
pub fn observe_routes(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    routes
        .layer(CatchPanicLayer::custom(panic::respond))
        .layer(middleware::map_response_with_state(state.clone(), headers::security_headers))
        .layer(middleware::from_fn(observe::observe))
}
