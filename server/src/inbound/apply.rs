//! Applies a verified event in one transaction: the receipt, the change to the issue, the events
//! that follow, and the delivery that records it.

use std::borrow::Cow;

use app::model::delivery::InboundOutcome;
use app::model::id::{IssueId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DbErr, EntityTrait};

use super::context::InboundContext;
use super::error::{InboundResponse, RecordError};
use super::issue_sync::schedule_sync;
use super::milestones;
use super::origin::{ImportDecision, import_decision, is_from_elsewhere};
use super::receipt::{BodySha256, InboundResult, Receipt, record};
use super::upsert_issue::{IssueSnapshot, apply_deletion, lock_issue, upsert_issue, upsert_mentioned};
use crate::app_state::AppState;
use crate::entity::issue::HiddenReason;
use crate::entity::{issue, receipt};
use crate::providers::TrackerIssue;
use crate::providers::inbound::InboundChange;
use crate::storage::{Effect, Tx};

const UNKNOWN_ORIGIN: &str = "The event doesn't say which project the issue belongs to, and only issues of the \
                              integration's own project are imported. Let the tracker send all details, or enter a \
                              token under Issue integration.";
const DUPLICATE: &str = "The same body was received before.";
const TEST: &str = "A test event from Testbell. No issue was changed.";

/// What an event led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyResult {
    /// The outcome in the response.
    pub outcome: InboundOutcome,
    /// The issue, if there is one to look at.
    pub issue_id: Option<IssueId>,
    /// What it is about, if that is no issue.
    pub subject: Option<String>,
    /// Why nothing changed, or what did.
    pub reason: Option<Cow<'static, str>>,
    /// Whether the same event may lead to more later: with other settings, or once the stored issue
    /// has changed. Its SHA-256 is then not remembered.
    pub resend_may_help: bool,
}

impl ApplyResult {
    /// The issue now has the state of the event.
    pub fn changed(outcome: InboundOutcome, row: &issue::Model) -> Self {
        Self { outcome, issue_id: Some(row.id), subject: None, reason: None, resend_may_help: false }
    }

    /// Nothing changed, and there is no issue to look at.
    pub fn nothing(outcome: InboundOutcome, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { outcome, issue_id: None, subject: None, reason: Some(reason.into()), resend_may_help: false }
    }

    /// The issue is unchanged.
    pub fn unchanged(row: &issue::Model, reason: &'static str) -> Self {
        let outcome = InboundOutcome::Unchanged;
        Self {
            outcome,
            issue_id: Some(row.id),
            subject: None,
            reason: Some(Cow::Borrowed(reason)),
            resend_may_help: false,
        }
    }

    /// The same, but the same event may lead to more later.
    pub fn worth_resending(self) -> Self {
        Self { resend_may_help: true, ..self }
    }
}

/// Applies an event and records it.
pub async fn apply_event(state: &AppState, receipt: Receipt, change: InboundChange) -> InboundResponse {
    let owned = state.clone();
    let applied = state.store.write::<_, RecordError, _>(move |tx| {
        Box::pin(async move {
            let context = &receipt.context;
            let applied = if insert_receipt(&owned, tx, context.webhook.id, &receipt.body_sha256).await? {
                let applied = apply(&owned, tx, context, change).await?;
                if applied.resend_may_help {
                    delete_receipt(tx, context.webhook.id, &receipt.body_sha256).await?;
                }
                applied
            } else {
                let issue_id = issue_to_sync(tx, context, &change).await?;
                ApplyResult { issue_id, ..ApplyResult::nothing(InboundOutcome::Duplicate, DUPLICATE) }
            };
            if let (true, Some(issue)) = (context.integration.credentials.is_some(), applied.issue_id) {
                schedule_sync(&owned, tx, issue).await?;
            }
            let ApplyResult { outcome, issue_id, subject, reason, .. } = applied;
            let result = InboundResult { outcome: Ok(outcome), issue_id, subject, reason: reason.map(Cow::into_owned) };
            record(&owned, tx, &receipt, result).await?;
            Ok(outcome)
        })
    });
    Ok(applied.await?)
}

/// Whether the body is new. If the same body arrives twice at once, the second transaction waits for
/// the first.
async fn insert_receipt(
    state: &AppState,
    tx: &Tx<'_>,
    webhook_id: WebhookId,
    body_sha256: &BodySha256,
) -> Result<bool, DbErr> {
    let row = receipt::ActiveModel {
        webhook_id: Set(webhook_id),
        body_sha256: Set(body_sha256.to_vec()),
        received_at: Set(state.clock.now()),
    };
    let insert = receipt::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned());
    inserted(insert.exec_without_returning(tx.db()).await)
}

async fn delete_receipt(tx: &Tx<'_>, webhook_id: WebhookId, body_sha256: &BodySha256) -> Result<(), DbErr> {
    receipt::Entity::delete_by_id((webhook_id, body_sha256.to_vec())).exec(tx.db()).await.map(drop)
}

/// Whether an insert with `ON CONFLICT DO NOTHING` inserted a row.
pub fn inserted(result: Result<u64, DbErr>) -> Result<bool, DbErr> {
    match result {
        Ok(rows) => Ok(rows > 0),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The issue of a duplicate, unless it was deleted. It is synced again, because the first sync may
/// have failed or had no credentials.
async fn issue_to_sync(
    tx: &Tx<'_>,
    context: &InboundContext,
    change: &InboundChange,
) -> Result<Option<IssueId>, DbErr> {
    let Some(issue) = change.issue() else { return Ok(None) };
    let row = lock_issue(tx, context.project.id, context.provider, &issue.external_id).await?;
    let can_sync = |row: &issue::Model| row.hidden_reason.is_none_or(|reason| reason == HiddenReason::AwaitingFetch);
    Ok(row.filter(can_sync).map(|row| row.id))
}

async fn apply(
    state: &AppState,
    tx: &Tx<'_>,
    context: &InboundContext,
    change: InboundChange,
) -> Result<ApplyResult, DbErr> {
    let Some(issue) = change.issue() else { return apply_allowed(state, tx, context, change).await };
    milestones::learn_project_id(tx, &context.integration, issue).await?;
    let from_elsewhere = is_from_elsewhere(&context.integration, issue);
    let has_credentials = context.integration.credentials.is_some();
    let applied = match import_decision(tx, &context.integration, issue, change.moved_from()).await? {
        ImportDecision::Allow => apply_allowed(state, tx, context, change).await?,
        ImportDecision::Ignore(reason) => ApplyResult::nothing(InboundOutcome::Ignored, reason).worth_resending(),
        // The row of a deleted issue keeps late events from importing it, whatever its origin.
        ImportDecision::FetchFirst if matches!(change, InboundChange::Deleted(_)) => {
            apply_allowed(state, tx, context, change).await?
        }
        ImportDecision::FetchFirst if has_credentials => {
            apply_allowed(state, tx, context, change.to_reference()).await?
        }
        ImportDecision::FetchFirst => ApplyResult::nothing(InboundOutcome::Ignored, UNKNOWN_ORIGIN).worth_resending(),
    };
    if from_elsewhere && applied.reason.is_none() {
        // The integration's card shows the number of these issues.
        let (project_id, kind) = (context.project.id, ChangeKind::IntegrationChanged);
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind }));
    }
    Ok(applied)
}

async fn apply_allowed(
    state: &AppState,
    tx: &Tx<'_>,
    context: &InboundContext,
    change: InboundChange,
) -> Result<ApplyResult, DbErr> {
    let (project, provider) = (&context.project, context.provider);
    let will_fetch = context.integration.credentials.is_some();
    match change {
        InboundChange::Ignored(reason) | InboundChange::Unusable(reason) => {
            Ok(ApplyResult::nothing(InboundOutcome::Ignored, reason))
        }
        InboundChange::Milestone { milestone, is_deleted } => {
            milestones::apply(state, tx, context, &milestone, is_deleted).await
        }
        InboundChange::Test => Ok(ApplyResult::nothing(InboundOutcome::Test, TEST)),
        InboundChange::Issue { issue, moved_from } => {
            let snapshot = IssueSnapshot { moved_from: moved_from.as_deref(), ..snapshot(&issue, will_fetch) };
            upsert_issue(state, tx, project, provider, snapshot).await
        }
        InboundChange::Mentioned(issue) => {
            upsert_mentioned(state, tx, project, provider, snapshot(&issue, will_fetch)).await
        }
        InboundChange::Restored(issue) => {
            let snapshot = IssueSnapshot { restored: true, ..snapshot(&issue, will_fetch) };
            upsert_issue(state, tx, project, provider, snapshot).await
        }
        InboundChange::Deleted(issue) => apply_deletion(state, tx, project, provider, &issue).await,
    }
}

const fn snapshot(issue: &TrackerIssue, will_fetch: bool) -> IssueSnapshot<'_> {
    IssueSnapshot { issue, moved_from: None, restored: false, will_fetch, is_fetched: false }
}
