//! A milestone of the tracker. It keeps its row when it is deleted there, so that no late event brings it back.

use app::model::id::ProjectId;
use app::model::provider::Provider;
use app::testware::milestone::MilestoneId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "milestone_sources")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: Provider,
    /// The tracker's own ID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// Null if it was deleted in the tracker before it was known here.
    pub milestone_id: Option<MilestoneId>,
    /// Its page in the tracker.
    pub url: Option<String>,
    /// When it last changed in the tracker.
    pub tracker_updated_at: Option<DateTimeUtc>,
    /// When its latest state arrived.
    pub synced_at: DateTimeUtc,
    /// When it was deleted in the tracker.
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
