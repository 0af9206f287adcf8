//! Webhooks as they are shown: never with a secret or a token.

use std::collections::HashMap;

use app::error::Result;
use app::model::delivery::DeliveryStatus;
use app::model::id::{SecretId, WebhookId};
use app::model::webhook::{Direction, SecretInfo, Webhook};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::core::Core;
use crate::entity::{delivery, webhook, webhook_secret};
use crate::storage::internal;

impl Core {
    /// Shows webhooks, in the same order, with what may be told of their secrets.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn show_webhooks(&self, rows: Vec<webhook::Model>) -> Result<Vec<Webhook>> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let held = self.held(&ids).await?;
        let mut secrets = self.secrets_in_force(ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let secrets = secrets.remove(&row.id).unwrap_or_default();
                let held = held.get(&row.id).copied().unwrap_or_default();
                Webhook { held, ..self.show_webhook(row, secrets) }
            })
            .collect())
    }

    /// Shows a webhook for which nothing is held, with what may be told of its secrets.
    pub(super) fn show_webhook(&self, row: webhook::Model, secrets: Vec<SecretInfo>) -> Webhook {
        let url = match row.direction {
            // Stored as a path, so that it follows the instance to another address.
            Direction::Inbound => self.config.link(&row.shown_url),
            Direction::Outbound => row.shown_url,
        };
        Webhook {
            id: row.id,
            project_id: row.project_id,
            direction: row.direction,
            kind: row.kind,
            name: row.name,
            url,
            events: row.events.0,
            health: row.health,
            consecutive_failures: row.consecutive_failures.unsigned_abs(),
            held: 0,
            last_dispatched_at: row.last_dispatched_at,
            last_success_at: row.last_success_at,
            last_failure_at: row.last_failure_at,
            created_at: row.created_at,
            secrets,
        }
    }

    /// How many deliveries wait for each until it is enabled again.
    async fn held(&self, webhooks: &[WebhookId]) -> Result<HashMap<WebhookId, u32>> {
        use delivery::Column;
        let counts = delivery::Entity::find()
            .select_only()
            .column(Column::WebhookId)
            .column_as(Column::Id.count(), "held")
            .filter(Column::WebhookId.is_in(webhooks.iter().copied()))
            .filter(Column::Status.eq(DeliveryStatus::Held))
            .group_by(Column::WebhookId)
            .into_tuple::<(WebhookId, i64)>()
            .all(self.store.read())
            .await
            .map_err(internal)?;
        Ok(counts.into_iter().map(|(webhook, held)| (webhook, u32::try_from(held).unwrap_or(u32::MAX))).collect())
    }

    /// The newest first; their text is not even read.
    async fn secrets_in_force(&self, webhooks: Vec<WebhookId>) -> Result<HashMap<WebhookId, Vec<SecretInfo>>> {
        use webhook_secret::Column;
        let in_force = Condition::any().add(Column::RetiresAt.is_null()).add(Column::RetiresAt.gt(self.clock.now()));
        let rows = webhook_secret::Entity::find()
            .select_only()
            .columns([Column::WebhookId, Column::Id, Column::CreatedAt, Column::RetiresAt, Column::Extended])
            .filter(Column::WebhookId.is_in(webhooks))
            .filter(in_force)
            .order_by_desc(Column::Id)
            .into_tuple::<(WebhookId, SecretId, DateTime<Utc>, Option<DateTime<Utc>>, bool)>()
            .all(self.store.read())
            .await
            .map_err(internal)?;
        let mut secrets: HashMap<_, Vec<_>> = HashMap::new();
        for (webhook, id, created_at, retires_at, extended) in rows {
            secrets.entry(webhook).or_default().push(SecretInfo { id, created_at, retires_at, extended });
        }
        Ok(secrets)
    }
}
