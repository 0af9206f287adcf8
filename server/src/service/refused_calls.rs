//! The latest refused request of each inbound webhook, for its card.

use std::collections::HashMap;

use app::error::Result;
use app::model::id::WebhookId;
use app::model::refused_call::LastRefusedCall;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::app_state::AppState;
use crate::entity::refused_call;
use crate::storage::internal;

/// The latest refused call of each webhook that has one.
pub(super) async fn last_refused(
    state: &AppState,
    webhooks: &[WebhookId],
) -> Result<HashMap<WebhookId, LastRefusedCall>> {
    let rows = refused_call::Entity::find()
        .filter(refused_call::Column::WebhookId.is_in(webhooks.iter().copied()))
        .all(state.store.read())
        .await
        .map_err(internal)?;
    let view = |row: refused_call::Model| LastRefusedCall {
        at: row.refused_at,
        reason: row.reason,
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
    };
    Ok(rows.into_iter().map(|row| (row.webhook_id, view(row))).collect())
}
