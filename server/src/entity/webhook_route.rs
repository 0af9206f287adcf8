//! A project and a subscription of a webhook: what the outbox looks up for each event. Derived from the projects
//! and the subscriptions, which are the source.

use app::model::id::{ProjectId, WebhookId};
use sea_orm::entity::prelude::*;

/// Stands for all projects.
pub const ALL_PROJECTS: ProjectId = ProjectId(Uuid::nil());

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_routes")]
pub struct Model {
    /// The project, or [`ALL_PROJECTS`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    /// The text form of a [`Subscription`](app::model::catalog::Subscription).
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_type: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: WebhookId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
