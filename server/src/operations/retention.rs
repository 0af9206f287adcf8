//! Removes what is older than it is kept: ended deliveries with their attempts, the events that
//! no delivery needs any more, and the digests of what was received; after two years the entries of
//! the audit log; also sessions and invitations that have run out. Small batches, so that no writer
//! waits for long.
//!
//! Ids carry the time they were made, so that the primary key serves the search for old rows.

use std::time::Duration;

use app::model::delivery::{DeliveryStatus, TEST_EVENT};
use app::model::id::{AuditId, DeliveryId, EventId, InviteId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;
use uuid::{Builder, Uuid};

use crate::core::Core;
use crate::entity::{audit, delivery, event, invite, receipt, session};
use crate::storage::Tx;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How long who did what is kept: until well after the yearly look at it.
const AUDIT_KEPT: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);
/// The most rows of one change.
const BATCH: u64 = 500;

/// Runs until `shutdown`.
pub async fn run(core: Core, shutdown: CancellationToken) {
    loop {
        let next = core.clock.now() + EVERY;
        if let Err(error) = sweep(&core, &shutdown).await {
            tracing::error!(%error, "old rows could not be removed; they are next time");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = core.clock.sleep_until(next) => {}
        }
    }
}

async fn sweep(core: &Core, shutdown: &CancellationToken) -> Result<(), DbErr> {
    let now = core.clock.now();
    let cutoff = now - Duration::from_secs(u64::from(core.config.retention_days) * 24 * 60 * 60);
    let mut removed = 0;
    for kind in [Kind::Deliveries, Kind::Events, Kind::Receipts, Kind::Audit, Kind::Sessions, Kind::Invites] {
        loop {
            if shutdown.is_cancelled() {
                return Ok(());
            }
            let change = core.store.write(move |tx| Box::pin(async move { kind.remove(tx, now, cutoff).await }));
            let batch: u64 = change.await?;
            removed += batch;
            if batch < BATCH {
                break;
            }
        }
    }
    if removed > 0 {
        tracing::info!(rows = removed, "old rows were removed");
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Deliveries,
    Events,
    Receipts,
    Audit,
    Sessions,
    Invites,
}

impl Kind {
    /// Removes a batch of what is older than `cutoff`, or ran out before `now`.
    async fn remove(self, tx: &Tx<'_>, now: DateTime<Utc>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
        match self {
            Self::Deliveries => deliveries(tx, cutoff).await,
            Self::Events => events(tx, cutoff).await,
            Self::Receipts => receipts(tx, cutoff).await,
            Self::Audit => audit_entries(tx, now - AUDIT_KEPT).await,
            Self::Sessions => sessions(tx, now).await,
            Self::Invites => invites(tx, now).await,
        }
    }
}

/// The least id of a moment.
fn first_id(of: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(of.timestamp_millis()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// Their attempts go with them.
async fn deliveries(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    let old: Vec<DeliveryId> = delivery::Entity::find()
        .select_only()
        .column(delivery::Column::Id)
        .filter(delivery::Column::Id.lt(DeliveryId(first_id(cutoff))))
        .filter(delivery::Column::Status.is_not_in([DeliveryStatus::Pending, DeliveryStatus::Held]))
        .order_by_asc(delivery::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = delivery::Entity::delete_many().filter(delivery::Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn events(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    let needs = Query::select()
        .expr(Expr::val(1))
        .from(delivery::Entity)
        .and_where(Expr::col((delivery::Entity, delivery::Column::EventId)).equals((event::Entity, event::Column::Id)))
        .to_owned();
    let old: Vec<EventId> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::Id.lt(EventId(first_id(cutoff))))
        // One for each webhook: its tests stay the same to the byte.
        .filter(event::Column::EventType.ne(TEST_EVENT))
        .filter(Expr::exists(needs).not())
        .order_by_asc(event::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = event::Entity::delete_many().filter(event::Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn receipts(tx: &Tx<'_>, cutoff: DateTime<Utc>) -> Result<u64, DbErr> {
    let old = receipt::Entity::find()
        .filter(receipt::Column::ReceivedAt.lt(cutoff))
        .order_by_asc(receipt::Column::ReceivedAt)
        .limit(BATCH)
        .all(tx.db())
        .await?;
    // What has the age of the batch's last is removed with it.
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
        .limit(BATCH)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = audit::Entity::delete_many().filter(audit::Column::Id.is_in(old));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}

async fn sessions(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let over: Vec<String> = session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::ExpiresAt.lte(now))
        .limit(BATCH)
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
        .limit(BATCH)
        .into_tuple()
        .all(tx.db())
        .await?;
    let delete = invite::Entity::delete_many().filter(invite::Column::Id.is_in(over));
    Ok(delete.exec(tx.db()).await?.rows_affected)
}
