//! `POST /api/webhooks/{token}`. The order of the checks is the contract: what an unknown sender
//! can find out or use up ends at the signature, and until then nothing is written.

use std::sync::Arc;

use app::model::delivery::InboundOutcome;
use app::model::id::DeliveryId;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::time::Instant;

use super::body::{self, Budget};
use super::door::Door;
use super::json;
use super::provider::{Recognised, What};
use super::record::Receipt;
use super::refusal::{Answer, Refusal};
use crate::core::Core;
use crate::crypto;
use crate::tracker::{Site, surrogates};

/// The handler.
pub async fn receive(
    State(core): State<Core>,
    Extension(budget): Extension<Arc<Budget>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = Instant::now();
    let (provider, answer) = match accept(&core, &token, &headers, body, &budget, started).await {
        Ok((door, Ok(outcome))) => (door.provider.as_str(), Ok(outcome)),
        Ok((door, Err(refusal))) => (door.provider.as_str(), Err(refusal)),
        Err(refusal) => ("unknown", Err(refusal)),
    };
    let label = answer.map_or_else(Refusal::label, InboundOutcome::as_str);
    metrics::counter!("testbell_inbound_total", "provider" => provider, "outcome" => label).increment(1);
    match answer {
        Ok(outcome) => Json(json!({"ok": true, "outcome": outcome})).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// The outer error is of who came by no known door.
async fn accept(
    core: &Core,
    token: &str,
    headers: &HeaderMap,
    body: Body,
    budget: &Budget,
    started: Instant,
) -> Result<(Arc<Door>, Answer), Refusal> {
    let known = async { Ok((body::declared(headers)?, core.door(token).await?)) };
    let (declared, door) = match known.await {
        Ok((declared, door)) => (declared, Arc::new(door)),
        Err(refusal) => {
            body::discard(headers, body, &core.clock);
            return Err(refusal);
        }
    };
    let body = match body::read(body, declared, budget, &core.clock).await {
        Ok(body) => body,
        Err(refusal) => return Ok((door, Err(refusal))),
    };
    if !door.reader.verify(headers, &body.bytes, door.secret.expose_secret()) {
        return Ok((door, Err(Refusal::Unverified)));
    }
    let answer = verified(core, door.clone(), headers, &body.bytes, core.ids.next(), started).await;
    Ok((door, answer))
}

/// From here on the sender is the tracker: what is refused is recorded, so that an admin sees it.
pub(super) async fn verified(
    core: &Core,
    door: Arc<Door>,
    headers: &HeaderMap,
    body: &[u8],
    id: DeliveryId,
    started: Instant,
) -> Answer {
    let digest = crypto::sha256(body);
    let receipt = |event: String| Receipt { id, door: door.clone(), event, digest, test: false, started };
    let body = &*surrogates::mended(body);
    if let Err(refusal) = readable(&door, headers, body) {
        return core.refuse(receipt(door.reader.event_name(headers)), refusal).await;
    }
    let Recognised { event, what } = door.reader.recognise(headers, body, &Site::of(&door.integration));
    match what {
        What::Unusable(reason) => core.refuse(receipt(event), Refusal::Unusable(reason)).await,
        What::Test => core.accept(Receipt { test: true, ..receipt(event) }, What::Test).await,
        what => core.accept(receipt(event), what).await,
    }
}

fn readable(door: &Door, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" {
        let is_form = essence == "application/x-www-form-urlencoded";
        return Err(Refusal::ContentType(door.reader.wrong_content_type(is_form)));
    }
    json::check(body).map_err(|_| Refusal::NotJson)
}
