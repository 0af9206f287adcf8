//! A private URL that shows the requests it gets.

use app::model::id::{InspectorUrlId, ProjectId};
use app::model::inspector::ResponseContentType;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inspector_urls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InspectorUrlId,
    pub project_id: ProjectId,
    /// SHA-256 of the token in the URL.
    pub token_hash: Vec<u8>,
    /// The token, encrypted.
    pub token: Vec<u8>,
    /// The token's first characters.
    pub token_hint: String,
    /// The secret of the sender, encrypted.
    pub signing_secret: Option<Vec<u8>>,
    pub status: i32,
    pub delay_ms: i32,
    pub content_type: ResponseContentType,
    pub body: String,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The associated data with which a token is encrypted.
#[must_use]
pub fn token_aad(id: InspectorUrlId) -> String {
    format!("inspector_urls.token:{id}")
}

/// The associated data with which a signing secret is encrypted.
#[must_use]
pub fn secret_aad(id: InspectorUrlId) -> String {
    format!("inspector_urls.signing_secret:{id}")
}
