//! An entry of the audit log. It never contains a secret.

use app::model::audit::AuditAction;
use app::model::id::{AuditId, ProjectId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditId,
    /// Null for an action on the instance or a user.
    pub project_id: Option<ProjectId>,
    /// Null for Testbell itself.
    pub actor_id: Option<UserId>,
    /// The user's name at that time.
    pub actor_name: Option<String>,
    pub action: AuditAction,
    /// The ID of what changed.
    pub subject: String,
    /// The name at that time.
    pub subject_name: String,
    pub detail: Option<String>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
