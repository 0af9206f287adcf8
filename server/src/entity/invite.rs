//! An invite. Accepting it deletes the row, so that its link works once.

use app::model::id::{InviteId, ProjectId, UserId};
use app::model::people::Role;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invites")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InviteId,
    pub project_id: ProjectId,
    pub email: String,
    pub role: Role,
    /// SHA-256 of the token in the link.
    pub token_hash: Vec<u8>,
    pub invited_by: UserId,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
