//! A POST with an `Idempotency-Key`, and its response.

use app::model::id::UserId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Derived from the user, the token and the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: UserId,
    /// The SHA-256 of method, URL and body.
    pub request: Vec<u8>,
    /// The response, encrypted, because it may contain a secret. Null until it is there.
    pub response: Option<Vec<u8>>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The associated data of a response.
#[must_use]
pub fn response_aad(id: Uuid) -> String {
    format!("idempotency_keys.response:{id}")
}
