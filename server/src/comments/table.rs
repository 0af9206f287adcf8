//! A comment.

use app::comments::CommentId;
use app::model::catalog::Subject;
use app::model::id::{ProjectId, UserId};
use app::model::item_id::ItemId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommentId,
    pub project_id: ProjectId,
    /// The subject of the item. With its UUID, that is its ID.
    pub subject: Subject,
    pub item: Uuid,
    pub text: String,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
    /// `None` if it was not changed since.
    pub updated_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// What it is about.
    #[must_use]
    pub fn item_id(&self) -> ItemId {
        ItemId::new(self.subject, self.item)
    }
}

impl ActiveModelBehavior for ActiveModel {}
