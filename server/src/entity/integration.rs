//! The integration of a project.

use app::model::id::{IntegrationId, ProjectId};
use app::model::provider::Provider;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationId,
    /// Unique: a project has one integration.
    pub project_id: ProjectId,
    pub provider: Provider,
    pub base_url: String,
    pub repository: String,
    /// Whether issues of other repositories or projects are not imported.
    pub only_from_repository: bool,
    /// Whether milestones are kept in sync with those of the tracker.
    pub sync_milestones: bool,
    /// The tracker's ID of the own project, if its milestones name only that; learned from issues.
    pub tracker_project_id: Option<String>,
    /// [`Credentials`](app::model::integration::Credentials) as JSON, encrypted.
    pub credentials: Option<Vec<u8>>,
    /// Why the latest sync failed.
    pub sync_error: Option<String>,
    pub synced_at: Option<DateTimeUtc>,
    /// The tracker's rate limit: nothing is fetched before this.
    pub paused_until: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The associated data that the credentials are encrypted with.
#[must_use]
pub fn credentials_aad(id: IntegrationId) -> String {
    format!("integrations.credentials:{id}")
}
