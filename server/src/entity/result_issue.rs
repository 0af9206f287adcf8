//! An issue that is linked to a result.

use app::model::id::{IssueId, ResultId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "result_issues")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub result_id: ResultId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub issue_id: IssueId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::result::Entity", from = "Column::ResultId", to = "super::result::Column::Id")]
    Result,
    #[sea_orm(belongs_to = "super::issue::Entity", from = "Column::IssueId", to = "super::issue::Column::Id")]
    Issue,
}

impl Related<super::issue::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Issue.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
