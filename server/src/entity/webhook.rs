//! A webhook of either direction. A deleted one keeps its row for its deliveries.

use app::model::id::{ProjectId, WebhookId};
use app::model::webhook::{Direction, Health, WebhookKind};
use sea_orm::entity::prelude::*;

use super::json::EventTypes;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WebhookId,
    pub project_id: ProjectId,
    pub direction: Direction,
    pub kind: WebhookKind,
    pub name: String,
    /// The endpoint, encrypted; outbound only.
    pub url: Option<Vec<u8>>,
    /// The address with whatever is a credential covered.
    pub shown_url: String,
    /// SHA-256 of the token in the inbound address.
    pub token_hash: Option<Vec<u8>>,
    /// The token's first characters.
    pub token_hint: Option<String>,
    pub events: EventTypes,
    pub health: Health,
    pub consecutive_failures: i32,
    pub last_dispatched_at: Option<DateTimeUtc>,
    pub last_success_at: Option<DateTimeUtc>,
    pub last_failure_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The place that a webhook's address is sealed for.
#[must_use]
pub fn url_place(id: WebhookId) -> String {
    format!("webhooks.url:{id}")
}
