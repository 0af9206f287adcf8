//! Deliveries of both directions, visible to all members of the project.

mod by_hand;
pub(crate) mod digest_part;
pub(crate) mod replay;
pub(crate) mod replay_queue;
pub mod search;
pub(crate) mod selection;
mod subject_id;
pub mod view;

use std::collections::HashMap;

use app::error::{Error, Result};
use app::model::delivery::{
    ChangedDeliveries, Delivery, DeliveryCount, DeliveryDetail, DeliveryQuery, ManualAction, ReplayResult,
};
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::replay_filter::ReplayFilter;
use app::model::webhook::{DeletedWebhook, Direction};
use app::service::Deliveries;
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::{require_member, require_system_admin};
use crate::app_state::AppState;
use crate::destinations;
use crate::entity::json::WebhookPolicy;
use crate::entity::{attempt, delivery, event, project, webhook};
use crate::service::cursor;
use crate::storage::internal;
use selection::ChangeAccess;
use view::ShownWebhook;

/// The maximum number of attempts in a response, the latest ones. An endpoint that asks to wait can
/// get many.
pub(crate) const MAX_SHOWN_ATTEMPTS: u64 = 100;

#[async_trait]
impl Deliveries for AppState {
    async fn list_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<Page<Delivery>> {
        require_member(self, actor, project).await?;
        let query = digest_part::resolved(self, actor, query).await?;
        found(self, actor, project, &query).await
    }

    async fn count_deliveries(&self, actor: &Actor, project: ProjectId, query: DeliveryQuery) -> Result<DeliveryCount> {
        require_member(self, actor, project).await?;
        let query = digest_part::resolved(self, actor, query).await?;
        search::count(self.store.read(), project, &query).await
    }

    async fn deleted_webhooks(
        &self,
        actor: &Actor,
        project: ProjectId,
        page: PageQuery,
    ) -> Result<Page<DeletedWebhook>> {
        require_member(self, actor, project).await?;
        let kept = Query::select()
            .expr(Expr::val(1))
            .from(delivery::Entity)
            .and_where(Expr::col((delivery::Entity, delivery::Column::ProjectId)).eq(project))
            .and_where(
                Expr::col((delivery::Entity, delivery::Column::WebhookId))
                    .equals((webhook::Entity, webhook::Column::Id)),
            )
            .to_owned();
        let deleted =
            webhook::Entity::find().filter(webhook::Column::DeletedAt.is_not_null()).filter(Expr::exists(kept));
        let by_id = (webhook::Column::Id, |row: &webhook::Model| row.id);
        let page = cursor::newest_first(self.store.read(), deleted, by_id, &page).await?;
        Ok(page.map(|row| {
            // For an inbound webhook, a path with an invalid token is stored.
            let url = if row.direction == Direction::Outbound { row.display_url } else { String::new() };
            DeletedWebhook { id: row.id, name: row.name, url, created_at: row.created_at }
        }))
    }

    async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<DeliveryDetail> {
        let db = self.store.read();
        let row = delivery::Entity::find_by_id(id).one(db).await.map_err(internal)?.ok_or(Error::NotFound)?;
        let orphaned = require_history(self, actor, row.project_id).await?;
        let webhook = webhook::Entity::find_by_id(row.webhook_id).one(db).await.map_err(internal)?;
        let kind = webhook.as_ref().and_then(|webhook| webhook.kind.destination());
        let implementation = kind.map(destinations::implementation);
        let shown = webhook.as_ref().map_or_else(ShownWebhook::unknown, ShownWebhook::from);
        let digest_webhook = webhook.clone();
        let paused_until = webhook.as_ref().and_then(|webhook| webhook.paused_until);
        let template = webhook.as_ref().and_then(|webhook| webhook.body_template.clone());
        let destination = match webhook {
            Some(webhook) if webhook.direction == Direction::Inbound => webhook.kind.label().to_owned(),
            Some(webhook) => webhook.display_url,
            None => String::new(),
        };
        let rows = attempt::Entity::find()
            .filter(attempt::Column::DeliveryId.eq(id))
            .order_by_desc(attempt::Column::Number)
            .limit(MAX_SHOWN_ATTEMPTS)
            .all(db)
            .await
            .map_err(internal)?;
        let event = event_of(self, row.event_id).await?;
        let payload_erased = event.as_ref().and_then(|event| view::erasure(event.erased_at, event.erased_by.clone()));
        let envelope = event.filter(|event| event.erased_at.is_none()).map(|event| event.body);
        let attempts: Vec<_> =
            rows.into_iter().rev().map(|row| view::attempt(row, implementation, envelope.as_deref())).collect();
        let digest_part =
            digest_part::digest_part(self, actor, &row, (digest_webhook.as_ref(), envelope.as_deref())).await?;
        let subject_id = subject_id::subject_id(self, &row, envelope.as_deref()).await?;
        let can_change = ChangeAccess::load(self, actor, std::slice::from_ref(&row)).await?.allows(&row);
        let latest = attempts.last();
        let detail = DeliveryDetail {
            destination: latest.and_then(|latest| latest.destination.clone()).unwrap_or(destination),
            body: latest.and_then(|latest| latest.request_body.clone()).or_else(|| {
                envelope.map(|envelope| match kind {
                    Some(kind) => destinations::preview_body(kind, template.as_ref(), envelope),
                    None => envelope,
                })
            }),
            payload_erased,
            body_sha256: row.body_sha256.as_deref().map(hex::encode),
            issue_id: row.issue_id,
            subject_id,
            attempts,
            chain: replay::replay_chain(self, &row).await?,
            digest_part,
            delivery: Delivery { orphaned, ..view::delivery(row, shown, can_change).paused(paused_until) },
        };
        Ok(digest_part::hidden(detail))
    }

    async fn replay_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery> {
        replay::replay_one(self, actor, id).await
    }

    async fn replay_deliveries(&self, actor: &Actor, ids: Vec<DeliveryId>) -> Result<ReplayResult> {
        replay::replay_selected(self, actor, ids).await
    }

    async fn replay_filtered(&self, actor: &Actor, project: ProjectId, filter: ReplayFilter) -> Result<ReplayResult> {
        replay::replay_matching(self, actor, project, filter).await
    }

    async fn change_delivery(&self, actor: &Actor, id: DeliveryId, action: ManualAction) -> Result<Delivery> {
        by_hand::change_one(self, actor, id, action).await
    }

    async fn change_deliveries(
        &self,
        actor: &Actor,
        ids: Vec<DeliveryId>,
        action: ManualAction,
    ) -> Result<ChangedDeliveries> {
        by_hand::change_selected(self, actor, ids, action).await
    }
}

/// A page of the deliveries of a project that match a query, for a caller who may read them.
///
/// # Errors
/// [`Error::Invalid`] for an invalid filter or cursor.
pub(crate) async fn found(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    query: &DeliveryQuery,
) -> Result<Page<Delivery>> {
    let page = search::page(state.store.read(), project, query).await?;
    let webhooks = shown_webhooks(state, &page.items).await?;
    let access = ChangeAccess::load(state, actor, &page.items).await?;
    Ok(page.map(|row| {
        let webhook = webhooks.get(&row.webhook_id).cloned().unwrap_or_else(ShownWebhook::unknown);
        let can_change = access.allows(&row);
        view::delivery(row, webhook, can_change)
    }))
}

/// What the deliveries show of their webhooks.
async fn shown_webhooks(state: &AppState, rows: &[delivery::Model]) -> Result<HashMap<WebhookId, ShownWebhook>> {
    let mut ids: Vec<WebhookId> = rows.iter().map(|row| row.webhook_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = webhook::Entity::find()
        .select_only()
        .columns([webhook::Column::Id, webhook::Column::Name, webhook::Column::Policy])
        .expr(webhook::Column::DeletedAt.is_not_null())
        .filter(webhook::Column::Id.is_in(ids))
        .into_tuple::<(WebhookId, String, WebhookPolicy, bool)>()
        .all(state.store.read())
        .await
        .map_err(internal)?;
    let shown = |(id, name, policy, deleted): (_, String, WebhookPolicy, bool)| {
        (id, ShownWebhook { name, deleted, max_attempts: DeliveryPolicy::from(&policy).max_attempts() })
    };
    Ok(found.into_iter().map(shown).collect())
}

async fn event_of(state: &AppState, event: Option<EventId>) -> Result<Option<event::Model>> {
    let Some(id) = event else { return Ok(None) };
    event::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)
}

/// Requires that the caller may read the history of a project: its members, and system admins once it is deleted.
/// Returns whether it is deleted.
async fn require_history(state: &AppState, actor: &Actor, id: ProjectId) -> Result<bool> {
    let refused = match require_member(state, actor, id).await {
        Ok(_) => return Ok(false),
        Err(error) => error,
    };
    let is_hidden = matches!(refused, Error::NotFound);
    if !is_hidden || require_system_admin(actor).is_err() {
        return Err(refused);
    }
    let row = project::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    if row.is_some_and(|project| project.deleted_at.is_some()) { Ok(true) } else { Err(refused) }
}
