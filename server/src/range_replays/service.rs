//! What users do with replays by time range. Members see them; project admins start and stop them.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{RangeReplayId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::range_replay::{MAX_RANGE_REPLAY, RangeReplay, ReplayCount, ReplayRange};
use app::model::webhook::Direction;
use app::service::RangeReplays;
use app::time;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};

use super::job::notify;
use super::selection::{Counted, Selection};
use super::view;
use crate::access::{require_admin, require_member};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{range_replay, webhook};
use crate::service::cursor;
use crate::service::webhooks::{managed, visible};
use crate::service::{TxError, TxResult};
use crate::storage::{Tx, internal};

#[async_trait]
impl RangeReplays for AppState {
    async fn count_range_replay(&self, actor: &Actor, id: WebhookId, range: ReplayRange) -> Result<ReplayCount> {
        // It counts the events of all projects of the webhook.
        let webhook = managed(self, actor, id).await?;
        count(self, &webhook, range).await
    }

    async fn start_range_replay(&self, actor: &Actor, id: WebhookId, range: ReplayRange) -> Result<RangeReplay> {
        // It sends the events of all projects of the webhook.
        let webhook = managed(self, actor, id).await?;
        let counted = count(self, &webhook, range).await?;
        if counted.capped {
            let why = "The range has too many events. Select a shorter one.";
            return Err(Error::field("since", why));
        }
        start(self, actor, id, range, counted).await
    }

    async fn list_range_replays(&self, actor: &Actor, id: WebhookId, page: PageQuery) -> Result<Page<RangeReplay>> {
        visible(self, actor, id).await?;
        let of_webhook = range_replay::Entity::find().filter(range_replay::Column::WebhookId.eq(id));
        let by_id = (range_replay::Column::Id, |row: &range_replay::Model| row.id);
        let page = cursor::newest_first(self.store.read(), of_webhook, by_id, &page).await?;
        let items = view::views(self.store.read(), page.items).await.map_err(internal)?;
        Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn range_replay(&self, actor: &Actor, id: RangeReplayId) -> Result<RangeReplay> {
        let row = found(self, id).await?;
        if is_active(self, row.webhook_id).await? {
            visible(self, actor, row.webhook_id).await?;
        } else {
            require_member(self, actor, row.project_id).await?;
        }
        view_of(self, row).await
    }

    async fn stop_range_replay(&self, actor: &Actor, id: RangeReplayId) -> Result<RangeReplay> {
        let row = found(self, id).await?;
        if is_active(self, row.webhook_id).await? {
            managed(self, actor, row.webhook_id).await?;
        } else {
            require_admin(self, actor, row.project_id).await?;
        }
        let (state_in_tx, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| Box::pin(async move { stop(&state_in_tx, tx, &actor, row.id).await }));
        let row = change.await?;
        self.range_replays.notify_one();
        view_of(self, row).await
    }
}

/// Whether the webhook was not deleted.
async fn is_active(state: &AppState, id: WebhookId) -> Result<bool> {
    let row = webhook::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    Ok(row.is_some_and(|row| row.deleted_at.is_none()))
}

async fn found(state: &AppState, id: RangeReplayId) -> Result<range_replay::Model> {
    let row = range_replay::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    row.ok_or(Error::NotFound)
}

async fn view_of(state: &AppState, row: range_replay::Model) -> Result<RangeReplay> {
    view::views(state.store.read(), vec![row]).await.map_err(internal)?.pop().ok_or(Error::NotFound)
}

async fn count(state: &AppState, webhook: &webhook::Model, range: ReplayRange) -> Result<ReplayCount> {
    if webhook.direction == Direction::Inbound {
        return Err(Error::invalid("Only outbound webhooks can replay. Resend the events from the tracker."));
    }
    let (since, until) = resolved(range, state.clock.now())?;
    let db = state.store.read();
    let selection = Selection::load(db, webhook, range.source, (since, until)).await.map_err(internal)?;
    let Counted { count, at_least } = selection.count(db).await.map_err(internal)?;
    Ok(ReplayCount { count: count.min(MAX_RANGE_REPLAY), capped: count > MAX_RANGE_REPLAY, at_least, since, until })
}

/// A range that ended already, so that what happens during the replay is not a part of it.
fn resolved(range: ReplayRange, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let until = range.until.map_or(now, |until| until.min(now));
    if range.since >= until {
        return Err(Error::field("since", "Select a start time before the end, in the past."));
    }
    Ok((range.since, until))
}

async fn start(
    state: &AppState,
    actor: &Actor,
    id: WebhookId,
    range: ReplayRange,
    counted: ReplayCount,
) -> Result<RangeReplay> {
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let webhook = lock_idle(tx, id).await?;
            let row = range_replay::Model {
                id: state_in_tx.ids.next(),
                project_id: webhook.project_id,
                webhook_id: id,
                source: range.source,
                since: counted.since,
                until: counted.until,
                processed_up_to: None,
                total: i32::try_from(counted.count).unwrap_or(i32::MAX),
                total_at_least: counted.at_least,
                queued: 0,
                skipped: 0,
                actor_id: Some(actor.id),
                actor_name: actor.name.clone(),
                requested_at: state_in_tx.clock.now(),
                stopped_at: None,
                stopped_by: None,
                finished_at: None,
            };
            let stored = row.clone().into_active_model().reset_all();
            range_replay::Entity::insert(stored).exec_without_returning(tx.db()).await?;
            let detail = started_detail(&row);
            let entry = NewAuditEntry::for_webhook(&actor, AuditAction::ReplayStarted, &webhook, Some(detail));
            audit_log::record(&state_in_tx, tx, entry).await?;
            notify(tx, id).await?;
            Ok::<_, TxError>(row)
        })
    });
    let row = change.await?;
    state.range_replays.notify_one();
    view_of(state, row).await
}

/// `Missed events from 20 Nov 2026, 14:01:07 UTC to 21 Nov 2026, 14:01:07 UTC: 12.`
fn started_detail(row: &range_replay::Model) -> String {
    let (since, until) = (time::exact(row.since), time::exact(row.until));
    let least = if row.total_at_least { "at least " } else { "" };
    format!("{} from {since} to {until}: {least}{}.", row.source.label(), row.total)
}

/// Locks a webhook that sends and has no open replay.
async fn lock_idle(tx: &Tx<'_>, id: WebhookId) -> TxResult<webhook::Model> {
    let row = webhook::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
    if row.blocked().is_some() {
        let why = match (row.active, row.instance_paused) {
            (false, _) => "The webhook is inactive. Activate it first.",
            (true, true) => "All webhooks are paused. Resume the webhook first.",
            (true, false) => "The webhook is disabled. Re-enable it first.",
        };
        return Err(Error::conflict(why).into());
    }
    let open = range_replay::Entity::find()
        .filter(range_replay::Column::WebhookId.eq(id))
        .filter(range_replay::Column::FinishedAt.is_null());
    if open.count(tx.db()).await? > 0 {
        return Err(
            Error::conflict("Another replay of this webhook is running. Wait until it ends, or stop it.").into()
        );
    }
    Ok(row)
}

async fn stop(state: &AppState, tx: &Tx<'_>, actor: &Actor, id: RangeReplayId) -> TxResult<range_replay::Model> {
    let row = range_replay::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?.ok_or(Error::NotFound)?;
    if row.finished_at.is_some() || row.stopped_at.is_some() {
        return Err(Error::conflict("The replay has ended already.").into());
    }
    let change = range_replay::ActiveModel {
        id: Set(id),
        stopped_at: Set(Some(state.clock.now())),
        stopped_by: Set(Some(actor.name.clone())),
        ..Default::default()
    };
    let row = range_replay::Entity::update(change).exec(tx.db()).await?;
    let webhook = webhook::Entity::find_by_id(row.webhook_id).one(tx.db()).await?.ok_or(Error::NotFound)?;
    let detail = Some(format!("{} of {} were queued.", row.queued, row.total));
    let entry = NewAuditEntry::for_webhook(actor, AuditAction::ReplayStopped, &webhook, detail);
    audit_log::record(state, tx, entry).await?;
    notify(tx, row.webhook_id).await?;
    Ok(row)
}
