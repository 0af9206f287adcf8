//! A file that is attached to a result. Its content is in [chunks](super::chunks).

use app::model::id::{ProjectId, ResultId, UserId};
use app::testware::attachment::AttachmentId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attachments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttachmentId,
    pub project_id: ProjectId,
    /// Null once it is deleted, until its content is deleted too.
    pub result_id: Option<ResultId>,
    /// The run or session of the result.
    pub parent_id: Uuid,
    pub name: String,
    /// By its content.
    pub content_type: String,
    /// Of an incomplete upload: what it may become.
    pub size: i64,
    /// Whether all of it was received.
    pub complete: bool,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
