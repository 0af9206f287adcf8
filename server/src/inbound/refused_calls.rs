//! Records when, why and how often calls to an inbound webhook were refused, so that an admin notices
//! a wrong secret. Calls are counted in memory and written at most once a second, so that a flood of
//! calls can't overload the database. Memory is bounded by one entry per webhook. Neither bodies nor
//! header values are stored.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::model::id::{ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{DbErr, EntityTrait};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::context::InboundContext;
use super::error::InboundError;
use super::receive::check_content_type;
use crate::app_state::AppState;
use crate::entity::refused_call;
use crate::storage::{Effect, Tx, report_outage};

/// Between two writes.
const WRITE_INTERVAL: Duration = Duration::from_secs(1);
/// After the database failed.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// The refused calls that are not stored yet.
#[derive(Clone, Default)]
pub struct RefusedCalls(Arc<Pending>);

#[derive(Default)]
struct Pending {
    // Ordered, so that all nodes lock the rows in the same order.
    calls: Mutex<BTreeMap<WebhookId, RefusedCall>>,
    added: Notify,
}

/// The refused calls of one webhook since the last write.
#[derive(Clone)]
struct RefusedCall {
    project: ProjectId,
    at: DateTime<Utc>,
    reason: String,
    count: i64,
}

impl RefusedCalls {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<WebhookId, RefusedCall>> {
        self.0.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds calls. The reason of the latest call is kept.
    fn add(&self, webhook: WebhookId, call: RefusedCall) {
        let mut calls = self.lock();
        match calls.get_mut(&webhook) {
            Some(known) if known.at > call.at => known.count = known.count.saturating_add(call.count),
            known => {
                let before = known.map_or(0, |known| known.count);
                calls.insert(webhook, RefusedCall { count: before.saturating_add(call.count), ..call });
            }
        }
        drop(calls);
        self.0.added.notify_one();
    }
}

/// Records that a call was refused, if the webhook's admins should know.
pub fn note(state: &AppState, context: &InboundContext, headers: &HeaderMap, error: InboundError) {
    // The webhook is unknown, the failure is the server's own, or nobody waits for a response.
    if matches!(
        error,
        InboundError::UnknownToken | InboundError::Unavailable(_) | InboundError::Internal | InboundError::Broken
    ) {
        return;
    }
    let call = RefusedCall {
        project: context.project.id,
        at: state.clock.now(),
        reason: reason(context, headers, error),
        count: 1,
    };
    state.refused_calls.add(context.webhook.id, call);
}

/// What an admin has to change; the sender learns less.
fn reason(context: &InboundContext, headers: &HeaderMap, error: InboundError) -> String {
    let sentence = match error {
        InboundError::Unverified if context.secret.is_none() => {
            "No signing secret was entered yet. Copy it from the tracker, and enter it here."
        }
        InboundError::Unverified => context.events.verification_failure(headers),
        error => error.sentence(),
    };
    match (error, check_content_type(context.events, headers)) {
        // Two things are wrong: name both.
        (InboundError::Unverified, Err(also)) => format!("{sentence} {also}"),
        (InboundError::NotJson, _) => {
            let tracker = context.provider.label();
            format!("{sentence} Check that no proxy between {tracker} and Testbell changes the body.")
        }
        _ => sentence.to_owned(),
    }
}

/// Stores refused calls until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let calls = state.refused_calls.clone();
    while shutdown.run_until_cancelled(calls.0.added.notified()).await.is_some() {
        let started = state.clock.instant();
        let pause = if write(&state).await { WRITE_INTERVAL } else { RETRY_INTERVAL };
        if shutdown.run_until_cancelled(state.clock.sleep_until(started + pause)).await.is_none() {
            break;
        }
    }
    write(&state).await;
}

/// Whether all calls were stored; on failure they stay in memory.
async fn write(state: &AppState) -> bool {
    let calls = mem::take(&mut *state.refused_calls.lock());
    if calls.is_empty() {
        return true;
    }
    let written = state.store.write::<_, DbErr, _>({
        let calls = calls.clone();
        move |tx| Box::pin(async move { write_all(tx, calls).await })
    });
    let Err(error) = written.await else { return true };
    report_outage(&error, "failed to store refused inbound calls; trying again");
    for (webhook, call) in calls {
        state.refused_calls.add(webhook, call);
    }
    false
}

async fn write_all(tx: &Tx<'_>, calls: BTreeMap<WebhookId, RefusedCall>) -> Result<(), DbErr> {
    use refused_call::{ActiveModel, Column, Entity};
    for (webhook_id, RefusedCall { project, at, reason, count }) in calls {
        let row =
            ActiveModel { webhook_id: Set(webhook_id), refused_at: Set(at), reason: Set(reason), count: Set(count) };
        let more = OnConflict::column(Column::WebhookId)
            .update_columns([Column::RefusedAt, Column::Reason])
            .value(Column::Count, Expr::col((Entity, Column::Count)).add(count))
            .to_owned();
        Entity::insert(row).on_conflict(more).exec_without_returning(tx.db()).await?;
        tx.after_commit(Effect::Live(ProjectChange {
            project_id: project,
            kind: ChangeKind::WebhookChanged { webhook_id },
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(second: i64, reason: &str) -> RefusedCall {
        let at = DateTime::from_timestamp(second, 0).unwrap();
        RefusedCall { project: uuid::Uuid::nil().into(), at, reason: reason.to_owned(), count: 1 }
    }

    #[test]
    fn many_calls_share_one_entry_with_the_latest_reason() {
        let calls = RefusedCalls::default();
        let webhook = uuid::Uuid::nil().into();
        for second in 0..100_000 {
            calls.add(webhook, call(second, "wrong"));
        }
        calls.add(webhook, call(5, "put back after a failed write"));
        let calls = calls.lock();
        let entry = &calls[&webhook];
        assert_eq!((calls.len(), entry.count, entry.reason.as_str()), (1, 100_001, "wrong"));
    }
}
