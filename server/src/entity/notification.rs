//! A notification of a user about a webhook.

use app::model::catalog::EventType;
use app::model::id::{NotificationId, ProjectId, UserId, WebhookId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationId,
    pub user_id: UserId,
    pub project_id: ProjectId,
    /// The type of the event. Text, because an older version may not know it.
    pub event_type: String,
    pub webhook_id: WebhookId,
    /// The name that the webhook had then.
    pub webhook_name: String,
    /// What happened, in a sentence.
    pub reason: String,
    pub created_at: DateTimeUtc,
    /// Null while it is unread.
    pub read_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The event type, if this version knows it.
    #[must_use]
    pub fn event(&self) -> Option<EventType> {
        self.event_type.parse().ok()
    }
}
