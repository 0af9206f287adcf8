//! Who learns that the health of a webhook has changed, in the transaction of the change: other webhooks
//! get an event, and the admins of its projects a notification and, if it was disabled or enabled by
//! Testbell, an email, unless they turned emails off. Notifications and emails are limited ([`notices`]).
//!
//! A webhook gets no events about itself: a failing one would queue more of what fails.

mod email_text;
mod event;
pub mod late;
pub mod mailer;
mod notices;
mod recipients;
pub mod smtp_settings;

use std::collections::HashMap;

use app::model::catalog::{EventType, Subject};
use app::model::id::DeliveryId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::webhook::Health;
use chrono::TimeDelta;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::app_state::AppState;
use crate::entity::{delivery, email, notification, project, webhook};
use crate::events::{NewEvent, publish_except};
use crate::storage::{Effect, Tx};
use notices::DueNotice;
use recipients::Recipient;

/// The minimum time between two events about exhausted deliveries of one webhook.
const EXHAUSTED_EVENT_INTERVAL: TimeDelta = TimeDelta::hours(1);

/// A change of the health of a webhook, or a delivery that it could not send.
pub struct WebhookNews<'a> {
    /// The row before the change.
    pub webhook: &'a webhook::Model,
    /// What happened.
    pub event: EventType,
    /// The health after it.
    pub health: Health,
    /// The consecutive failures after it.
    pub failures: u32,
    /// What happened, in a sentence.
    pub reason: &'a str,
    /// The delivery that caused it.
    pub delivery: Option<DeliveryId>,
    /// The user who caused it; `None` for Testbell.
    pub actor: Option<&'a Actor>,
}

/// The event of a change that nobody made by hand; `None` if the health is the same.
#[must_use]
pub fn event_of(from: Health, to: Health) -> Option<EventType> {
    match to {
        _ if from == to => None,
        Health::Degraded => Some(EventType::WebhookDegraded),
        Health::Disabled => Some(EventType::WebhookDisabled),
        Health::Healthy => Some(EventType::WebhookRecovered),
    }
}

/// Whether an event about an exhausted delivery is due.
#[must_use]
pub fn is_exhausted_event_due(webhook: &webhook::Model, now: chrono::DateTime<chrono::Utc>) -> bool {
    // If the clock was set back, the stored time is in the future.
    webhook.exhausted_event_at.is_none_or(|last| last > now || now - last >= EXHAUSTED_EVENT_INTERVAL)
}

/// Emits the event, and notifies the admins of the project.
///
/// # Errors
/// Those of the database.
pub async fn publish(state: &AppState, tx: &Tx<'_>, news: &WebhookNews<'_>) -> Result<(), DbErr> {
    let delivery = match news.delivery {
        Some(id) => delivery::Entity::find_by_id(id).one(tx.db()).await?,
        None => None,
    };
    let found = project::Entity::find_by_id(news.webhook.project_id).one(tx.db()).await?;
    let Some(project) = found.filter(|project| project.deleted_at.is_none()) else { return Ok(()) };
    let data = event::data(state, news, delivery.as_ref());
    let new = NewEvent { project: &project, event: news.event, actor: news.actor, data };
    publish_except(state, tx, new, news.webhook.id).await?;
    // The user who enabled it knows.
    if news.event == EventType::WebhookEnabled {
        return notices::forget(tx, news.webhook.id).await;
    }
    // Those have a limit of their own, which includes the event.
    let notice = match news.event {
        EventType::WebhookDeliveryExhausted => Some(DueNotice::default()),
        event => notices::take(state, tx, news.webhook.id, event).await?,
    };
    match notice {
        Some(notice) => notify_admins(state, tx, news, notice).await,
        None => Ok(()),
    }
}

/// Adds the notifications, and queues the emails.
async fn notify_admins(state: &AppState, tx: &Tx<'_>, news: &WebhookNews<'_>, notice: DueNotice) -> Result<(), DbErr> {
    let reason = notices::with_left_out(news.reason, notice.left_out);
    let news = &WebhookNews { reason: &reason, ..*news };
    let admins = recipients::admins(tx.db(), news.webhook).await?;
    notify(state, tx, news, &admins).await?;
    if has_email(news, notice) && smtp_settings::are_set(tx.db()).await? {
        queue_emails(state, tx, news, &admins).await?;
    }
    Ok(())
}

/// Whether an event is about a webhook. The exhaustion of its delivery is not reported: two failing webhooks
/// would report each other for ever.
#[must_use]
pub fn is_about_webhook(event_type: &str) -> bool {
    event_type.parse::<EventType>().is_ok_and(|event| event.subject() == Subject::Webhook)
}

/// Whether somebody should know even without looking at Testbell.
fn has_email(news: &WebhookNews<'_>, notice: DueNotice) -> bool {
    let was_disabled = news.webhook.health == Health::Disabled || notice.told_disabled;
    news.event == EventType::WebhookDisabled || (news.event == EventType::WebhookRecovered && was_disabled)
}

async fn notify(state: &AppState, tx: &Tx<'_>, news: &WebhookNews<'_>, admins: &[Recipient]) -> Result<(), DbErr> {
    if admins.is_empty() {
        return Ok(());
    }
    let now = state.clock.now();
    let rows = admins.iter().map(|admin| notification::ActiveModel {
        id: Set(state.ids.next()),
        user_id: Set(admin.user.id),
        project_id: Set(admin.project),
        event_type: Set(news.event.as_str().to_owned()),
        webhook_id: Set(news.webhook.id),
        webhook_name: Set(news.webhook.name.clone()),
        reason: Set(news.reason.to_owned()),
        created_at: Set(now),
        read_at: Set(None),
    });
    notification::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    for project_id in admins.iter().map(|admin| admin.project) {
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind: ChangeKind::NotificationsChanged }));
    }
    Ok(())
}

async fn queue_emails(
    state: &AppState,
    tx: &Tx<'_>,
    news: &WebhookNews<'_>,
    admins: &[Recipient],
) -> Result<(), DbErr> {
    // Each names a project that its recipient may read.
    let projects = project::Entity::find().filter(project::Column::Id.is_in(admins.iter().map(|admin| admin.project)));
    let texts = projects.all(tx.db()).await?.into_iter();
    let texts: HashMap<_, _> =
        texts.map(|project| (project.id, email_text::about_webhook(state, news, &project))).collect();
    let (now, due) = (state.clock.now(), state.clock.schedule_now());
    let row = |admin: &Recipient| {
        let text = texts.get(&admin.project)?;
        Some(email::ActiveModel {
            id: Set(state.ids.next()),
            recipient: Set(admin.user.email.clone()),
            subject: Set(text.subject.clone()),
            text_body: Set(text.text.clone()),
            html_body: Set(text.html.clone()),
            attempts: Set(0),
            created_at: Set(now),
            next_attempt_at: Set(due),
        })
    };
    let rows: Vec<_> = admins.iter().filter(|admin| admin.user.webhook_emails).filter_map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    email::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    tx.after_commit_once(Effect::Email);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_health_has_an_event() {
        use Health::{Degraded, Disabled, Healthy};
        assert_eq!(event_of(Healthy, Degraded), Some(EventType::WebhookDegraded));
        assert_eq!(event_of(Degraded, Disabled), Some(EventType::WebhookDisabled));
        assert_eq!(event_of(Degraded, Healthy), Some(EventType::WebhookRecovered));
        assert_eq!(event_of(Disabled, Healthy), Some(EventType::WebhookRecovered));
        assert_eq!(event_of(Disabled, Disabled), None);
    }
}
