//! A request that an inspector URL got.

use app::model::id::{InspectorRequestId, InspectorUrlId};
use app::model::inspector::SignatureCheck;
use sea_orm::entity::prelude::*;

use super::json::Headers;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inspector_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InspectorRequestId,
    pub inspector_url_id: InspectorUrlId,
    pub received_at: DateTimeUtc,
    pub method: String,
    /// What follows the token, with the query.
    pub path: String,
    pub address: String,
    /// The name of its event, if it has one.
    pub event: Option<String>,
    pub headers: Headers,
    pub headers_truncated: bool,
    pub body: Vec<u8>,
    pub body_bytes: i64,
    pub truncated: bool,
    pub signature: SignatureCheck,
    pub signature_detail: String,
    /// Of the response.
    pub status: i32,
    pub duration_ms: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
