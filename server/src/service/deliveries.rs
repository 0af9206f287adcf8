//! Deliveries of both directions, to be read by every member.

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery, Replayed};
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::webhook::{DeletedWebhook, Direction, WebhookKind};
use app::service::Deliveries;
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{cursor, delivery_search, delivery_view};
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

    async fn deleted_webhooks(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<DeletedWebhook>> {
        self.reader(actor, project).await?;
        // A webhook and its deliveries are of one project.
        let kept = Query::select()
            .expr(Expr::val(1))
            .from(delivery::Entity)
            .and_where(
                Expr::col((delivery::Entity, delivery::Column::ProjectId))
                    .equals((webhook::Entity, webhook::Column::ProjectId)),
            )
            .and_where(
                Expr::col((delivery::Entity, delivery::Column::WebhookId))
                    .equals((webhook::Entity, webhook::Column::Id)),
            )
            .to_owned();
        let mut deleted = webhook::Entity::find()
            .filter(webhook::Column::ProjectId.eq(project))
            .filter(webhook::Column::DeletedAt.is_not_null())
            .filter(Expr::exists(kept))
            .order_by_desc(webhook::Column::Id)
            .limit(page.limit() + 1);
        if let Some(before) = cursor::parse_id::<WebhookId>(page.cursor.as_deref())? {
            deleted = deleted.filter(webhook::Column::Id.lt(before));
        }
        let rows = deleted.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| row.id.to_string());
        Ok(page.map(|row| {
            // An inbound one is stored as a path with a token that is no more.
            let url = if row.direction == Direction::Outbound { row.shown_url } else { String::new() };
            DeletedWebhook { id: row.id, name: row.name, url, created_at: row.created_at }
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
