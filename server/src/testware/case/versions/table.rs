//! A change of a test case.

use app::model::id::UserId;
use app::testware::case::history::CaseVersionId;
use app::testware::case::{CaseContent, CaseId, CaseState};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::entity::json::Strings;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CaseVersionId,
    pub case_id: CaseId,
    pub user_id: UserId,
    pub created_at: DateTimeUtc,
    /// The names of the fields that differ.
    pub changed: Strings,
    /// `None` for the creation.
    pub before: Option<Snapshot>,
    pub after: Snapshot,
}

/// A test case as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase", default)]
pub struct Snapshot {
    pub content: CaseContent,
    pub state: CaseState,
    pub automation_links: Vec<String>,
    /// Those that changed, each with its name.
    pub custom_fields: Vec<String>,
    /// The key and the name of its suite; empty without one.
    pub suite: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
