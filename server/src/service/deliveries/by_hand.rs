//! What users do with single deliveries: make the next attempt now, or cancel. A retry is another attempt
//! of the same delivery; a [`replay`](super::replay) is a new delivery of its event.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::delivery::{ChangedDeliveries, Delivery, DeliveryStatus, ManualAction};
use app::model::digest::DIGEST_EVENT;
use app::model::id::DeliveryId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::webhook::{Direction, Health};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::replay_queue::{active_webhooks, stored_events};
use super::selection::{managed, selected};
use super::view::{self as delivery_view, ShownWebhook};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::count_cancelled;
use crate::entity::delivery::{self, Column, StoredStatus};
use crate::entity::{project, webhook};
use crate::service::{TxError, TxResult};
use crate::storage::{Effect, Tx};

const fn done(action: ManualAction) -> &'static str {
    match action {
        ManualAction::Retry => "retried",
        ManualAction::Cancel => "cancelled",
    }
}

const fn audit_action(action: ManualAction) -> AuditAction {
    match action {
        ManualAction::Retry => AuditAction::DeliveriesRetried,
        ManualAction::Cancel => AuditAction::DeliveriesCancelled,
    }
}

/// Retries or cancels one delivery.
///
/// # Errors
/// [`Error::Conflict`] if that isn't possible, with the reason, and [`Error::Invalid`] for an inbound one.
pub async fn change_one(state: &AppState, actor: &Actor, id: DeliveryId, action: ManualAction) -> Result<Delivery> {
    let row = managed(state, actor, id).await?;
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut applied = apply(&state_in_tx, tx, &actor, vec![row.clone()], action).await?;
            if let Some(why) = applied.blockers.pop() {
                return Err(why.into());
            }
            let shown = applied.changed.pop().ok_or(Error::NotFound)?;
            let entry =
                NewAuditEntry::for_project(&actor, row.project_id, audit_action(action), row.id, &row.event_type);
            audit_log::record(&state_in_tx, tx, entry).await?;
            Ok::<_, TxError>(shown)
        })
    });
    Ok(change.await?)
}

/// Retries or cancels the selected deliveries for which it is possible.
///
/// # Errors
/// Those of [`selected`].
pub async fn change_selected(
    state: &AppState,
    actor: &Actor,
    ids: Vec<DeliveryId>,
    action: ManualAction,
) -> Result<ChangedDeliveries> {
    let (project, rows) = selected(state, actor, ids, done(action)).await?;
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let Applied { changed, blockers } = apply(&state_in_tx, tx, &actor, rows, action).await?;
            let skipped = u32::try_from(blockers.len()).unwrap_or(u32::MAX);
            if !changed.is_empty() {
                record_selected(&state_in_tx, tx, (&actor, &project, action), (changed.len(), skipped)).await?;
            }
            Ok::<_, TxError>(ChangedDeliveries { changed, skipped })
        })
    });
    Ok(change.await?)
}

async fn record_selected(
    state: &AppState,
    tx: &Tx<'_>,
    (actor, project, action): (&Actor, &project::Model, ManualAction),
    (changed, skipped): (usize, u32),
) -> TxResult<()> {
    let entry = NewAuditEntry::for_project(actor, project.id, audit_action(action), project.id, &project.name);
    let detail = Some(format!("{changed} {}, {skipped} skipped.", done(action)));
    Ok(audit_log::record(state, tx, NewAuditEntry { detail, ..entry }).await?)
}

struct Applied {
    changed: Vec<Delivery>,
    /// Why the others were not changed.
    blockers: Vec<Error>,
}

/// Locks the deliveries, so that no worker claims them meanwhile, and changes those that it can.
async fn apply(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    selected: Vec<delivery::Model>,
    action: ManualAction,
) -> TxResult<Applied> {
    let webhooks = active_webhooks(tx, &selected).await?;
    let is_selected = Column::Id.is_in(selected.into_iter().map(|row| row.id));
    let rows = delivery::Entity::find().filter(is_selected).order_by_asc(Column::Id);
    let rows = rows.lock_exclusive().all(tx.db()).await?;
    let events = stored_events(tx, &rows).await?;
    let due = state.clock.schedule_now();
    let (mut changed, mut blockers) = (Vec::new(), Vec::new());
    for row in rows {
        let webhook = webhooks.get(&row.webhook_id);
        let has_event = row.event_id.is_some_and(|event| events.contains(&event));
        let blocker = match action {
            _ if row.direction == Direction::Inbound => Some(Error::invalid(INBOUND)),
            _ if row.lease_until.is_some_and(|until| until > due) => Some(Error::conflict(IN_FLIGHT)),
            _ if row.covering_digest().is_some() => Some(Error::conflict(IN_DIGEST)),
            ManualAction::Cancel => cancel_blocker(&row),
            ManualAction::Retry => retry_blocker(&row, webhook, has_event),
        };
        match blocker {
            Some(why) => blockers.push(why),
            None => changed.push(row),
        }
    }
    let change = match action {
        ManualAction::Retry => retried(due),
        ManualAction::Cancel => cancelled(actor, state.clock.now()),
    };
    let is_changed = Column::Id.is_in(changed.iter().map(|row| row.id));
    delivery::Entity::update_many().set(change).filter(is_changed.clone()).exec(tx.db()).await?;
    match action {
        ManualAction::Cancel => count_cancelled(changed.len()),
        ManualAction::Retry => mark_digests(tx, &changed).await?,
    }
    changed.iter().for_each(|row| notify(tx, row));
    let rows = delivery::Entity::find().filter(is_changed).order_by_asc(Column::Id).all(tx.db()).await?;
    let shown = |row: delivery::Model| {
        let webhook = webhooks.get(&row.webhook_id).map_or_else(ShownWebhook::unknown, ShownWebhook::from);
        delivery_view::delivery(row, webhook, true)
    };
    Ok(Applied { changed: rows.into_iter().map(shown).collect(), blockers })
}

const INBOUND: &str = "Inbound events aren't sent by Testbell. Resend the event from the tracker.";
const IN_DIGEST: &str = "A digest covers it. Retry or cancel the digest, or replay this delivery.";
const IN_FLIGHT: &str = "An attempt is in flight. Wait for its result.";
const NOT_WAITING: &str = "Only pending, failed and held deliveries can be cancelled.";
const NOT_FAILED: &str =
    "Only pending, failed and exhausted deliveries can be retried. To send it again, replay the delivery.";
const HELD: &str = "The delivery is held. It is sent once its webhook is enabled, active and not paused.";

fn cancel_blocker(row: &delivery::Model) -> Option<Error> {
    (!row.shown_status().is_waiting()).then(|| Error::conflict(NOT_WAITING))
}

fn retry_blocker(row: &delivery::Model, webhook: Option<&webhook::Model>, has_event: bool) -> Option<Error> {
    let why = match (row.shown_status(), webhook) {
        (DeliveryStatus::Held, _) => HELD,
        (status, _) if !status.can_be_retried() => NOT_FAILED,
        (_, None) => "The webhook was deleted, so the delivery can't be retried.",
        (_, Some(webhook)) if webhook.blocked().is_some() && !row.test => match (webhook.active, webhook.health) {
            (true, Health::Disabled) => {
                "The webhook is disabled. Re-enable it first, or replay the delivery to hold a copy until then."
            }
            (true, _) => "All webhooks are paused. Replay the delivery to hold a copy until the webhook is resumed.",
            (false, _) => {
                "The webhook is inactive. Activate it first, or replay the delivery to hold a copy until then."
            }
        },
        _ if !has_event => "The event is no longer stored: it can't be sent again.",
        _ => return None,
    };
    Some(Error::conflict(why))
}

/// The attempts so far still count for the schedule.
fn retried(due: DateTime<Utc>) -> delivery::ActiveModel {
    delivery::ActiveModel {
        status: Set(StoredStatus::Pending),
        next_attempt_at: Set(Some(due)),
        lease_until: Set(None),
        finished_at: Set(None),
        ..Default::default()
    }
}

/// What an exhausted digest covers waits for it again: [`digests`](crate::digests) finds the mark.
async fn mark_digests(tx: &Tx<'_>, retried: &[delivery::Model]) -> TxResult<()> {
    let digests = retried.iter().filter(|row| row.event_type == DIGEST_EVENT && row.status == StoredStatus::Failed);
    let digests: Vec<DeliveryId> = digests.map(|row| row.id).collect();
    if !digests.is_empty() {
        delivery::Entity::update_many()
            .col_expr(Column::DigestDeliveryId, Expr::col(Column::Id))
            .filter(Column::Id.is_in(digests))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}

fn cancelled(actor: &Actor, now: DateTime<Utc>) -> delivery::ActiveModel {
    delivery::ActiveModel {
        status: Set(StoredStatus::Discarded),
        error: Set(Some(format!("Cancelled by {}.", actor.name))),
        next_attempt_at: Set(None),
        lease_until: Set(None),
        finished_at: Set(Some(now)),
        ..Default::default()
    }
}

fn notify(tx: &Tx<'_>, row: &delivery::Model) {
    let (delivery_id, webhook_id, project_id) = (row.id, row.webhook_id, row.project_id);
    let live = |kind| Effect::Live(ProjectChange { project_id, kind });
    tx.after_commit(live(ChangeKind::DeliveryChanged { delivery_id, webhook_id }));
    // Its card shows the number of held deliveries.
    tx.after_commit_once(live(ChangeKind::WebhookChanged { webhook_id }));
    // The next one of its subject may have waited for a cancelled one.
    tx.after_commit_once(Effect::Dispatch(webhook_id));
}
