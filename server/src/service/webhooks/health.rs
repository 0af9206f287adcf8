//! Re-enables a disabled webhook. Its held deliveries are then sent in order by the endpoint worker
//! (see [`held`](crate::dispatch::delivery_queue::held)), or first cancelled, a batch per
//! transaction, so that no writer waits long. The transaction of the last batch enables the
//! webhook.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::catalog::EventType;
use app::model::id::WebhookId;
use app::model::people::Actor;
use app::model::webhook::{Direction, Health, HeldDeliveriesAction};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::rows;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::HealthCause;
use crate::dispatch::delivery_queue::held as held_deliveries;
use crate::dispatch::health::HealthState;
use crate::entity::webhook;
use crate::notifications::{self, WebhookNews};
use crate::service::TxError;
use crate::storage::{Effect, Tx};

/// The reason of a cancelled delivery.
const CANCELLED: &str = "Cancelled when the webhook was re-enabled.";

/// Resets the failure count and resumes sending.
///
/// # Errors
/// [`Error::Conflict`] if it is not disabled, [`Error::Invalid`] for an inbound webhook.
pub(crate) async fn enable(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    held: HeldDeliveriesAction,
) -> Result<webhook::Model> {
    if row.direction == Direction::Inbound {
        return Err(Error::invalid("Inbound webhooks are never disabled."));
    }
    loop {
        let (state_in_tx, actor) = (state.clone(), actor.clone());
        let step = state
            .store
            .write(move |tx| Box::pin(async move { enable_step(&state_in_tx, tx, &actor, row.id, held).await }));
        if let Some(row) = step.await? {
            return Ok(row);
        }
    }
}

/// `None` if there are more deliveries to cancel.
async fn enable_step(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    id: WebhookId,
    held: HeldDeliveriesAction,
) -> std::result::Result<Option<webhook::Model>, TxError> {
    let row = rows::lock(tx, id).await?;
    if row.health != Health::Disabled {
        return Err(Error::conflict("The webhook is not disabled.").into());
    }
    let now = state.clock.now();
    if held == HeldDeliveriesAction::Discard && held_deliveries::discard(tx, id, CANCELLED, now).await? {
        return Ok(None);
    }
    // A user has fixed it, so its earlier requests to wait end too.
    let health_state =
        HealthState { paused_until: None, ..HealthState::from_row(&row).reset(state.clock.schedule_now()) };
    let cause = HealthCause { reason: format!("Re-enabled by {}.", actor.name), at: now, attempt: None };
    let reason = cause.reason.clone();
    let change = webhook::ActiveModel {
        id: Set(id),
        recovery_probes: Set(0),
        next_probe_at: Set(None),
        ..health_state.columns(Some(cause))
    };
    let before = row;
    let row = webhook::Entity::update(change).exec(tx.db()).await?;
    let detail = match held {
        HeldDeliveriesAction::Send => "Held deliveries will be sent.",
        HeldDeliveriesAction::Discard => "Held deliveries were cancelled.",
    };
    let entry = NewAuditEntry::for_webhook(actor, AuditAction::WebhookEnabled, &row, Some(detail.to_owned()));
    audit_log::record(state, tx, entry).await?;
    let news = WebhookNews {
        webhook: &before,
        event: EventType::WebhookEnabled,
        health: row.health,
        failures: 0,
        reason: &reason,
        delivery: None,
        actor: Some(actor),
    };
    notifications::publish(state, tx, &news).await?;
    rows::notify(tx, &row).await?;
    tx.after_commit(Effect::Dispatch(id));
    Ok(Some(row))
}
