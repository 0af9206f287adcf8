//! A secret of a webhook. It signs outbound requests, or verifies inbound ones.

use app::model::id::{SecretId, WebhookId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SecretId,
    pub webhook_id: WebhookId,
    /// The text as shown once, or an ed25519 private key, encrypted.
    pub secret: Vec<u8>,
    /// The public key of an ed25519 key pair.
    pub public_key: Option<String>,
    /// Whether it was extended, which is possible once.
    pub extended: bool,
    pub created_at: DateTimeUtc,
    /// When it stops signing; null for the current secret.
    pub retires_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The associated data with which a secret is encrypted.
#[must_use]
pub fn secret_aad(id: SecretId) -> String {
    format!("webhook_secrets.secret:{id}")
}
