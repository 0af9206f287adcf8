//! Replays deliveries. A replay is a new row with the same event, so with the same body and
//! `webhook-id`, that refers to the delivery it replays. All rows of a chain also refer to its
//! first delivery, so that one index read finds them even if a delivery in between was purged.
//!
//! Only project admins replay, because it sends requests. Inbound events can't be replayed, because
//! only the SHA-256 of their body is stored.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::delivery::{ChainLink, Delivery, MAX_REPLAYED_DELIVERIES, ReplayResult};
use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, ProjectId};
use app::model::people::Actor;
use app::model::replay_filter::ReplayFilter;
use app::model::webhook::Direction;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::require_admin;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::delivery::Column;
use crate::entity::{delivery, project, webhook};
use crate::service::TxError;
use crate::service::deliveries::digest_part::resolved;
use crate::service::deliveries::replay_queue::enqueue;
use crate::service::deliveries::search as delivery_search;
use crate::service::deliveries::selection::{managed, require_all, selected, too_many};
use crate::storage::internal;

/// The maximum number of deliveries shown before and after a delivery in its chain.
const MAX_NEIGHBORS: u64 = 50;
/// Why inbound events can't be replayed.
const INBOUND_NOT_REPLAYABLE: &str =
    "Inbound events can't be replayed, because Testbell doesn't store their body. Resend the event from the tracker.";

/// The chain of a delivery, oldest first.
pub(crate) async fn replay_chain(state: &AppState, row: &delivery::Model) -> Result<Vec<ChainLink>> {
    let Some(root) = row.replay_root else { return Ok(Vec::new()) };
    let db = state.store.read();
    let of_chain = || delivery_search::select_chain(root).limit(MAX_NEIGHBORS);
    let before = of_chain().filter(Column::Id.lte(row.id)).order_by_desc(Column::Id).all(db).await;
    let after = of_chain().filter(Column::Id.gt(row.id)).order_by_asc(Column::Id).all(db).await;
    let (before, after) = (before.map_err(internal)?, after.map_err(internal)?);
    let link = |row: delivery::Model| ChainLink {
        id: row.id,
        replay_of: row.replay_of,
        status: row.shown_status(),
        created_at: row.created_at,
    };
    Ok(before.into_iter().rev().chain(after).map(link).collect())
}

/// Replays one delivery.
///
/// # Errors
/// [`Error::Invalid`] for an inbound one, [`Error::Conflict`] if its webhook was deleted or its
/// event is no longer stored.
pub(crate) async fn replay_one(state: &AppState, actor: &Actor, id: DeliveryId) -> Result<Delivery> {
    let row = managed(state, actor, id).await?;
    if row.direction == Direction::Inbound {
        return Err(Error::invalid(INBOUND_NOT_REPLAYABLE));
    }
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let (project, event) = (row.project_id, row.event_type.clone());
            let replay = enqueue(&state_in_tx, tx, vec![row]).await?.pop().ok_or(Error::NotFound)?;
            let detail = Some(format!("Replayed as {}.", replay.id));
            let entry = NewAuditEntry::for_project(&actor, project, AuditAction::DeliveriesReplayed, id, &event);
            audit_log::record(&state_in_tx, tx, NewAuditEntry { detail, ..entry }).await?;
            Ok::<_, TxError>(replay)
        })
    });
    Ok(change.await?)
}

/// Replays all selected deliveries, or none.
///
/// # Errors
/// Those of [`selected`] and of [`replay_one`].
pub(crate) async fn replay_selected(state: &AppState, actor: &Actor, ids: Vec<DeliveryId>) -> Result<ReplayResult> {
    let (project, rows) = selected(state, actor, ids, "replayed").await?;
    let (inbound, outbound): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.direction == Direction::Inbound);
    replay_rows(state, actor, project, outbound, u32::try_from(inbound.len()).unwrap_or(u32::MAX)).await
}

/// Replays all deliveries that match a filter, or none. Those of deleted webhooks are skipped.
///
/// # Errors
/// [`Error::Invalid`] for no filter and for too many deliveries, and those of [`replay_one`].
pub(crate) async fn replay_matching(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    filter: ReplayFilter,
) -> Result<ReplayResult> {
    let access = require_admin(state, actor, project).await?;
    let db = state.store.read();
    let query = resolved(state, actor, filter.into_query()?).await?;
    let wants_digests = query.event.as_deref() == Some(DIGEST_EVENT);
    let found = delivery_search::bounded(db, project, &query).await?.order_by_desc(Column::Id);
    let active_webhooks = Query::select()
        .column(webhook::Column::Id)
        .from(webhook::Entity)
        .and_where(webhook::Column::DeletedAt.is_null())
        .to_owned();
    // What a digest covers matches, too, and is summed up again.
    let digests = (!wants_digests).then(|| Column::EventType.ne(DIGEST_EVENT));
    let replayable = Condition::all()
        .add(Column::Direction.eq(Direction::Outbound))
        .add_option(digests)
        .add(Column::WebhookId.in_subquery(active_webhooks));
    let wanted = found.clone().filter(replayable.clone()).limit(MAX_REPLAYED_DELIVERIES as u64 + 1);
    let mut rows = wanted.all(db).await.map_err(internal)?;
    if rows.len() > MAX_REPLAYED_DELIVERIES {
        return Err(too_many("replayed", "the filter finds more"));
    }
    rows.reverse();
    require_all(state, actor, &rows).await?;
    let skipped = found.filter(replayable.not()).count(db).await.map_err(internal)?;
    replay_rows(state, actor, access.project, rows, u32::try_from(skipped).unwrap_or(u32::MAX)).await
}

/// Oldest first, so that they arrive in the order in which they happened.
async fn replay_rows(
    state: &AppState,
    actor: &Actor,
    project: project::Model,
    rows: Vec<delivery::Model>,
    skipped: u32,
) -> Result<ReplayResult> {
    if rows.is_empty() {
        return Ok(ReplayResult { queued: Vec::new(), skipped });
    }
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let queued = enqueue(&state_in_tx, tx, rows).await?;
            let detail = Some(format!("{} queued, {skipped} skipped.", queued.len()));
            let (id, name) = (project.id, &project.name);
            let entry = NewAuditEntry::for_project(&actor, id, AuditAction::DeliveriesReplayed, id, name);
            audit_log::record(&state_in_tx, tx, NewAuditEntry { detail, ..entry }).await?;
            Ok::<_, TxError>(ReplayResult { queued, skipped })
        })
    });
    Ok(change.await?)
}
