//! Keeps `webhook_routes` equal to the projects and the subscriptions of a webhook. Called in the transaction of each
//! change of either, after it.

use app::model::id::WebhookId;
use app::model::webhook_scope::ScopeKind;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::entity::webhook_route::{ALL_PROJECTS, Column, Entity};
use crate::entity::{webhook_project, webhook_subscription};
use crate::storage::Tx;

/// Replaces what is stored of a webhook with this scope.
pub(super) async fn rebuild(tx: &Tx<'_>, id: WebhookId, scope: ScopeKind) -> Result<(), DbErr> {
    delete(tx, id).await?;
    let subscription = |column| (webhook_subscription::Entity, column);
    let project = |column| (webhook_project::Entity, column);
    let event_type = Expr::col(subscription(webhook_subscription::Column::EventType));
    let mut select = Query::select();
    match scope {
        ScopeKind::All => select.expr(Expr::value(ALL_PROJECTS)),
        ScopeKind::Project | ScopeKind::Projects => select.column(project(webhook_project::Column::ProjectId)),
    };
    select
        .expr(event_type)
        .column(subscription(webhook_subscription::Column::WebhookId))
        .from(webhook_subscription::Entity)
        .and_where(Expr::col(subscription(webhook_subscription::Column::WebhookId)).eq(id));
    if scope != ScopeKind::All {
        let same = Expr::col(project(webhook_project::Column::WebhookId))
            .equals(subscription(webhook_subscription::Column::WebhookId));
        select.inner_join(webhook_project::Entity, same);
    }
    let insert = Query::insert()
        .into_table(Entity)
        .columns([Column::ProjectId, Column::EventType, Column::WebhookId])
        .select_from(select.take())
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .take();
    tx.db().execute(&insert).await.map(drop)
}

/// Deletes what is stored of a webhook.
pub(super) async fn delete(tx: &Tx<'_>, id: WebhookId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::WebhookId.eq(id)).exec(tx.db()).await.map(drop)
}
