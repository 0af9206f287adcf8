//! Activates and deactivates outbound webhooks by hand. Their health is separate: an inactive webhook keeps
//! it, and activating a disabled one doesn't enable it.
//!
//! While a webhook is inactive, the deliveries of new events are held, or cancelled at once, as its admins
//! chose. What waited when it was deactivated is held or cancelled in the same way, by its endpoint worker,
//! in batches. Held deliveries are sent in order after activation, or first cancelled, a batch per
//! transaction.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{ProjectId, WebhookId};
use app::model::people::Actor;
use app::model::webhook::{Direction, HeldDeliveriesAction};
use app::model::webhook_activity::WhileInactive;
use app::model::webhook_scope::ScopeKind;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{active_limit, rows};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::held as held_deliveries;
use crate::entity::{project, webhook, webhook_project};
use crate::service::{TxError, TxResult};
use crate::storage::{Effect, Tx};

/// The reason of a delivery that was cancelled by the activation.
const CANCELLED: &str = "Cancelled when the webhook was activated.";

/// # Errors
/// [`Error::Conflict`] if it is already inactive, [`Error::Invalid`] for an inbound webhook.
pub async fn deactivate(state: &AppState, actor: &Actor, row: webhook::Model) -> Result<webhook::Model> {
    require_outbound(&row)?;
    let (state_in_tx, actor, id) = (state.clone(), actor.clone(), row.id);
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, id).await?;
            if !row.active {
                return Err(Error::conflict("The webhook is already inactive.").into());
            }
            let detail = match row.while_inactive {
                WhileInactive::Hold => "Events are held.",
                WhileInactive::Drop => "Events are dropped.",
            };
            set_active(&state_in_tx, tx, &actor, (id, false), AuditAction::WebhookDeactivated, detail).await
        })
    });
    Ok(change.await?)
}

/// # Errors
/// [`Error::Conflict`] if it is already active, [`Error::Invalid`] for an inbound webhook.
pub async fn activate(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    held: HeldDeliveriesAction,
) -> Result<webhook::Model> {
    require_outbound(&row)?;
    loop {
        let (state_in_tx, actor, id) = (state.clone(), actor.clone(), row.id);
        let step = state
            .store
            .write(move |tx| Box::pin(async move { activate_step(&state_in_tx, tx, &actor, id, held).await }));
        if let Some(row) = step.await? {
            return Ok(row);
        }
    }
}

/// `None` if there are more deliveries to cancel.
async fn activate_step(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    id: WebhookId,
    held: HeldDeliveriesAction,
) -> TxResult<Option<webhook::Model>> {
    let row = rows::lock(tx, id).await?;
    if row.active {
        return Err(Error::conflict("The webhook is already active.").into());
    }
    let projects = webhook_project::projects_of(tx.db(), &row).await?;
    require_project(tx, &row, &projects).await?;
    active_limit::require_room(tx, id, row.scope, &projects).await?;
    let now = state.clock.now();
    if held == HeldDeliveriesAction::Discard && held_deliveries::discard(tx, id, CANCELLED, now).await? {
        return Ok(None);
    }
    let detail = match held {
        HeldDeliveriesAction::Send => "Held deliveries will be sent.",
        HeldDeliveriesAction::Discard => "Held deliveries were cancelled.",
    };
    set_active(state, tx, actor, (id, true), AuditAction::WebhookActivated, detail).await.map(Some)
}

async fn set_active(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    (id, active): (WebhookId, bool),
    action: AuditAction,
    detail: &str,
) -> Result<webhook::Model, TxError> {
    let change = webhook::ActiveModel { id: Set(id), active: Set(active), ..Default::default() };
    let row = webhook::Entity::update(change).exec(tx.db()).await?;
    let entry = NewAuditEntry::for_webhook(actor, action, &row, Some(detail.to_owned()));
    audit_log::record(state, tx, entry).await?;
    rows::notify(tx, &row).await?;
    // Its worker sends what is held, or holds or cancels what waits.
    tx.after_commit(Effect::Dispatch(id));
    Ok(row)
}

/// Requires a project that is not deleted.
async fn require_project(tx: &Tx<'_>, row: &webhook::Model, projects: &[ProjectId]) -> TxResult<()> {
    let active = project::Entity::find()
        .filter(project::Column::Id.is_in(projects.iter().copied()))
        .filter(project::Column::DeletedAt.is_null());
    if row.scope == ScopeKind::All || active.count(tx.db()).await? > 0 {
        return Ok(());
    }
    Err(Error::conflict("The project of the webhook was deleted. Select other projects first.").into())
}

fn require_outbound(row: &webhook::Model) -> Result<()> {
    match row.direction {
        Direction::Outbound => Ok(()),
        Direction::Inbound => Err(Error::invalid("An inbound webhook is always active. Delete it to stop receiving.")),
    }
}
