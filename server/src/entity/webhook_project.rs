//! A project whose events a webhook sends.

use app::model::id::{ProjectId, WebhookId};
use app::model::webhook_scope::ScopeKind;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, QueryOrder, QuerySelect};

use super::{project, webhook};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_projects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: WebhookId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The projects whose pages show a webhook, in the order of their IDs.
///
/// # Errors
/// Those of the database.
pub async fn projects_of(db: &impl ConnectionTrait, webhook: &webhook::Model) -> Result<Vec<ProjectId>, DbErr> {
    match webhook.scope {
        ScopeKind::Project => Ok(vec![webhook.project_id]),
        ScopeKind::Projects => {
            let select = Entity::find().select_only().column(Column::ProjectId);
            let select = select.filter(Column::WebhookId.eq(webhook.id)).order_by_asc(Column::ProjectId);
            select.into_tuple().all(db).await
        }
        ScopeKind::All => {
            let select = project::Entity::find().select_only().column(project::Column::Id);
            let select = select.filter(project::Column::DeletedAt.is_null()).order_by_asc(project::Column::Id);
            select.into_tuple().all(db).await
        }
    }
}
