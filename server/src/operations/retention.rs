//! Deletes old rows: finished deliveries with their attempts, events that no delivery needs any more and
//! receipts after the retention period, audit entries after two years, notifications after 90 days, idempotency keys after a day, and
//! expired sessions, invites and inspector URLs, and the content of deleted attachments. It works in small batches, so that no writer waits for long. Once a day it also refreshes
//! the statistics of SQLite.
//!
//! IDs contain their creation time, so the primary key finds old rows.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::id::{AuditId, InspectorUrlId, InviteId, NotificationId, RangeReplayId};
use app::model::inspector::EXPIRED_INSPECTOR_DAYS;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;
use uuid::{Builder, Uuid};

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::stats_hour;
use crate::entity::{
    audit, idempotency_key, inspector_url, invite, notification, range_replay, receipt, session, webhook_stats as stats,
};
use crate::operations::{attachment_deletion, instance_settings, retention_scan};
use crate::storage::{Tx, report_outage};

const SWEEP_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Otherwise the statistics would be outdated after months without a restart.
const OPTIMIZE_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);
/// Until well after a yearly audit.
const AUDIT_RETENTION: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);
/// For how long a notification is kept, read or not.
const NOTIFICATION_RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// A little more than the longest period of statistics.
const STATS_RETENTION: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// For how long an `Idempotency-Key` is kept.
const IDEMPOTENCY_KEY_RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// Inspector URLs that are deleted in one transaction, each with up to a hundred requests.
const BATCH_INSPECTOR_URLS: u64 = 5;
/// After this long, an upload that was not completed is abandoned. No request takes longer.
const MAX_UPLOAD_DURATION: TimeDelta = TimeDelta::hours(1);
/// Rows that are deleted in one transaction.
pub const BATCH_ROWS: u64 = 500;

/// Runs until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let mut optimize_at = state.clock.instant() + OPTIMIZE_INTERVAL;
    loop {
        let next = state.clock.instant() + SWEEP_INTERVAL;
        if let Err(error) = sweep(&state, &shutdown).await {
            report_outage(&error, "failed to delete old rows");
        }
        if state.clock.instant() >= optimize_at {
            optimize_at = state.clock.instant() + OPTIMIZE_INTERVAL;
            if let Err(error) = state.store.optimize().await {
                report_outage(&error, "failed to refresh the database's statistics");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.clock.sleep_until(next) => {}
        }
    }
}

async fn sweep(state: &AppState, shutdown: &CancellationToken) -> Result<(), DbErr> {
    let now = state.clock.now();
    let days = instance_settings::retention_days(state).await?;
    let cutoff = now - Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let deliveries = retention_scan::deliveries(state, cutoff, shutdown).await?;
    let events = retention_scan::events(state, cutoff, shutdown).await?;
    if deliveries + events > 0 {
        record(state, deliveries, events, days).await?;
    }
    let mut removed = deliveries + events;
    for table in RetainedTable::ALL {
        loop {
            if shutdown.is_cancelled() {
                return Ok(());
            }
            let change =
                state.store.write(move |tx| Box::pin(async move { table.delete_batch(tx, now, cutoff).await }));
            let batch: u64 = change.await?;
            removed += batch;
            if batch < table.batch_rows() {
                break;
            }
        }
    }
    if removed > 0 {
        tracing::info!(rows = removed, "deleted old rows");
    }
    Ok(())
}

/// Writes what was deleted to the audit log.
async fn record(state: &AppState, deliveries: u64, events: u64, days: u32) -> Result<(), DbErr> {
    let state_in_tx = state.clone();
    let detail = format!("Older than {days} days. Deliveries deleted: {deliveries}. Events deleted: {events}.");
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let entry = NewAuditEntry {
                project: None,
                actor: None,
                action: AuditAction::HistoryExpired,
                subject: "instance".to_owned(),
                name: "All projects",
                detail: Some(detail),
            };
            audit_log::record(&state_in_tx, tx, entry).await
        })
    });
    change.await
}

#[derive(Clone, Copy)]
enum RetainedTable {
    Receipts,
    Audit,
    Sessions,
    Invites,
    WebhookStats,
    Notifications,
    InspectorUrls,
    RangeReplays,
    IdempotencyKeys,
    Attachments,
}

impl RetainedTable {
    const ALL: [Self; 10] = [
        Self::Receipts,
        Self::Audit,
        Self::Sessions,
        Self::Invites,
        Self::WebhookStats,
        Self::Notifications,
        Self::InspectorUrls,
        Self::RangeReplays,
        Self::IdempotencyKeys,
        Self::Attachments,
    ];

    /// How many rows of it one transaction deletes.
    const fn batch_rows(self) -> u64 {
        match self {
            Self::InspectorUrls => BATCH_INSPECTOR_URLS,
            Self::Attachments => attachment_deletion::BATCH_ATTACHMENTS,
            _ => BATCH_ROWS,
        }
    }

    /// Deletes a batch of rows that are older than `cutoff`, or expired before `now`.
    async fn delete_batch(self, tx: &Tx<'_>, now: DateTime<Utc>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
        match self {
            Self::Receipts => receipts(tx, cutoff).await,
            Self::Audit => audit_entries(tx, now - AUDIT_RETENTION).await,
            Self::Sessions => sessions(tx, now).await,
            Self::Invites => invites(tx, now).await,
            Self::WebhookStats => webhook_stats(tx, stats_hour(now - STATS_RETENTION)).await,
            Self::Notifications => notifications(tx, now - NOTIFICATION_RETENTION).await,
            Self::InspectorUrls => inspector_urls(tx, now - TimeDelta::days(EXPIRED_INSPECTOR_DAYS)).await,
            Self::RangeReplays => range_replays(tx, cutoff).await,
            Self::IdempotencyKeys => idempotency_keys(tx, now - IDEMPOTENCY_KEY_RETENTION).await,
            Self::Attachments => attachment_deletion::delete_batch(tx, now - MAX_UPLOAD_DURATION).await,
        }
    }
}

/// The smallest ID of a time.
pub fn first_id(of: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(of.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

async fn receipts(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    let old = receipt::Entity::find()
        .filter(receipt::Column::ReceivedAt.lt(cutoff))
        .order_by_asc(receipt::Column::ReceivedAt)
        .limit(BATCH_ROWS)
        .all(tx.db())
        .await?;
    // Rows as old as the last one of the batch are deleted with it.
    let Some(last) = old.last() else { return Ok(0) };
    let delete = receipt::Entity::delete_many().filter(receipt::Column::ReceivedAt.lte(last.received_at));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn audit_entries(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    let old: Vec<AuditId> = audit::Entity::find()
        .select_only()
        .column(audit::Column::Id)
        .filter(audit::Column::Id.lt(AuditId(first_id(cutoff))))
        .order_by_asc(audit::Column::Id)
        .limit(BATCH_ROWS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = audit::Entity::delete_many().filter(audit::Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn notifications(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    let old: Vec<NotificationId> = notification::Entity::find()
        .select_only()
        .column(notification::Column::Id)
        .filter(notification::Column::Id.lt(NotificationId(first_id(cutoff))))
        .order_by_asc(notification::Column::Id)
        .limit(BATCH_ROWS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = notification::Entity::delete_many().filter(notification::Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn webhook_stats(tx: &Tx<'_>, first: i32) -> Result<u64, DbErr> {
    let old = stats::Entity::find().filter(stats::Column::Hour.lt(first)).order_by_asc(stats::Column::Hour);
    let old = old.limit(BATCH_ROWS).all(tx.db()).await?;
    // The rest of the last hour is deleted with it.
    let Some(last) = old.last() else { return Ok(0) };
    let delete = stats::Entity::delete_many().filter(stats::Column::Hour.lte(last.hour));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn sessions(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let over: Vec<String> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::ExpiresAt.lte(now))
        .limit(BATCH_ROWS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = session::Entity::delete_many().filter(session::Column::Id.is_in(over));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn invites(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let over: Vec<InviteId> = invite::Entity::find()
        .select_only()
        .column(invite::Column::Id)
        .filter(invite::Column::ExpiresAt.lte(now))
        .limit(BATCH_ROWS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = invite::Entity::delete_many().filter(invite::Column::Id.is_in(over));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

/// Those that have ended.
async fn range_replays(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    use range_replay::Column;
    let old: Vec<RangeReplayId> = range_replay::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.lt(RangeReplayId(first_id(cutoff))))
        .filter(Column::FinishedAt.is_not_null())
        .order_by_asc(Column::Id)
        .limit(BATCH_ROWS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = range_replay::Entity::delete_many().filter(Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn idempotency_keys(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    use idempotency_key::Column;
    let old: Vec<Uuid> = idempotency_key::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lte(cutoff))
        .limit(BATCH_ROWS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = idempotency_key::Entity::delete_many().filter(Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

/// With their requests.
async fn inspector_urls(tx: &Tx<'_>, expired_before: DateTime<Utc>) -> Result<u64, DbErr> {
    let over: Vec<InspectorUrlId> = inspector_url::Entity::find()
        .select_only()
        .column(inspector_url::Column::Id)
        .filter(inspector_url::Column::ExpiresAt.lte(expired_before))
        .limit(BATCH_INSPECTOR_URLS)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = inspector_url::Entity::delete_many().filter(inspector_url::Column::Id.is_in(over));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}
