//! Deliveries of both directions, to be read by every member.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery, Replayed};
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::page::Page;
use app::model::people::Actor;
use app::model::webhook::{Direction, WebhookKind};
use app::service::Deliveries;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{delivery_search, delivery_view};
use crate::core::Core;
use crate::dispatch::format;
use crate::entity::{attempt, delivery, event, webhook};
use crate::storage::internal;

/// The most attempts of one delivery that are shown; there are never as many.
const ATTEMPTS_SHOWN: u64 = 100;

#[async_trait]
impl Deliveries for Core {
    async fn list_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<Page<Delivery>> {
        self.reader(actor, project).await?;
        let rows = delivery_search::select(project, &query)?.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, query.page().limit(), |row| row.id.to_string());
        let names = self.webhook_names(&page.items).await?;
        Ok(page.map(|row| {
            let (name, deleted) = names.get(&row.webhook_id).cloned().unwrap_or((String::new(), true));
            delivery_view::delivery(row, name, deleted)
        }))
    }

    async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail> {
        let db = self.store.read();
        let row = delivery::Entity::find_by_id(id).one(db).await.map_err(internal)?.ok_or(Error::NotFound)?;
        self.reader(actor, row.project_id).await?;
        let webhook = webhook::Entity::find_by_id(row.webhook_id).one(db).await.map_err(internal)?;
        let kind = webhook.as_ref().map_or(WebhookKind::Generic, |webhook| webhook.kind);
        let deleted = webhook.as_ref().is_none_or(|webhook| webhook.deleted_at.is_some());
        let (name, destination) = match webhook {
            Some(webhook) if webhook.direction == Direction::Inbound => (webhook.name, webhook.kind.label().to_owned()),
            Some(webhook) => (webhook.name, webhook.shown_url),
            None => Default::default(),
        };
        let attempts = attempt::Entity::find()
            .filter(attempt::Column::DeliveryId.eq(id))
            .order_by_asc(attempt::Column::Number)
            .limit(ATTEMPTS_SHOWN)
            .all(db)
            .await
            .map_err(internal)?;
        Ok(DeliveryDetail {
            destination,
            body: self.envelope(row.event_id).await?.map(|envelope| format::body(kind, envelope)),
            digest: row.digest.as_deref().map(hex::encode),
            issue_id: row.issue_id,
            attempt_list: attempts.into_iter().map(delivery_view::attempt).collect(),
            chain: self.chain(&row).await?,
            delivery: delivery_view::delivery(row, name, deleted),
        })
    }

    async fn replay_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery> {
        self.replay_one(actor, id).await
    }

    async fn replay_deliveries(&self, actor: &Actor, ids: Vec<DeliveryId>) -> Result<Replayed> {
        self.replay_all(actor, ids).await
    }

    async fn replay_filtered(&self, actor: &Actor, project: ProjectId, filter: DeliveryQuery) -> Result<Replayed> {
        self.replay_found(actor, project, filter).await
    }
}

impl Core {
    /// What the webhooks of deliveries are called, and whether they were deleted since.
    async fn webhook_names(&self, rows: &[delivery::Model]) -> Result<HashMap<WebhookId, (String, bool)>> {
        let mut ids: Vec<WebhookId> = rows.iter().map(|row| row.webhook_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let names = webhook::Entity::find()
            .select_only()
            .columns([webhook::Column::Id, webhook::Column::Name])
            .expr(webhook::Column::DeletedAt.is_not_null())
            .filter(webhook::Column::Id.is_in(ids))
            .into_tuple::<(WebhookId, String, bool)>()
            .all(self.store.read())
            .await
            .map_err(internal)?;
        Ok(names.into_iter().map(|(id, name, deleted)| (id, (name, deleted))).collect())
    }

    async fn envelope(&self, event: Option<EventId>) -> Result<Option<String>> {
        let Some(id) = event else { return Ok(None) };
        let event = event::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        Ok(event.map(|event| event.body))
    }
}
