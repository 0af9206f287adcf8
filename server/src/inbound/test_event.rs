//! A test event sent from a webhook's page: the request that the tracker would send, about an issue
//! that it can't have. It takes the same checks and the same transaction as every other event.

use std::sync::Arc;

use app::model::id::DeliveryId;
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::context::InboundContext;
use super::error::InboundError;
use super::receive::{parse, store};
use crate::app_state::AppState;
use crate::entity::webhook;

const NO_SECRET: &str = "Enter the tracker's signing secret first.";

/// Sends a webhook its test event; returns the id of the delivery that records it.
///
/// # Errors
/// A sentence, if nothing was recorded.
pub async fn send_test_event(state: &AppState, webhook: webhook::Model) -> Result<DeliveryId, &'static str> {
    let started = Instant::now();
    let context = Arc::new(InboundContext::load(state, webhook).await.map_err(failure)?);
    let Some(secret) = &context.secret else { return Err(NO_SECRET) };
    let (headers, body) = context.events.test_request(secret.expose_secret());
    if !context.verify(&headers, &body) {
        return Err("The stored secret can't verify its own signature. Rotate the secret, or delete the webhook and \
                    add it again.");
    }
    let id = state.ids.next();
    let event = parse(&context, &headers, &body);
    match store(state, context, event, id, started).await {
        Err(error @ (InboundError::UnknownToken | InboundError::Unavailable(_) | InboundError::Internal)) => {
            Err(failure(error))
        }
        Ok(_) | Err(_) => Ok(id),
    }
}

fn failure(error: InboundError) -> &'static str {
    match error {
        InboundError::UnknownToken => {
            "This webhook can't receive events: the project's issue integration was removed or replaced."
        }
        error => error.sentence(),
    }
}
