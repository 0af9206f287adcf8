//! `/metrics` in the Prometheus text format, public or behind the metrics token. All parts of the server count
//! with the macros of the crate `metrics`. Label values come from fixed sets and are never IDs.

use std::sync::OnceLock;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::app_state::AppState;
use crate::dispatch::delivery_queue;
use crate::storage::report_outage;
use crate::web::{bearer_token, refuse};

/// Upper bounds of the buckets for durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Upper bounds of the buckets for numbers of things.
const SIZES: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// The macros use one global recorder.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder.
pub fn record() -> Option<&'static PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let builder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
                .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_size".into()), &SIZES));
            match builder.and_then(PrometheusBuilder::install_recorder) {
                Ok(handle) => {
                    describe();
                    Some(handle)
                }
                Err(error) => {
                    tracing::warn!(%error, "failed to install the metrics recorder");
                    None
                }
            }
        })
        .as_ref()
}

/// What a metric is.
enum MetricKind {
    Counter,
    Gauge,
    Histogram,
}

/// Every metric with its description. `docs/metrics.md` lists the same.
const METRICS: [(MetricKind, &str, &str); 14] = [
    (MetricKind::Counter, "testbell_http_requests_total", "HTTP requests, by method, route and status."),
    (
        MetricKind::Histogram,
        "testbell_http_request_duration_seconds",
        "Time to the response head, by method and route.",
    ),
    (
        MetricKind::Counter,
        "testbell_deliveries_total",
        "Finished outbound deliveries, by status: delivered, exhausted or cancelled.",
    ),
    (MetricKind::Counter, "testbell_delivery_attempts_total", "Outbound delivery attempts, by result."),
    (MetricKind::Histogram, "testbell_delivery_attempt_duration_seconds", "Duration of delivery attempts, by result."),
    (
        MetricKind::Counter,
        "testbell_deliveries_released_total",
        "Deliveries delayed by a problem of this server, by reason.",
    ),
    (
        MetricKind::Gauge,
        "testbell_queue_depth",
        "Outbound deliveries in the queue, including those with a later attempt.",
    ),
    (
        MetricKind::Gauge,
        "testbell_oldest_due_delivery_age_seconds",
        "Seconds since the oldest due delivery became due.",
    ),
    (MetricKind::Counter, "testbell_inbound_events_total", "Inbound events, by provider and outcome."),
    (MetricKind::Counter, "testbell_issue_syncs_total", "Issues read from their tracker, by provider and outcome."),
    (MetricKind::Histogram, "testbell_commit_group_size", "Number of changes in one commit of the SQLite writer."),
    (MetricKind::Counter, "testbell_sign_ins_total", "Sign-ins, by outcome."),
    (MetricKind::Gauge, "testbell_streams_open", "Open live streams."),
    (MetricKind::Gauge, "testbell_clock_skew_seconds", "How far this node's clock is ahead of the database's."),
];

fn describe() {
    for (kind, name, description) in METRICS {
        match kind {
            MetricKind::Counter => describe_counter!(name, description),
            MetricKind::Gauge => describe_gauge!(name, description),
            MetricKind::Histogram => describe_histogram!(name, description),
        }
    }
}

/// `/metrics`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/metrics", get(render))
}

/// The current metrics.
async fn render(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if !may_read(state.config.metrics_token.as_ref(), &headers) {
        let mut response = refuse(StatusCode::UNAUTHORIZED, "Send the metrics token as Authorization: Bearer.");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    let Some(handle) = record() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "Metrics are not recorded. The log says why.");
    };
    #[allow(clippy::cast_precision_loss, reason = "gauges are floats, and these counts are far below 2^52")]
    {
        gauge!("testbell_streams_open").set(state.hub.open_streams() as f64);
        if let Err(error) = delivery_queue::measure(&state).await {
            report_outage(&error, "failed to measure the delivery queue");
        }
    }
    handle.run_upkeep();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], handle.render()).into_response()
}

/// Compares in constant time. An empty token in the settings allows nobody.
fn may_read(token: Option<&SecretString>, headers: &HeaderMap) -> bool {
    let Some(token) = token else { return true };
    let sent = bearer_token(headers.get(header::AUTHORIZATION)).unwrap_or_default();
    !sent.is_empty() && bool::from(sent.as_bytes().ct_eq(token.expose_secret().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_docs_list_every_metric() {
        let docs = include_str!("../../../docs/metrics.md");
        for (_, name, description) in METRICS {
            assert!(docs.contains(&format!("`{name}`")) && docs.contains(description), "{name}");
        }
    }
}
