//! Deletes a webhook of either direction. Queued deliveries end; past deliveries are kept, or deleted in the
//! background.

use app::error;
use app::model::audit::AuditAction;
use app::model::history::WebhookHistory;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::webhook_scope::ScopeKind;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::{routes, rows};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::{self, MAX_BATCH, WEBHOOK_DELETED};
use crate::entity::{delivery, history_purge, project, webhook, webhook_project};
use crate::service::TxError;
use crate::storage::{Effect, Tx};

/// # Errors
/// [`Error::NotFound`](app::error::Error::NotFound) if another user has deleted it.
pub async fn delete(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    history: WebhookHistory,
) -> error::Result<()> {
    let (state_in_tx, actor, id) = (state.clone(), actor.clone(), row.id);
    let (now, due) = (state.clock.now(), state.clock.schedule_now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, id).await?;
            let deleted = webhook::ActiveModel { id: Set(id), deleted_at: Set(Some(now)), ..Default::default() };
            webhook::Entity::update(deleted).exec_without_returning(tx.db()).await?;
            routes::delete(tx, id).await?;
            // The endpoint worker ends the rest.
            delivery_queue::give_up(tx, id, WEBHOOK_DELETED, (now, due), MAX_BATCH).await?;
            tx.after_commit(Effect::Dispatch(id));
            let entry = NewAuditEntry::for_webhook(&actor, AuditAction::WebhookDeleted, &row, None);
            audit_log::record(&state_in_tx, tx, entry).await?;
            rows::notify(tx, &row).await?;
            if history == WebhookHistory::Delete {
                for project in projects_with_history(tx, &row).await? {
                    let purge = purge_of(&state_in_tx, &actor, &row, project).into_active_model().reset_all();
                    history_purge::Entity::insert(purge).exec_without_returning(tx.db()).await?;
                }
            }
            Ok::<_, TxError>(())
        })
    });
    change.await?;
    state.history.notify_one();
    Ok(())
}

/// The projects that have deliveries of it, whose index makes each of them cheap to find. Without all projects,
/// only the current ones: the history of a removed project belongs to that project.
async fn projects_with_history(tx: &Tx<'_>, row: &webhook::Model) -> Result<Vec<ProjectId>, DbErr> {
    let sent = Query::select()
        .expr(Expr::val(1))
        .from(delivery::Entity)
        .and_where(
            Expr::col((delivery::Entity, delivery::Column::ProjectId)).equals((project::Entity, project::Column::Id)),
        )
        .and_where(Expr::col((delivery::Entity, delivery::Column::WebhookId)).eq(row.id))
        .take();
    let mut select = project::Entity::find().select_only().column(project::Column::Id).filter(Expr::exists(sent));
    if row.scope != ScopeKind::All {
        select = select.filter(project::Column::Id.is_in(webhook_project::projects_of(tx.db(), row).await?));
    }
    select.into_tuple().all(tx.db()).await
}

/// The request to delete all its deliveries of a project, also those that are still to be ended.
fn purge_of(state: &AppState, actor: &Actor, row: &webhook::Model, project: ProjectId) -> history_purge::Model {
    history_purge::Model {
        id: state.ids.next(),
        project_id: Some(project),
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
