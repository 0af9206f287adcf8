//! `/healthz`: the process runs. `/readyz`: it can serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::storage::{PROBE_TIMEOUT, Unavailable, outage_reason, report_outage};
use crate::web::refuse;

/// Always 200.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// 503 while the database can't be read or written. The probe writes, because only a write shows a full
/// disk or a lost lock.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let detail = match tokio::time::timeout(PROBE_TIMEOUT, state.store.probe()).await {
        Ok(Ok(())) => return "ready\n".into_response(),
        Ok(Err(error)) => {
            report_outage(&error, "readiness check failed");
            Unavailable::from_db_error(&error).map_or("The database can't be written.", Unavailable::sentence)
        }
        Err(_) => outage_reason().map_or("The database does not respond.", Unavailable::sentence),
    };
    refuse(StatusCode::SERVICE_UNAVAILABLE, detail)
}
