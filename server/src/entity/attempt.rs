//! One request of a delivery and its result.

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
    /// The URL without its credential. Null if nothing was sent, and for old attempts.
    pub destination: Option<String>,
    pub request_headers: Headers,
    /// The body, if it is not the event's envelope.
    pub request_body: Option<String>,
    pub response_headers: Headers,
    pub response_body: Option<String>,
    pub response_truncated: bool,
    /// When the headers and the body of the response were erased.
    pub response_erased_at: Option<DateTimeUtc>,
    /// The name of who erased them.
    pub response_erased_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
