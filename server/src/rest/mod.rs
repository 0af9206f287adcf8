//! The public REST API: thin adapters over the services.

mod problem;

pub use problem::Problem;

use axum::Router;

use crate::core::Core;

/// The routes under `/api/v1`.
pub fn routes() -> Router<Core> {
    Router::new()
}
