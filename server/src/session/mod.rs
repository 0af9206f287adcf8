//! Who is calling.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::core::Core;

/// Signing in and out.
pub fn routes() -> Router<Core> {
    Router::new()
}

/// Finds out who is calling.
pub async fn identify(State(_core): State<Core>, request: Request, next: Next) -> Response {
    next.run(request).await
}
