//! The response when a session can't be stored during an outage.

use axum::body::HttpBody;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::storage::outage_reason;
use crate::web::Problem;

/// The session library responds 500 without a body if it fails to store a session. Replaces that by
/// the reason for the outage.
pub async fn explain(response: Response) -> Response {
    let is_lost = response.status() == StatusCode::INTERNAL_SERVER_ERROR && response.body().is_end_stream();
    match outage_reason().filter(|_| is_lost) {
        Some(reason) => Problem(reason.into()).into_response(),
        None => response,
    }
}
