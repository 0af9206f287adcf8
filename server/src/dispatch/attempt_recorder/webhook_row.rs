//! Updates the row of a webhook after its attempts: its timestamps, pauses, and
//! [`health`](crate::dispatch::health). The caller has locked the row.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::catalog::EventType;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::DeliveryId;
use app::model::webhook::Health;
use app::model::webhook_scope::ScopeKind;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::destinations::AttemptResult;
use crate::dispatch::attempt::AttemptOutcome;
use crate::dispatch::delivery_queue::Claimed;
use crate::dispatch::delivery_queue::held;
use crate::dispatch::health::HealthCause;
use crate::dispatch::health::{AttemptReport, HealthSignal, HealthState, HealthTransition};
use crate::dispatch::recovery;
use crate::dispatch::retry::{RetryDecision, counts_as_failure, requested_pause};
use crate::entity::webhook::{ActiveModel, Column, Entity, Model};
use crate::entity::{delivery, webhook};
use crate::notifications::{self, WebhookNews};
use crate::storage::{Effect, Tx};

/// An attempt that was recorded.
#[derive(Clone, Copy)]
pub struct AttemptSummary<'a> {
    /// Its delivery.
    pub claimed: &'a Claimed,
    /// The outcome.
    pub outcome: &'a AttemptOutcome,
    /// What it means for the delivery.
    pub decision: RetryDecision,
    /// The streak in which the delivery was last counted.
    pub counted_in: Option<i64>,
}

/// What an attempt means for its delivery, given its webhook. A request to wait uses up no attempt,
/// as long as the endpoint's pauses don't count as failures, and neither does a failed probe of a disabled
/// webhook.
#[must_use]
pub fn decision(
    row: &webhook::Model,
    claimed: &Claimed,
    outcome: &AttemptOutcome,
    planned: RetryDecision,
) -> RetryDecision {
    // The URL was changed meanwhile: the delivery goes to the new one.
    if is_outdated(row, claimed) && !claimed.test && planned != RetryDecision::Delivered {
        return RetryDecision::RetryAfter(Duration::ZERO);
    }
    if claimed.is_probe && planned != RetryDecision::Delivered {
        return RetryDecision::Paused(Duration::ZERO);
    }
    match pause(row, outcome) {
        Some(pause) if !claimed.test && !counts_as_failure(HealthState::from_row(row).total_pause) => {
            RetryDecision::Paused(pause)
        }
        _ => planned,
    }
}

/// Whether an attempt went to another URL than the webhook has now. Its result says nothing about the new
/// endpoint.
fn is_outdated(row: &Model, claimed: &Claimed) -> bool {
    row.url != claimed.sealed_url
}

fn pause(row: &Model, outcome: &AttemptOutcome) -> Option<Duration> {
    requested_pause(&outcome.result, HealthState::from_row(row).total_pause)
}

impl AttemptSummary<'_> {
    /// The timestamps are on the schedule, as pauses are.
    fn report(&self, row: &Model) -> AttemptReport<'_> {
        let is_outdated = is_outdated(row, self.claimed);
        let result = match &self.outcome.result {
            _ if is_outdated => HealthSignal::NotCounted,
            AttemptResult::Success => HealthSignal::Success,
            AttemptResult::Gone { .. } => HealthSignal::Gone,
            // Nothing was sent, the endpoint asked to wait, or the outbound proxy does not work.
            _ if self.outcome.destination.is_none()
                || matches!(self.decision, RetryDecision::Paused(_))
                || self.outcome.blames_proxy() =>
            {
                HealthSignal::NotCounted
            }
            AttemptResult::RetryAfter { .. }
            | AttemptResult::Refused { .. }
            | AttemptResult::Unsendable { .. }
            | AttemptResult::Failed { .. } => HealthSignal::Failure,
        };
        AttemptReport {
            result,
            pause: pause(row, self.outcome).filter(|_| !is_outdated),
            test: self.claimed.test,
            counted_in: self.counted_in,
            started_at: self.outcome.scheduled_start(),
            ended_at: self.outcome.scheduled_end,
            error: self.outcome.error(),
        }
    }

    fn cause(&self, reason: String, at: DateTime<Utc>) -> HealthCause {
        HealthCause { reason, at, attempt: Some((self.claimed.id, self.claimed.attempts + 1)) }
    }
}

/// Stores the effect of attempts on their webhook. If it is disabled, its queued deliveries are
/// held.
pub async fn write(
    state: &AppState,
    tx: &Tx<'_>,
    row: &Model,
    mut attempts: Vec<AttemptSummary<'_>>,
) -> Result<(), DbErr> {
    attempts.sort_by_key(|attempt| attempt.outcome.scheduled_end);
    let now = state.clock.now();
    let mut health_state = HealthState::from_row(row);
    let policy = DeliveryPolicy::from(&row.policy);
    let mut counted: Vec<(i64, DeliveryId)> = Vec::new();
    let (mut transitions, mut cause) = (Vec::new(), None);
    for attempt in &attempts {
        let report = attempt.report(row);
        let update = match attempt.claimed.is_probe {
            true => health_state.after_probe(&report),
            false => health_state.after(&report, &policy),
        };
        health_state = update.state;
        if update.counted {
            counted.push((health_state.streak, attempt.claimed.id));
        }
        if let Some(transition) = update.transition {
            cause = Some(attempt.cause(transition.reason.clone(), now));
            transitions.push((transition, attempt.claimed.id));
        }
    }
    let mut columns = with_times(health_state.columns(cause), row, &attempts);
    set_recovery(&mut columns, state, row, &policy, health_state.health, &attempts);
    let exhausted = exhausted(state, row, &attempts);
    if exhausted.is_some() {
        columns.exhausted_event_at = Set(Some(now));
    }
    Entity::update_many().set(columns).filter(Column::Id.eq(row.id)).exec(tx.db()).await?;
    mark_counted(tx, health_state.streak, counted).await?;
    // A deleted webhook shows no health, and its deliveries end instead of being held.
    if row.deleted_at.is_some() {
        return Ok(());
    }
    if row.health == Health::Disabled && health_state.health != Health::Disabled {
        // A probe has enabled it, and nothing else would notify its worker.
        tx.after_commit(Effect::Dispatch(row.id));
    }
    for (transition, delivery) in &transitions {
        record_transition(state, tx, row, transition, health_state.failures, Some(*delivery)).await?;
    }
    if let Some((delivery, error)) = exhausted {
        let reason = format!("All attempts of a delivery failed. The last error: {error}");
        let (health, failures) = (health_state.health, health_state.failures);
        let event = EventType::WebhookDeliveryExhausted;
        let webhook = &webhook::Model { health, ..row.clone() };
        let news =
            WebhookNews { webhook, event, health, failures, reason: &reason, delivery: Some(delivery), actor: None };
        notifications::publish(state, tx, &news).await?;
    }
    if health_state.health == Health::Disabled && held::hold(tx, row.id, state.clock.schedule_now()).await? {
        tx.after_commit(Effect::Dispatch(row.id));
    }
    Ok(())
}

fn with_times(mut columns: ActiveModel, row: &Model, attempts: &[AttemptSummary<'_>]) -> ActiveModel {
    let latest = |succeeded: &[bool]| {
        let of_result = attempts.iter().filter(|attempt| succeeded.contains(&attempt.outcome.error().is_none()));
        of_result.map(|attempt| attempt.outcome.started_at).max()
    };
    columns.last_dispatched_at = Set(latest(&[true, false]).or(row.last_dispatched_at));
    columns.last_success_at = Set(latest(&[true]).or(row.last_success_at));
    columns.last_failure_at = Set(latest(&[false]).or(row.last_failure_at));
    columns
}

/// Marks the deliveries that were counted in the current streak.
async fn mark_counted(tx: &Tx<'_>, streak: i64, counted: Vec<(i64, DeliveryId)>) -> Result<(), DbErr> {
    let ids: Vec<_> = counted.into_iter().filter(|(in_streak, _)| *in_streak == streak).map(|(_, id)| id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let update = delivery::Entity::update_many()
        .col_expr(delivery::Column::CountedStreak, Expr::value(streak))
        .filter(delivery::Column::Id.is_in(ids));
    update.exec(tx.db()).await.map(drop)
}

/// The delivery whose last attempt failed, with the error, if an event about it is due.
fn exhausted<'a>(state: &AppState, row: &Model, attempts: &[AttemptSummary<'a>]) -> Option<(DeliveryId, &'a str)> {
    if !notifications::is_exhausted_event_due(row, state.clock.now()) {
        return None;
    }
    let is_reported = |claimed: &Claimed| !claimed.test && !notifications::is_about_webhook(&claimed.event_type);
    let failed =
        attempts.iter().find(|attempt| attempt.decision == RetryDecision::Failed && is_reported(attempt.claimed));
    failed.map(|attempt| (attempt.claimed.id, attempt.outcome.error().unwrap_or("unknown.")))
}

/// Schedules the first probe of a webhook that was just disabled, if its policy says so. A 410 asks to send
/// nothing more, so it is not probed then.
fn set_recovery(
    columns: &mut ActiveModel,
    state: &AppState,
    row: &Model,
    policy: &DeliveryPolicy,
    health: Health,
    attempts: &[AttemptSummary<'_>],
) {
    let is_gone = attempts.iter().any(|attempt| matches!(attempt.outcome.result, AttemptResult::Gone { .. }));
    match (row.health, health) {
        (Health::Disabled, Health::Disabled) if !is_gone => {}
        (_, Health::Disabled) if policy.auto_recovery && !is_gone => {
            columns.recovery_probes = Set(0);
            columns.next_probe_at = Set(recovery::next_probe(0, state.clock.schedule_now()));
        }
        _ => {
            columns.recovery_probes = Set(0);
            columns.next_probe_at = Set(None);
        }
    }
}

/// Writes a change of health to the audit log, emits its event and notifies the admins. Its actor is Testbell;
/// `failures` are the consecutive ones after it.
pub async fn record_transition(
    state: &AppState,
    tx: &Tx<'_>,
    webhook: &Model,
    transition: &HealthTransition,
    failures: u32,
    delivery: Option<DeliveryId>,
) -> Result<(), DbErr> {
    tracing::info!(webhook = %webhook.id, health = transition.to.as_str(), "webhook health changed");
    audit_log::record(
        state,
        tx,
        NewAuditEntry {
            project: (webhook.scope != ScopeKind::All).then_some(webhook.project_id),
            actor: None,
            action: AuditAction::WebhookHealth,
            subject: webhook.id.to_string(),
            name: &webhook.name,
            detail: Some(transition.sentence()),
        },
    )
    .await?;
    let Some(event) = notifications::event_of(transition.from, transition.to) else { return Ok(()) };
    let webhook = &Model { health: transition.from, ..webhook.clone() };
    let (health, reason) = (transition.to, transition.reason.as_str());
    let news = WebhookNews { webhook, event, health, failures, reason, delivery, actor: None };
    notifications::publish(state, tx, &news).await
}
