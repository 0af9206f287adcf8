//! Limits the notifications about a webhook that fails and recovers again and again: one of each kind an hour. What is
//! left out is counted, and the next one of its kind says so. A webhook that is disabled after people were told that it
//! works, or is degraded, is always reported, so nobody believes that a disabled webhook sends.

use app::model::catalog::EventType;
use app::model::id::WebhookId;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::app_state::AppState;
use crate::entity::webhook_notice::{ActiveModel, Column, Entity, Model};
use crate::storage::Tx;

/// The minimum time between two notifications of a kind about one webhook.
const INTERVAL: TimeDelta = TimeDelta::hours(1);

/// Whether a notification is due: then how many were left out before it. Otherwise it is counted. The caller has locked
/// the webhook.
pub(super) async fn take(
    state: &AppState,
    tx: &Tx<'_>,
    webhook: WebhookId,
    event: EventType,
) -> Result<Option<u32>, DbErr> {
    let now = state.clock.now();
    let sent = Entity::find().filter(Column::WebhookId.eq(webhook)).all(tx.db()).await?;
    let own = sent.iter().find(|notice| notice.event_type == event.as_str());
    let left_out = own.map_or(0, |own| own.left_out);
    let is_due =
        own.is_none_or(|own| !is_recent(own, now) || (event == EventType::WebhookDisabled && is_news(own, &sent)));
    let notice = ActiveModel {
        webhook_id: Set(webhook),
        event_type: Set(event.as_str().to_owned()),
        notified_at: Set(own.filter(|_| !is_due).map_or(now, |own| own.notified_at)),
        left_out: Set(if is_due { 0 } else { left_out.saturating_add(1) }),
    };
    let replace = OnConflict::columns([Column::WebhookId, Column::EventType])
        .update_columns([Column::NotifiedAt, Column::LeftOut])
        .to_owned();
    Entity::insert(notice).on_conflict(replace).exec_without_returning(tx.db()).await?;
    Ok(is_due.then_some(left_out.unsigned_abs()))
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
