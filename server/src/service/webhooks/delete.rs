//! Deletes a webhook of either direction. Queued deliveries end; past deliveries are kept.

use app::error::Result;
use app::model::audit::AuditAction;
use app::model::people::Actor;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::rows;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::{self, MAX_BATCH, WEBHOOK_DELETED};
use crate::entity::webhook;
use crate::service::TxError;
use crate::storage::Effect;

/// # Errors
/// [`Error::NotFound`](app::error::Error::NotFound) if another user has deleted it.
pub async fn delete(state: &AppState, actor: &Actor, row: webhook::Model) -> Result<()> {
    let (state_in_tx, actor, id) = (state.clone(), actor.clone(), row.id);
    let (now, due) = (state.clock.now(), state.clock.schedule_now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, id).await?;
            let deleted = webhook::ActiveModel { id: Set(id), deleted_at: Set(Some(now)), ..Default::default() };
            webhook::Entity::update(deleted).exec_without_returning(tx.db()).await?;
            // The endpoint worker ends the rest.
            delivery_queue::give_up(tx, id, WEBHOOK_DELETED, (now, due), MAX_BATCH).await?;
            tx.after_commit(Effect::Dispatch(id));
            let entry = NewAuditEntry::for_webhook(&actor, AuditAction::WebhookDeleted, &row, None);
            audit_log::record(&state_in_tx, tx, entry).await?;
            rows::notify(tx, &row);
            Ok::<_, TxError>(())
        })
    });
    Ok(change.await?)
}
