//! Deletes a webhook of either direction. Queued deliveries end; past deliveries are kept, or deleted in the
//! background.

use app::error::Result;
use app::model::audit::AuditAction;
use app::model::history::WebhookHistory;
use app::model::people::Actor;
use app::model::webhook_scope::ScopeKind;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::rows;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::{self, MAX_BATCH, WEBHOOK_DELETED};
use crate::entity::{history_purge, webhook};
use crate::service::TxError;
use crate::storage::Effect;

/// # Errors
/// [`Error::NotFound`](app::error::Error::NotFound) if another user has deleted it.
pub async fn delete(state: &AppState, actor: &Actor, row: webhook::Model, history: WebhookHistory) -> Result<()> {
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
            rows::notify(tx, &row).await?;
            if history == WebhookHistory::Delete {
                let purge = purge_of(&state_in_tx, &actor, &row).into_active_model().reset_all();
                history_purge::Entity::insert(purge).exec_without_returning(tx.db()).await?;
            }
            Ok::<_, TxError>(())
        })
    });
    change.await?;
    state.history.notify_one();
    Ok(())
}

/// The request to delete all its deliveries, also those that are still to be ended.
fn purge_of(state: &AppState, actor: &Actor, row: &webhook::Model) -> history_purge::Model {
    history_purge::Model {
        id: state.ids.next(),
        // Its deliveries belong to the projects of their events.
        project_id: (row.scope == ScopeKind::Project).then_some(row.project_id),
        webhook_id: Some(row.id),
        up_to: None,
        actor_id: Some(actor.id),
        actor_name: actor.name.clone(),
        subject_name: row.name.clone(),
        deleted: 0,
        requested_at: state.clock.now(),
        finished_at: None,
    }
}
