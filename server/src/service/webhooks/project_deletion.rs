//! What becomes of webhooks when a project is deleted. An inbound webhook is deleted with it. An outbound one that
//! served only this project is deactivated: nobody but system admins sees it, and its history is that of a deleted
//! project. One with several projects continues for the others.

use app::error::Error;
use app::model::id::{ProjectId, WebhookId};
use app::model::webhook::Direction;
use app::model::webhook_scope::ScopeKind;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{routes, rows};
use crate::app_state::AppState;
use crate::dispatch::delivery_queue::{self, MAX_BATCH, PROJECT_DELETED};
use crate::entity::{project, webhook, webhook_project};
use crate::service::{TxError, TxResult};
use crate::storage::{Effect, Tx};

/// Ends the webhooks of a project that was marked as deleted, in the order of their IDs. Returns those with several
/// projects, whose deliveries of this one are still to be ended by [`end_deliveries`].
pub(crate) async fn detach(
    tx: &Tx<'_>,
    id: ProjectId,
    (now, due): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<WebhookId>, DbErr> {
    use webhook::Column;
    let named = webhook_project::Entity::find()
        .select_only()
        .column(webhook_project::Column::WebhookId)
        .filter(webhook_project::Column::ProjectId.eq(id))
        .into_query();
    let of_project = Condition::any()
        .add(Column::ProjectId.eq(id))
        .add(Column::Id.in_subquery(named))
        .add(Column::Scope.eq(ScopeKind::All));
    let webhooks = webhook::Entity::find()
        .filter(of_project)
        .filter(Column::DeletedAt.is_null())
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    let mut left = MAX_BATCH;
    let mut shared = Vec::new();
    for webhook in webhooks {
        let mut change = webhook::ActiveModel { id: Set(webhook.id), ..Default::default() };
        let others = others(tx, &webhook, id).await?;
        let is_shared = webhook.scope == ScopeKind::All || !others.is_empty();
        if webhook.project_id == id
            && let Some(owner) = others.first()
        {
            change.project_id = Set(*owner);
        }
        match webhook.direction {
            Direction::Inbound => change.deleted_at = Set(Some(now)),
            Direction::Outbound if !is_shared => change.active = Set(false),
            Direction::Outbound => {}
        }
        if webhook.direction == Direction::Inbound || !is_shared || webhook.project_id == id {
            webhook::Entity::update_many().set(change).filter(Column::Id.eq(webhook.id)).exec(tx.db()).await?;
        }
        if is_shared {
            if webhook.scope == ScopeKind::Projects {
                webhook_project::Entity::delete_by_id((id, webhook.id)).exec(tx.db()).await?;
                routes::rebuild(tx, webhook.id, webhook.scope).await?;
            }
            rows::notify(tx, &webhook).await?;
            shared.push(webhook.id);
        } else {
            // The endpoint workers end the rest in batches.
            left -= delivery_queue::give_up(tx, webhook.id, PROJECT_DELETED, (now, due), left).await?;
        }
        tx.after_commit(Effect::Dispatch(webhook.id));
    }
    Ok(shared)
}

/// The other projects of a webhook that are not deleted.
async fn others(tx: &Tx<'_>, webhook: &webhook::Model, deleted: ProjectId) -> Result<Vec<ProjectId>, DbErr> {
    if webhook.direction == Direction::Inbound || webhook.scope == ScopeKind::Project {
        return Ok(Vec::new());
    }
    let mut found = webhook_project::projects_of(tx.db(), webhook).await?;
    found.retain(|project| *project != deleted);
    Ok(found)
}

/// Cancels what webhooks have still to send of projects that are not theirs any more, in batches. If the process ends
/// before, the endpoint workers cancel each delivery instead of sending it.
///
/// # Errors
/// Those of the database.
pub(crate) async fn end_deliveries(
    state: &AppState,
    projects: &[ProjectId],
    webhooks: &[WebhookId],
    why: &'static str,
) -> Result<(), DbErr> {
    for &webhook in webhooks {
        while delivery_queue::give_up_projects_batch(state, webhook, projects, why).await? {}
    }
    Ok(())
}

/// Gives webhooks of all projects whose owner was deleted a new project as their owner.
pub(crate) async fn adopt(tx: &Tx<'_>, project: ProjectId) -> Result<(), DbErr> {
    let deleted = project::Entity::find()
        .select_only()
        .column(project::Column::Id)
        .filter(project::Column::DeletedAt.is_not_null())
        .into_query();
    webhook::Entity::update_many()
        .set(webhook::ActiveModel { project_id: Set(project), ..Default::default() })
        // Literal text in the statement, so that the partial index applies.
        .filter(Expr::cust("scope = 'all' AND deleted_at IS NULL"))
        .filter(webhook::Column::ProjectId.in_subquery(deleted))
        .exec(tx.db())
        .await
        .map(drop)
}

/// Gives a webhook of all projects an owner that is not deleted.
///
/// # Errors
/// [`Error::Conflict`] if there is no project.
pub(super) async fn require_owner(tx: &Tx<'_>, row: &mut webhook::Model) -> TxResult<()> {
    let owner = project::Entity::find_by_id(row.project_id).one(tx.db()).await?;
    if owner.is_some_and(|owner| owner.deleted_at.is_none()) {
        return Ok(());
    }
    let active = project::Entity::find().filter(project::Column::DeletedAt.is_null());
    let first = active.order_by_asc(project::Column::Id).one(tx.db()).await?;
    let none = || TxError::from(Error::conflict("There is no project."));
    row.project_id = first.ok_or_else(none)?.id;
    Ok(())
}
