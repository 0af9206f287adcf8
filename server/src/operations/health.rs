//! `/healthz` says that the process lives, `/readyz` that it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::time::Duration;

use crate::core::Core;
use crate::rest::refuse;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers as long as the process does.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// 503 while the database does not answer.
pub async fn readyz(State(core): State<Core>) -> Response {
    match core.clock.timeout(PATIENCE, ping(core.store.read())).await {
        Some(true) => "ready\n".into_response(),
        _ => refuse(StatusCode::SERVICE_UNAVAILABLE, "The database does not answer."),
    }
}

async fn ping(db: &DatabaseConnection) -> bool {
    db.execute_unprepared("SELECT 1").await.inspect_err(|error| tracing::warn!(%error, "not ready")).is_ok()
}
