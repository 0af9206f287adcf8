//! A project's connection to its tracker.

use app::model::id::{IntegrationId, ProjectId};
use app::model::integration::Provider;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationId,
    /// Unique: one a project.
    pub project_id: ProjectId,
    pub provider: Provider,
    pub base_url: String,
    pub repository: String,
    /// [`Credentials`](app::model::integration::Credentials) as JSON, encrypted.
    pub credentials: Option<Vec<u8>>,
    /// The latest failure to read, in words.
    pub sync_error: Option<String>,
    pub synced_at: Option<DateTimeUtc>,
    /// The tracker's rate limit: nothing is read before this.
    pub paused_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The place that the credentials are sealed for.
#[must_use]
pub fn credentials_place(id: IntegrationId) -> String {
    format!("integrations.credentials:{id}")
}
