//! One request of a delivery and what came of it.

use app::model::id::{AttemptId, DeliveryId};
use sea_orm::entity::prelude::*;

use super::json::Headers;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AttemptId,
    pub delivery_id: DeliveryId,
    /// 1 for the first.
    pub number: i32,
    pub started_at: DateTimeUtc,
    pub duration_ms: i32,
    pub status_code: Option<i32>,
    pub error: Option<String>,
    pub request_headers: Headers,
    pub response_headers: Headers,
    pub response_body: Option<String>,
    pub response_truncated: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
