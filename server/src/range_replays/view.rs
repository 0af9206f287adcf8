//! The views of replays, with the progress of their deliveries.

use std::collections::HashMap;

use app::model::id::{RangeReplayId, WebhookId};
use app::model::range_replay::{RangeReplay, RangeReplayStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select};

use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, range_replay, webhook};

/// How many deliveries of these replays have each status.
#[must_use]
pub fn select_counts(ids: Vec<RangeReplayId>) -> Select<delivery::Entity> {
    use delivery::Column;
    delivery::Entity::find()
        .select_only()
        .columns([Column::RangeReplayId, Column::Status])
        .column_as(Column::Id.count(), "count")
        .filter(Column::RangeReplayId.is_in(ids))
        .group_by(Column::RangeReplayId)
        .group_by(Column::Status)
}

/// The views of replays in the same order.
pub async fn views(db: &impl ConnectionTrait, rows: Vec<range_replay::Model>) -> Result<Vec<RangeReplay>, DbErr> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let webhooks: Vec<WebhookId> = rows.iter().map(|row| row.webhook_id).collect();
    let webhooks = webhook::Entity::find().filter(webhook::Column::Id.is_in(webhooks)).all(db).await?;
    let blocked: HashMap<_, _> = webhooks.iter().map(|webhook| (webhook.id, webhook.blocked().is_some())).collect();
    let counted: Vec<(RangeReplayId, StoredStatus, i64)> = select_counts(ids).into_tuple().all(db).await?;
    let view = |row: range_replay::Model| {
        let count = |is: &dyn Fn(StoredStatus) -> bool| {
            let of_row = counted.iter().filter(|(id, status, _)| *id == row.id && is(*status));
            u32::try_from(of_row.map(|(.., count)| *count).sum::<i64>()).unwrap_or(u32::MAX)
        };
        RangeReplay {
            id: row.id,
            project_id: row.project_id,
            webhook_id: row.webhook_id,
            source: row.source,
            since: row.since,
            until: row.until,
            status: status(&row, blocked.get(&row.webhook_id).copied().unwrap_or_default()),
            total: row.total.unsigned_abs(),
            total_at_least: row.total_at_least,
            queued: row.queued.unsigned_abs(),
            skipped: row.skipped.unsigned_abs(),
            delivered: count(&|status| status == StoredStatus::Delivered),
            waiting: count(&|status| matches!(status, StoredStatus::Pending | StoredStatus::Held)),
            exhausted: count(&|status| status == StoredStatus::Failed),
            cancelled: count(&|status| status == StoredStatus::Discarded),
            requested_by: row.actor_name,
            requested_at: row.requested_at,
            stopped_by: row.stopped_by,
            finished_at: row.finished_at,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

const fn status(row: &range_replay::Model, is_blocked: bool) -> RangeReplayStatus {
    match (row.stopped_at, row.finished_at) {
        (Some(_), Some(_)) => RangeReplayStatus::Stopped,
        (Some(_), None) => RangeReplayStatus::Stopping,
        (None, Some(_)) => RangeReplayStatus::Completed,
        (None, None) if is_blocked => RangeReplayStatus::Waiting,
        (None, None) => RangeReplayStatus::Running,
    }
}
