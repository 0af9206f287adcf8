//! Inbound events.

pub mod sync;

use axum::Router;

use crate::core::Core;

/// `POST /api/webhooks/{token}`.
pub fn routes() -> Router<Core> {
    Router::new()
}
