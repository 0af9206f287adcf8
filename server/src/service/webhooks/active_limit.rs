//! How many active outbound webhooks a project may have, if system admins have set a limit. A webhook counts for each
//! of its projects. What is active when the limit is set or lowered stays active.

use app::error::Error;
use app::model::id::{ProjectId, WebhookId};
use app::model::webhook::Direction;
use app::model::webhook_scope::ScopeKind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::entity::{instance_setting, project, webhook, webhook_project};
use crate::operations::instance_settings::{MAX_ACTIVE_WEBHOOKS, limit_of};
use crate::service::TxResult;
use crate::storage::Tx;

/// Requires room for one more active webhook in these projects, or in all. The limit is locked, so that two webhooks
/// don't take the same room.
///
/// # Errors
/// [`Error::Conflict`] that names a project without room.
pub(super) async fn require_room(
    tx: &Tx<'_>,
    webhook: WebhookId,
    kind: ScopeKind,
    projects: &[ProjectId],
) -> TxResult<()> {
    let setting = instance_setting::Entity::find_by_id(MAX_ACTIVE_WEBHOOKS).lock_exclusive().one(tx.db()).await?;
    let Some(limit) = setting.as_ref().and_then(limit_of) else { return Ok(()) };
    let mut select = project::Entity::find().filter(project::Column::DeletedAt.is_null());
    if kind != ScopeKind::All {
        select = select.filter(project::Column::Id.is_in(projects.iter().copied()));
    }
    let found = select.order_by_asc(project::Column::Id).all(tx.db()).await?;
    let active = webhook::Entity::find()
        .filter(webhook::Column::Direction.eq(Direction::Outbound))
        .filter(webhook::Column::DeletedAt.is_null())
        .filter(webhook::Column::Active.eq(true))
        .filter(webhook::Column::Id.ne(webhook));
    let of_all = active.clone().filter(webhook::Column::Scope.eq(ScopeKind::All)).count(tx.db()).await?;
    let others = active.select_only().column(webhook::Column::Id).into_query();
    let counts: Vec<(ProjectId, i64)> = webhook_project::Entity::find()
        .select_only()
        .column(webhook_project::Column::ProjectId)
        .expr(Expr::col(webhook_project::Column::WebhookId).count())
        .filter(webhook_project::Column::ProjectId.is_in(found.iter().map(|row| row.id)))
        .filter(webhook_project::Column::WebhookId.in_subquery(others))
        .group_by(webhook_project::Column::ProjectId)
        .into_tuple()
        .all(tx.db())
        .await?;
    let count = |id: ProjectId| {
        let own = counts.iter().find(|(project, _)| *project == id).map_or(0, |(_, count)| count.unsigned_abs());
        own + of_all
    };
    match found.into_iter().find(|row| count(row.id) >= u64::from(limit)) {
        None => Ok(()),
        Some(full) => Err(Error::conflict(format!(
            "{} has reached its limit of active webhooks: {limit}. Deactivate one that is not needed.",
            full.name
        ))
        .into()),
    }
}
