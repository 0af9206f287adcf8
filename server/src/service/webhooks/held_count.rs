//! Counts the held and the queued deliveries of webhooks for their cards. The count is capped: a card is read again after
//! each delivery, and a disabled webhook may hold any number of them.

use std::collections::HashMap;

use app::error::Result;
use app::model::delivery::MAX_COUNTED_DELIVERIES;
use app::model::id::WebhookId;
use sea_orm::sea_query::{Expr, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::dispatch::delivery_queue::COLLECTED;
use crate::entity::delivery::{Column, Entity, StoredStatus};
use crate::storage::internal;

/// The number of held deliveries of each webhook that has some, at most [`MAX_COUNTED_DELIVERIES`].
///
/// # Errors
/// When the database fails.
pub async fn held_counts(db: &impl ConnectionTrait, webhooks: &[WebhookId]) -> Result<HashMap<WebhookId, u32>> {
    counts(db, webhooks, &Column::Status.eq(StoredStatus::Held)).await
}

/// The same for deliveries that are waiting for an attempt or a digest, or in flight.
///
/// # Errors
/// When the database fails.
pub async fn queued_counts(db: &impl ConnectionTrait, webhooks: &[WebhookId]) -> Result<HashMap<WebhookId, u32>> {
    let mut queued = counts(db, webhooks, &Column::NextAttemptAt.is_not_null()).await?;
    for (webhook, count) in counts(db, webhooks, &Expr::cust(COLLECTED)).await? {
        let all = queued.entry(webhook).or_default();
        *all = all.saturating_add(count).min(MAX_COUNTED_DELIVERIES);
    }
    Ok(queued)
}

async fn counts(db: &impl ConnectionTrait, webhooks: &[WebhookId], which: &Expr) -> Result<HashMap<WebhookId, u32>> {
    let mut counts = webhooks.iter().enumerate().map(|(position, webhook)| count(position, *webhook, which));
    let Some(mut all) = counts.next() else { return Ok(HashMap::new()) };
    for count in counts {
        all.union(UnionType::All, count);
    }
    let rows = db.query_all(&all).await.map_err(internal)?;
    let read = |row: &sea_orm::QueryResult| -> std::result::Result<_, DbErr> {
        Ok((row.try_get::<i32>("", "position")?, row.try_get::<i64>("", "found")?))
    };
    let mut held = HashMap::new();
    for row in &rows {
        let (position, count) = read(row).map_err(internal)?;
        if let Some(webhook) = usize::try_from(position).ok().and_then(|position| webhooks.get(position)) {
            held.insert(*webhook, u32::try_from(count).unwrap_or(MAX_COUNTED_DELIVERIES));
        }
    }
    held.retain(|_, count| *count > 0);
    Ok(held)
}

fn count(position: usize, webhook: WebhookId, which: &Expr) -> SelectStatement {
    let held = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WebhookId.eq(webhook))
        .filter(which.clone())
        .limit(u64::from(MAX_COUNTED_DELIVERIES))
        .into_query();
    Query::select()
        .expr_as(Expr::cust(position.to_string()), "position")
        .expr_as(Expr::cust("COUNT(*)"), "found")
        .from_subquery(held, "limited")
        .to_owned()
}
