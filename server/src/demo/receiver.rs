//! The demo's endpoint: it logs every event.

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves `POST /hook` until `shutdown`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(listener: TcpListener, shutdown: CancellationToken) -> std::io::Result<()> {
    let router = Router::new().route("/hook", post(receive));
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

async fn receive(headers: HeaderMap, Json(event): Json<Value>) -> (StatusCode, &'static str) {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or("?");
    let kind = event["type"].as_str().unwrap_or("?");
    let data = &event["data"];
    let title = data["title"].as_str().or(data["name"].as_str()).unwrap_or("");
    tracing::info!(id, kind, title, "demo receiver received an event");
    (StatusCode::OK, "ok")
}
