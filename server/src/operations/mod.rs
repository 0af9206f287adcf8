//! What operators need: health, metrics, retention.

pub mod retention;

use axum::Router;

use crate::core::Core;

/// `/healthz`, `/readyz` and `/metrics`.
pub fn routes() -> Router<Core> {
    Router::new()
}
