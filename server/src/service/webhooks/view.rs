//! The views of webhooks, without secrets and tokens.

use std::collections::HashMap;

use app::error::Result;
use app::model::catalog::Subscription;
use app::model::custom_header::CustomHeader;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{SecretId, WebhookId};
use app::model::people::Actor;
use app::model::webhook::{Direction, Health, SecretInfo, Webhook};
use app::model::webhook_scope::WebhookScope;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::held_count::{held_counts, queued_counts};
use super::scope::ScopeAccess;
use super::subscriptions;
use crate::app_state::AppState;
use crate::dispatch::health_change;
use crate::entity::{webhook, webhook_secret};
use crate::service::refused_calls;
use crate::storage::internal;

/// The views of webhooks in the same order. Their secrets have no text.
pub(crate) async fn webhook_views(state: &AppState, actor: &Actor, rows: Vec<webhook::Model>) -> Result<Vec<Webhook>> {
    let access = ScopeAccess::load(state, actor, &rows).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let held = held_counts(state.store.read(), &ids).await?;
    let has_queue =
        |row: &&webhook::Model| row.kind.has_digests() || DeliveryPolicy::from(&row.policy).has_shown_queue();
    let limited = rows.iter().filter(has_queue);
    let queued = queued_counts(state.store.read(), &limited.map(|row| row.id).collect::<Vec<_>>()).await?;
    let mut events = subscriptions::load(state.store.read(), &ids).await.map_err(internal)?;
    let mut refused = refused_calls::last_refused(state, &ids).await?;
    let mut secrets = valid_secrets(state, ids).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let events = events.remove(&row.id).unwrap_or_default();
            let secrets = secrets.remove(&row.id).unwrap_or_default();
            let held_count = held.get(&row.id).copied().unwrap_or_default();
            let last_refused = refused.remove(&row.id);
            let queued_count = queued.get(&row.id).copied().unwrap_or_default();
            let (project_id, scope) = (access.shown_project(&row), access.view(&row));
            let view = webhook_view(state, row, scope, events, secrets);
            Webhook { project_id, held_count, queued_count, last_refused, ..view }
        })
        .collect())
}

/// The view of a webhook without held deliveries and refused requests.
fn webhook_view(
    state: &AppState,
    row: webhook::Model,
    scope: WebhookScope,
    events: Vec<Subscription>,
    secrets: Vec<SecretInfo>,
) -> Webhook {
    let now = state.clock.schedule_now();
    let health_change = health_change(&row);
    let paused_until = row.paused_until.filter(|until| *until > now && row.health != Health::Disabled);
    let paused_until = paused_until.map(|until| state.clock.time_of_day(until));
    let url = match row.direction {
        // Stored as a path, so that it follows a change of the public URL.
        Direction::Inbound => state.config.link(&row.display_url),
        Direction::Outbound => row.display_url,
    };
    let signing = row.kind.destination().filter(|kind| kind.can_sign()).map(|_| row.signing);
    let custom_headers = row.header_names.0.into_iter().map(|name| CustomHeader { name, value: None }).collect();
    let policy = (row.direction == Direction::Outbound).then(|| DeliveryPolicy::from(&row.policy));
    Webhook {
        id: row.id,
        project_id: row.project_id,
        scope,
        direction: row.direction,
        kind: row.kind,
        name: row.name,
        url,
        events,
        conditions: row.conditions,
        body_template: row.body_template,
        active: row.active,
        while_inactive: row.while_inactive,
        instance_paused: row.instance_paused,
        health: row.health,
        consecutive_failures: row.consecutive_failures.unsigned_abs(),
        disabled_after: policy.as_ref().map(|policy| policy.disabled_after).filter(|failures| *failures > 0),
        policy,
        health_change,
        paused_until,
        next_probe_at: row.next_probe_at.map(|at| state.clock.time_of_day(at)),
        held_count: 0,
        queued_count: 0,
        last_dispatched_at: row.last_dispatched_at,
        last_success_at: row.last_success_at,
        last_failure_at: row.last_failure_at,
        last_refused: None,
        created_at: row.created_at,
        secrets,
        signing,
        custom_headers,
        allow_insecure: row.allow_insecure,
    }
}

/// Newest first, without their text.
async fn valid_secrets(state: &AppState, webhooks: Vec<WebhookId>) -> Result<HashMap<WebhookId, Vec<SecretInfo>>> {
    use webhook_secret::Column;
    let in_force = Condition::any().add(Column::RetiresAt.is_null()).add(Column::RetiresAt.gt(state.clock.now()));
    let rows = webhook_secret::Entity::find()
        .select_only()
        .columns([
            Column::WebhookId,
            Column::Id,
            Column::CreatedAt,
            Column::RetiresAt,
            Column::Extended,
            Column::PublicKey,
        ])
        .filter(Column::WebhookId.is_in(webhooks))
        .filter(in_force)
        .order_by_desc(Column::Id)
        .into_tuple::<(WebhookId, SecretId, DateTime<Utc>, Option<DateTime<Utc>>, bool, Option<String>)>()
        .all(state.store.read())
        .await
        .map_err(internal)?;
    let mut secrets: HashMap<_, Vec<_>> = HashMap::new();
    for (webhook, id, created_at, retires_at, extended, public_key) in rows {
        secrets.entry(webhook).or_default().push(SecretInfo { id, created_at, retires_at, extended, public_key });
    }
    Ok(secrets)
}
