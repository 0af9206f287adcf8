//! `/metrics` in the text format of Prometheus. Every part counts by the macros of the crate
//! `metrics`; labels are names of a fixed set, never ids.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::core::Core;
use crate::entity::delivery;
use crate::rest::refuse;

/// Upper bounds of the buckets for durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// One recorder for the process: the macros know no other.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to record.
pub fn record() -> Option<&'static PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
            match builder.and_then(PrometheusBuilder::install_recorder) {
                Ok(handle) => {
                    describe();
                    Some(handle)
                }
                Err(error) => {
                    tracing::warn!(%error, "metrics are not recorded");
                    None
                }
            }
        })
        .as_ref()
}

fn describe() {
    describe_counter!("testbell_http_requests_total", "Requests by method, route and status.");
    describe_histogram!("testbell_http_request_seconds", "Time to the head of the response, by method and route.");
    describe_counter!("testbell_deliveries_total", "Outbound deliveries that ended, by status.");
    describe_counter!("testbell_attempts_total", "Attempts of outbound deliveries, by outcome.");
    describe_counter!("testbell_inbound_total", "Inbound events, by provider and outcome.");
    describe_gauge!("testbell_streams_open", "Live streams that are open.");
    describe_gauge!("testbell_queue_depth", "Outbound deliveries that wait for an attempt.");
}

/// The figures as they stand.
pub async fn render(State(core): State<Core>) -> Response {
    let Some(handle) = record() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "Metrics are not recorded. The log says why.");
    };
    #[allow(clippy::cast_precision_loss, reason = "gauges are floats, and these counts are far below 2^52")]
    {
        gauge!("testbell_streams_open").set(core.hub.open() as f64);
        let waiting = delivery::Entity::find().filter(delivery::Column::NextAttemptAt.is_not_null());
        match waiting.count(core.store.read()).await {
            Ok(waiting) => gauge!("testbell_queue_depth").set(waiting as f64),
            Err(error) => tracing::warn!(%error, "the queue could not be counted"),
        }
    }
    handle.run_upkeep();
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], handle.render()).into_response()
}
