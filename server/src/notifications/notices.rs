//! Limits the notifications about a webhook that fails and recovers again and again: one of each kind an hour. What is
//! left out is counted, and the next one of its kind says so. A webhook that is disabled after people were told that it
//! works, or is degraded, is always reported, so nobody believes that a disabled webhook sends. If the last thing that
//! people were told is no longer true when the limit ends, they are told the present state then ([`super::late`]).

use app::model::catalog::EventType;
use app::model::id::WebhookId;
use app::model::webhook::Health;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Statement};

use crate::app_state::AppState;
use crate::entity::webhook_notice::{ActiveModel, Column, Entity, Model};
use crate::storage::Tx;

/// The minimum time between two notifications of a kind about one webhook.
const INTERVAL: TimeDelta = TimeDelta::hours(1);
/// The maximum number of webhooks of one check. The others follow with the next one.
const MAX_LATE: u32 = 500;

/// A notification that is due.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DueNotice {
    /// How many were left out before it.
    pub left_out: u32,
    /// Whether people were told that the webhook was disabled, and not yet that it works again.
    pub told_disabled: bool,
}

/// The event that a webhook in this health was told with.
pub(super) const fn event_of_health(health: Health) -> EventType {
    match health {
        Health::Healthy => EventType::WebhookRecovered,
        Health::Degraded => EventType::WebhookDegraded,
        Health::Disabled => EventType::WebhookDisabled,
    }
}

/// Whether a notification is due. Otherwise it is counted. The caller has locked the webhook.
pub(super) async fn take(
    state: &AppState,
    tx: &Tx<'_>,
    webhook: WebhookId,
    event: EventType,
) -> Result<Option<DueNotice>, DbErr> {
    let now = state.clock.now();
    let sent = Entity::find().filter(Column::WebhookId.eq(webhook)).all(tx.db()).await?;
    let own = sent.iter().find(|notice| notice.event_type == event.as_str());
    let left_out = own.map_or(0, |own| own.left_out);
    let is_due =
        own.is_none_or(|own| !is_recent(own, now) || (event == EventType::WebhookDisabled && is_news(own, &sent)));
    let notified_at = own.filter(|_| !is_due).map_or(now, |own| own.notified_at);
    let counted = if is_due { 0 } else { left_out.saturating_add(1) };
    store(tx, webhook, event, (notified_at, counted)).await?;
    let notice = DueNotice { left_out: left_out.unsigned_abs(), told_disabled: is_told_disabled(&sent) };
    Ok(is_due.then_some(notice))
}

/// The same for the present health, if its notification was left out and people were told something else. The caller
/// has locked the webhook.
pub(super) async fn take_late(
    state: &AppState,
    tx: &Tx<'_>,
    webhook: WebhookId,
    event: EventType,
) -> Result<Option<DueNotice>, DbErr> {
    let now = state.clock.now();
    let sent = Entity::find().filter(Column::WebhookId.eq(webhook)).all(tx.db()).await?;
    let own = sent.iter().find(|notice| notice.event_type == event.as_str());
    let Some(own) = own.filter(|own| own.left_out > 0 && !is_recent(own, now) && is_news(own, &sent)) else {
        return Ok(None);
    };
    store(tx, webhook, event, (now, 0)).await?;
    // The last one that was left out is sent now.
    let left_out = own.left_out.unsigned_abs().saturating_sub(1);
    Ok(Some(DueNotice { left_out, told_disabled: is_told_disabled(&sent) }))
}

/// The webhooks for which [`take_late`] may find something.
pub(super) async fn select_late(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<WebhookId>, DbErr> {
    let case = [Health::Healthy, Health::Degraded, Health::Disabled]
        .map(|health| format!("WHEN '{}' THEN '{}'", health.as_str(), event_of_health(health).as_str()))
        .join(" ");
    let sql = format!(
        "SELECT own.webhook_id AS id FROM webhook_notices AS own
         JOIN webhooks ON webhooks.id = own.webhook_id AND webhooks.deleted_at IS NULL
         WHERE own.left_out > 0 AND (own.notified_at <= $1 OR own.notified_at > $2)
             AND own.event_type = CASE webhooks.health {case} END
             AND EXISTS (SELECT 1 FROM webhook_notices AS other WHERE other.webhook_id = own.webhook_id
                 AND other.event_type <> own.event_type AND other.notified_at >= own.notified_at)
         LIMIT {MAX_LATE}"
    );
    let values = [(now - INTERVAL).into(), now.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

async fn store(
    tx: &Tx<'_>,
    webhook: WebhookId,
    event: EventType,
    (notified_at, left_out): (DateTime<Utc>, i32),
) -> Result<(), DbErr> {
    let notice = ActiveModel {
        webhook_id: Set(webhook),
        event_type: Set(event.as_str().to_owned()),
        notified_at: Set(notified_at),
        left_out: Set(left_out),
    };
    let replace = OnConflict::columns([Column::WebhookId, Column::EventType])
        .update_columns([Column::NotifiedAt, Column::LeftOut])
        .to_owned();
    Entity::insert(notice).on_conflict(replace).exec_without_returning(tx.db()).await.map(drop)
}

/// Forgets what was sent about a webhook, because a user has enabled it: the next failure is news.
pub(super) async fn forget(tx: &Tx<'_>, webhook: WebhookId) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::WebhookId.eq(webhook)).exec(tx.db()).await.map(drop)
}

/// The reason in a notification, with what was left out.
pub(super) fn with_left_out(reason: &str, left_out: u32) -> String {
    match left_out {
        0 => reason.to_owned(),
        1 => format!("{reason} 1 notification like this was left out since the previous one."),
        count => format!("{reason} {count} notifications like this were left out since the previous one."),
    }
}

/// If the clock was set back, the stored time is in the future and doesn't count.
fn is_recent(notice: &Model, now: DateTime<Utc>) -> bool {
    notice.notified_at <= now && now - notice.notified_at < INTERVAL
}

/// Whether people were told something else since.
fn is_news(own: &Model, sent: &[Model]) -> bool {
    sent.iter().any(|other| other.event_type != own.event_type && other.notified_at >= own.notified_at)
}

fn is_told_disabled(sent: &[Model]) -> bool {
    let told_at = |event: EventType| sent.iter().find(|notice| notice.event_type == event.as_str());
    let recovered = told_at(EventType::WebhookRecovered);
    told_at(EventType::WebhookDisabled)
        .is_some_and(|disabled| recovered.is_none_or(|recovered| recovered.notified_at < disabled.notified_at))
}
