//! A reviewer of a review, with the decision.

use app::model::id::UserId;
use app::testware::review::{ReviewId, ReviewerDecision};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "review_reviewers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub review_id: ReviewId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    pub decision: ReviewerDecision,
    /// `None` while the decision is pending.
    pub decided_at: Option<DateTimeUtc>,
    pub added_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
