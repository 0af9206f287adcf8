//! `POST /api/webhooks/{token}`. The order of the checks is part of the contract: a sender without
//! a valid signature learns nothing and writes nothing but the record of refused calls, at most once
//! a second.

use std::net::IpAddr;
use std::sync::Arc;

use app::model::delivery::InboundOutcome;
use app::model::id::DeliveryId;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::apply::apply_event;
use super::body;
use super::body_slots::{BodySlots, BodySource};
use super::context::InboundContext;
use super::error::{InboundError, InboundResponse};
use super::json_check;
use super::receipt::{BodySha256, Receipt, record_rejection};
use super::refused_calls;
use crate::app_state::AppState;
use crate::crypto;
use crate::providers::inbound::{InboundChange, ParsedEvent};
use crate::providers::{InboundEvents, surrogates};
use crate::web::Client;

/// Larger bodies are verified, hashed and parsed on the blocking pool, so that they delay no other
/// request.
const MAX_INLINE_BYTES: usize = 64 * 1024;

/// The handler.
pub async fn receive(
    State(state): State<AppState>,
    Extension(slots): Extension<Arc<BodySlots>>,
    Client(origin): Client,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let span = tracing::info_span!("inbound", webhook = Empty, project = Empty, delivery = Empty);
    let request = handle(&state, &token, headers, (body, &slots, origin.address));
    let (provider, response) = request.instrument(span).await;
    let label = response.map_or_else(InboundError::label, InboundOutcome::as_str);
    metrics::counter!("testbell_inbound_events_total", "provider" => provider, "outcome" => label).increment(1);
    match response {
        Ok(outcome) => Json(json!({"ok": true, "outcome": outcome})).into_response(),
        Err(error) => error.into_response(),
    }
}

/// The tracker for the metric, and the outcome.
async fn handle(
    state: &AppState,
    token: &str,
    headers: HeaderMap,
    body: (Body, &BodySlots, IpAddr),
) -> (&'static str, InboundResponse) {
    let started = Instant::now();
    let found = async {
        let declared = body::declared_length(&headers)?;
        Ok::<_, InboundError>((declared, Arc::new(InboundContext::find(state, token).await?)))
    };
    let (declared, context) = match found.await {
        Ok(found) => found,
        Err(error) => return ("unknown", Err(error)),
    };
    Span::current().record("webhook", context.webhook.id.to_string());
    Span::current().record("project", context.project.id.to_string());
    let response = accept(state, &context, &headers, body, declared, started).await;
    if let Err(error) = response {
        refused_calls::note(state, &context, &headers, error);
    }
    (context.provider.as_str(), response)
}

async fn accept(
    state: &AppState,
    context: &Arc<InboundContext>,
    headers: &HeaderMap,
    (body, slots, address): (Body, &BodySlots, IpAddr),
    declared: Option<usize>,
    started: Instant,
) -> InboundResponse {
    let source = BodySource::new(context.webhook.id, address);
    let body = body::read(body, declared, slots, source, &state.clock).await?;
    let (verifier, headers) = (context.clone(), headers.clone());
    let verified = run_by_size(body.bytes.len(), move || {
        if !verifier.verify(&headers, &body.bytes) {
            return Err(InboundError::Unverified);
        }
        Ok(parse(&verifier, &headers, &body.bytes))
    });
    let event = verified.await??;
    let id: DeliveryId = state.ids.next();
    Span::current().record("delivery", id.to_string());
    store(state, context.clone(), event, id, started).await
}

/// An event whose sender was verified.
pub struct VerifiedEvent {
    body_sha256: BodySha256,
    event: String,
    delivery_id: Option<String>,
    change: Result<InboundChange, InboundError>,
}

/// Parses an event whose sender was verified.
pub fn parse(context: &InboundContext, headers: &HeaderMap, body: &[u8]) -> VerifiedEvent {
    let events = context.events;
    let body_sha256 = crypto::sha256(body);
    let body = &*surrogates::replace_lone_surrogates(body);
    let is_json = check_content_type(events, headers)
        .map_err(InboundError::ContentType)
        .and_then(|()| json_check::check(body).map_err(|_| InboundError::NotJson));
    if let Err(error) = is_json {
        let (event, delivery_id) = (events.event_name(headers), events.delivery_id(headers));
        return VerifiedEvent { body_sha256, event, delivery_id, change: Err(error) };
    }
    let ParsedEvent { event, delivery_id, change } = events.parse(headers, body, &(&context.integration).into());
    let change = match change {
        InboundChange::Unusable(reason) => Err(InboundError::Unusable(reason)),
        change => Ok(change),
    };
    VerifiedEvent { body_sha256, event, delivery_id, change }
}

/// Applies and records a verified event. A rejection is recorded too: its sender is the tracker, and
/// an admin should see it.
pub async fn store(
    state: &AppState,
    context: Arc<InboundContext>,
    VerifiedEvent { body_sha256, event, delivery_id, change }: VerifiedEvent,
    id: DeliveryId,
    started: Instant,
) -> InboundResponse {
    let test = matches!(change, Ok(InboundChange::Test));
    let receipt = Receipt { id, context, event, tracker_id: delivery_id, body_sha256, test, started };
    match change {
        Ok(change) => apply_event(state, receipt, change).await,
        Err(error) => record_rejection(state, receipt, error).await,
    }
}

/// Whether the headers declare JSON; if not, what to change.
pub fn check_content_type(events: &dyn InboundEvents, headers: &HeaderMap) -> Result<(), &'static str> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" {
        return Ok(());
    }
    Err(events.wrong_content_type(essence == "application/x-www-form-urlencoded"))
}

/// Runs CPU-bound work on a body of a size: at once if it is small, else on the blocking pool.
async fn run_by_size<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, InboundError> {
    if bytes <= MAX_INLINE_BYTES {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "failed to parse an inbound event");
        InboundError::Internal
    })
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn only_large_bodies_leave_the_async_worker() {
        let worker = thread::current().id();
        let thread_for = async |bytes| run_by_size(bytes, || thread::current().id()).await.unwrap();
        assert_eq!(thread_for(MAX_INLINE_BYTES).await, worker);
        assert_ne!(thread_for(MAX_INLINE_BYTES + 1).await, worker);
        assert_ne!(thread_for(body::MAX_BODY_BYTES).await, worker);
    }
}
