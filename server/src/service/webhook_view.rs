//! Webhooks as they are shown: never with a secret or a token.

use std::collections::HashMap;

use app::error::Result;
use app::model::id::{SecretId, WebhookId};
use app::model::webhook::{Direction, SecretInfo, Webhook};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::core::Core;
use crate::entity::{webhook, webhook_secret};
use crate::storage::internal;

impl Core {
    /// Shows webhooks, in the same order, with what may be told of their secrets.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn show_webhooks(&self, rows: Vec<webhook::Model>) -> Result<Vec<Webhook>> {
        let ids = rows.iter().map(|row| row.id).collect();
        let mut secrets = self.secrets_in_force(ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let secrets = secrets.remove(&row.id).unwrap_or_default();
                self.show_webhook(row, secrets)
            })
            .collect())
    }

    /// Shows a webhook with what may be told of its secrets.
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
            last_dispatched_at: row.last_dispatched_at,
            last_success_at: row.last_success_at,
            last_failure_at: row.last_failure_at,
            created_at: row.created_at,
            secrets,
        }
    }

    /// The newest first; their text is not even read.
    async fn secrets_in_force(&self, webhooks: Vec<WebhookId>) -> Result<HashMap<WebhookId, Vec<SecretInfo>>> {
        use webhook_secret::Column;
        let in_force = Condition::any().add(Column::RetiresAt.is_null()).add(Column::RetiresAt.gt(self.clock.now()));
        let rows = webhook_secret::Entity::find()
            .select_only()
            .columns([Column::WebhookId, Column::Id, Column::CreatedAt, Column::RetiresAt])
            .filter(Column::WebhookId.is_in(webhooks))
            .filter(in_force)
            .order_by_desc(Column::Id)
            .into_tuple::<(WebhookId, SecretId, DateTime<Utc>, Option<DateTime<Utc>>)>()
            .all(self.store.read())
            .await
            .map_err(internal)?;
        let mut secrets: HashMap<_, Vec<_>> = HashMap::new();
        for (webhook, id, created_at, retires_at) in rows {
            secrets.entry(webhook).or_default().push(SecretInfo { id, created_at, retires_at });
        }
        Ok(secrets)
    }
}
