//! The sync of one issue: claimed with a lease, fetched without an open transaction, and applied as an
//! event would be.
//!
//! `sync_due_at` says when an issue is synced next. It is one column, so that a hundred events lead
//! to one request. The worker that fetches the issue holds a lease and sets `sync_due_at` to its end:
//! after a crash the issue is due again without any cleanup. If an event arrives during the request,
//! the two columns differ, and the issue is synced once more.

use std::time::Duration;

use app::model::id::{IssueId, ProjectId};
use app::model::live::{ChangeKind, ProjectChange};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, LockBehavior, LockType, SimpleExpr};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::origin::{ImportDecision, import_decision};
use super::sync_queue::select_due_issue;
use super::sync_retry::{RetryPlan, plan_retry};
use super::upsert_issue::{IssueSnapshot, upsert_issue};
use crate::app_state::AppState;
use crate::entity::{integration, issue, project};
use crate::providers::client::fetch_issue;
use crate::providers::{FetchError, FetchedIssue};
use crate::storage::{Effect, Tx};

/// How long an issue waits for more events before it is fetched.
const COALESCE_WINDOW: Duration = Duration::from_secs(1);
/// Longer than a fetch with its redirects may take.
const SYNC_LEASE_DURATION: Duration = Duration::from_secs(60);

/// A claimed issue.
pub struct SyncClaim {
    /// The integration as it was then.
    pub integration: integration::Model,
    /// The issue as it was then.
    pub issue: issue::Model,
    /// Until when it is claimed.
    pub lease: DateTime<Utc>,
}

/// Schedules the sync of an issue, in the transaction of the event. An earlier schedule stays:
/// neither does a stream of events postpone the sync, nor does it bypass the wait after a failure.
pub async fn schedule_sync(state: &AppState, tx: &Tx<'_>, issue: IssueId) -> Result<(), DbErr> {
    let soon = state.clock.schedule_now() + COALESCE_WINDOW;
    let due = || Expr::col(issue::Column::SyncDueAt);
    let is_free: SimpleExpr = due().is_null().or(due().eq(Expr::col(issue::Column::SyncLeaseUntil)));
    issue::Entity::update_many()
        .col_expr(issue::Column::SyncDueAt, CaseStatement::new().case(is_free, soon).finally(due()).into())
        .filter(issue::Column::Id.eq(issue))
        .exec(tx.db())
        .await?;
    tx.after_commit(Effect::Sync);
    Ok(())
}

/// Syncs the issue of a project that is due first; `false` if none is due.
pub async fn sync_next(state: &AppState, project: ProjectId) -> Result<bool, DbErr> {
    let owned = state.clone();
    let claim = state.store.write(move |tx| Box::pin(async move { claim_next(&owned, tx, project).await })).await?;
    let Some(claim) = claim else { return Ok(false) };
    tracing::Span::current().record("issue", claim.issue.id.to_string());
    let result = match claim.issue.provider {
        Some(provider) if provider == claim.integration.provider => {
            fetch_issue(state, &claim.integration, &claim.issue).await
        }
        _ => Err(FetchError::Gone("The issue belongs to a tracker that the project no longer uses.".to_owned())),
    };
    let (provider, label) =
        (claim.integration.provider.as_str(), result.as_ref().map_or_else(FetchError::label, |_| "read"));
    metrics::counter!("testbell_issue_syncs_total", "provider" => provider, "outcome" => label).increment(1);
    let owned = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                match result {
                    Ok(fetched) => apply_fetched(&owned, tx, &claim, fetched).await,
                    Err(error) => record_failure(tx, &claim, plan_retry(&owned, &claim, error)).await,
                }
            })
        })
        .await?;
    Ok(true)
}

async fn claim_next(state: &AppState, tx: &Tx<'_>, project: ProjectId) -> Result<Option<SyncClaim>, DbErr> {
    let now = state.clock.schedule_now();
    let integration =
        integration::Entity::find().filter(integration::Column::ProjectId.eq(project)).one(tx.db()).await?;
    let can_sync = |row: &integration::Model| row.credentials.is_some() && row.paused_until.is_none_or(|t| t <= now);
    let Some(integration) = integration.filter(can_sync) else { return Ok(None) };
    let due = select_due_issue(project, now)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx.db())
        .await?;
    let Some(issue) = due else { return Ok(None) };
    let lease = now + SYNC_LEASE_DURATION;
    let mut change = issue.into_active_model();
    change.sync_due_at = Set(Some(lease));
    change.sync_lease_until = Set(Some(lease));
    let issue = change.update(tx.db()).await?;
    Ok(Some(SyncClaim { integration, issue, lease }))
}

async fn apply_fetched(state: &AppState, tx: &Tx<'_>, claim: &SyncClaim, fetched: FetchedIssue) -> Result<(), DbErr> {
    let Some(project) = project::Entity::find_by_id(claim.issue.project_id).one(tx.db()).await? else {
        return Ok(());
    };
    // Another id in the response means that the issue was transferred.
    let moved_from = claim.issue.external_id.as_deref().filter(|id| *id != fetched.issue.external_id);
    let snapshot =
        IssueSnapshot { issue: &fetched.issue, moved_from, restored: false, will_fetch: false, is_fetched: true };
    let provider = claim.integration.provider;
    let was_merged = match import_decision(tx, &claim.integration, &fetched.issue, moved_from).await? {
        ImportDecision::Allow => upsert_issue(state, tx, &project, provider, snapshot).await?.reason.is_none(),
        // It was hidden before and stays hidden.
        ImportDecision::Ignore(_) | ImportDecision::FetchFirst => false,
    };
    // A merge has already set it, to the time that the tracker's time was compared with.
    let synced_at = if was_merged { NotSet } else { Set(Some(state.clock.now())) };
    issue::Entity::update_many()
        .col_expr(issue::Column::SyncDueAt, clear_unless_rescheduled(claim))
        .set(issue::ActiveModel {
            sync_lease_until: Set(None),
            sync_attempts: Set(0),
            sync_error: Set(None),
            synced_at,
            ..Default::default()
        })
        .filter(issue::Column::Id.eq(claim.issue.id))
        .filter(issue::Column::SyncLeaseUntil.eq(claim.lease))
        .exec(tx.db())
        .await?;
    let change = integration::ActiveModel {
        sync_error: Set(None),
        synced_at: Set(Some(state.clock.now())),
        // Without a pause, one that another node recorded stays.
        paused_until: fetched.paused_until.map_or(NotSet, |until| Set(Some(until))),
        ..Default::default()
    };
    update_integration(tx, claim, change, claim.issue.sync_error.is_some()).await
}

async fn record_failure(tx: &Tx<'_>, claim: &SyncClaim, plan: RetryPlan) -> Result<(), DbErr> {
    let due = plan.due.map_or_else(|| clear_unless_rescheduled(claim), Expr::value);
    let updated = issue::Entity::update_many()
        .col_expr(issue::Column::SyncDueAt, due)
        .set(issue::ActiveModel {
            sync_lease_until: Set(None),
            sync_attempts: Set(plan.attempts),
            sync_error: Set(Some(plan.sentence.clone())),
            ..Default::default()
        })
        .filter(issue::Column::Id.eq(claim.issue.id))
        .filter(issue::Column::SyncLeaseUntil.eq(claim.lease))
        .exec(tx.db())
        .await?;
    if updated.rows_affected == 0 {
        return Ok(());
    }
    let change = integration::ActiveModel {
        sync_error: Set(Some(plan.sentence.clone())),
        // A pause that another sync recorded stays.
        paused_until: plan.paused_until.map_or(NotSet, |until| Set(Some(until))),
        ..Default::default()
    };
    let is_new = claim.issue.sync_error.as_deref() != Some(plan.sentence.as_str());
    update_integration(tx, claim, change, is_new).await
}

/// Stores the result on the integration's card and notifies browsers.
async fn update_integration(
    tx: &Tx<'_>,
    claim: &SyncClaim,
    change: integration::ActiveModel,
    issue_changed: bool,
) -> Result<(), DbErr> {
    integration::Entity::update_many()
        .set(change)
        .filter(integration::Column::Id.eq(claim.integration.id))
        // Credentials that were saved meanwhile have not been used.
        .filter(integration::Column::Credentials.eq(claim.integration.credentials.clone()))
        .exec(tx.db())
        .await?;
    let project_id = claim.issue.project_id;
    tx.after_commit(Effect::Live(ProjectChange { project_id, kind: ChangeKind::IntegrationChanged }));
    if issue_changed && claim.issue.deleted_at.is_none() {
        let kind = ChangeKind::IssueUpdated { issue_id: claim.issue.id };
        tx.after_commit(Effect::Live(ProjectChange { project_id, kind }));
    }
    Ok(())
}

/// Removes the issue from the queue, unless an event has rescheduled it during the request.
fn clear_unless_rescheduled(claim: &SyncClaim) -> SimpleExpr {
    let due = Expr::col(issue::Column::SyncDueAt);
    CaseStatement::new().case(due.clone().eq(claim.lease), Option::<DateTime<Utc>>::None).finally(due).into()
}
