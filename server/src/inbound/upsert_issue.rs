//! Updates the row of an issue to the state that its tracker describes, in an event or a REST
//! response. The newer state wins, in whatever order states arrive.
//!
//! A deleted issue keeps its row, and the row keeps late events from importing it again. That also
//! holds for an issue that was never known, because "opened" may be redelivered long after
//! "deleted". Only the tracker can restore an issue that it deleted; an issue that a person deleted
//! here stays deleted.
//!
//! An event may do no more than identify an issue. An unknown one then gets a hidden row, which is
//! shown once the issue was fetched from the tracker.

use app::model::delivery::InboundOutcome;
use app::model::id::ProjectId;
use app::model::provider::Provider;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::apply::{ApplyResult, inserted};
use super::issue_merge::{comparable_time, is_older, merge, new_row};
use super::transfer::apply_transfer;
use crate::app_state::AppState;
use crate::entity::issue::HiddenReason;
use crate::entity::{issue, project};
use crate::issues::changes::changes;
use crate::issues::events;
use crate::providers::TrackerIssue;
use crate::storage::Tx;

const DELETED: &str = "The issue was deleted. Events don't bring it back.";
const DELETED_BEFORE: &str = "The issue was already deleted.";
const DELETED_UNKNOWN: &str = "The deleted issue was not imported.";
const OLDER: &str = "Older than the stored issue.";
const WILL_FETCH: &str = "The event only identifies the issue, which is now read from the tracker.";
const ONLY_ID: &str = "The event only identifies the issue, and there is no token to read it with. Enter one under \
                       Issue integration, or let the tracker send all details.";
const COMMENT: &str = "Comments are not stored. The issue is read from the tracker if there is a token.";

/// The state of an issue in its tracker, and how Testbell got it.
#[derive(Clone, Copy)]
pub struct IssueSnapshot<'a> {
    /// The state.
    pub issue: &'a TrackerIssue,
    /// The id that the issue had before a transfer.
    pub moved_from: Option<&'a str>,
    /// Whether the tracker has restored it.
    pub restored: bool,
    /// Whether it will be fetched from the tracker next.
    pub will_fetch: bool,
    /// Whether it was fetched from the tracker, and not sent in an event.
    pub is_fetched: bool,
}

/// Applies the state of an issue; imports the issue if it is unknown.
pub async fn upsert_issue(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    provider: Provider,
    snapshot: IssueSnapshot<'_>,
) -> Result<ApplyResult, DbErr> {
    let issue = snapshot.issue;
    let known = lock_issue(tx, project.id, provider, &issue.external_id).await?;
    let (known, moved) = match snapshot.moved_from {
        Some(old_id) => apply_transfer(state, tx, project, provider, known, issue, old_id).await?,
        None => (known, false),
    };
    if let Some(row) = known {
        return update_existing(state, tx, project, row, snapshot, moved).await;
    }
    let hidden = issue.title.is_none().then_some(HiddenReason::AwaitingFetch);
    if hidden.is_some() && !snapshot.will_fetch {
        return Ok(ApplyResult::nothing(InboundOutcome::Ignored, ONLY_ID).worth_resending());
    }
    match insert_issue(state, tx, project, provider, issue, &issue.external_id, hidden).await? {
        Some(row) if hidden.is_some() => Ok(ApplyResult::unchanged(&row, WILL_FETCH).worth_resending()),
        Some(row) => {
            events::created(state, tx, project, &row, None).await?;
            Ok(ApplyResult::changed(InboundOutcome::Created, &row))
        }
        // Another transaction has imported it at the same time.
        None => match lock_issue(tx, project.id, provider, &issue.external_id).await? {
            Some(row) => update_existing(state, tx, project, row, snapshot, false).await,
            None => Err(DbErr::RecordNotFound("an issue that was just imported".to_owned())),
        },
    }
}

/// Applies the fields that an event about something else, a comment, has of its issue. They may be
/// incomplete and old, so they can only import an unknown issue.
pub async fn upsert_mentioned(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    provider: Provider,
    snapshot: IssueSnapshot<'_>,
) -> Result<ApplyResult, DbErr> {
    match lock_issue(tx, project.id, provider, &snapshot.issue.external_id).await? {
        Some(row) if row.deleted_at.is_none() => {
            let outcome = if snapshot.will_fetch { InboundOutcome::Unchanged } else { InboundOutcome::Ignored };
            Ok(ApplyResult { outcome, ..ApplyResult::unchanged(&row, COMMENT) }.worth_resending())
        }
        _ => upsert_issue(state, tx, project, provider, snapshot).await,
    }
}

/// Applies the deletion of an issue in its tracker.
pub async fn apply_deletion(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    provider: Provider,
    issue: &TrackerIssue,
) -> Result<ApplyResult, DbErr> {
    let reason = Some(HiddenReason::DeletedInTracker);
    if insert_issue(state, tx, project, provider, issue, &issue.external_id, reason).await?.is_some() {
        return Ok(ApplyResult::nothing(InboundOutcome::Ignored, DELETED_UNKNOWN));
    }
    match lock_issue(tx, project.id, provider, &issue.external_id).await? {
        Some(row) if row.deleted_at.is_none() => {
            let row = hide_issue(state, tx, project, row, HiddenReason::DeletedInTracker).await?;
            Ok(ApplyResult::changed(InboundOutcome::Applied, &row))
        }
        Some(row) if row.hidden_reason == Some(HiddenReason::AwaitingFetch) => {
            let mut change = row.into_active_model();
            change.hidden_reason = Set(reason);
            change.sync_due_at = Set(None);
            change.sync_lease_until = Set(None);
            change.update(tx.db()).await?;
            Ok(ApplyResult::nothing(InboundOutcome::Ignored, DELETED_UNKNOWN))
        }
        _ => Ok(ApplyResult::nothing(InboundOutcome::Unchanged, DELETED_BEFORE)),
    }
}

/// Locks the row of a tracker's id, hidden or not, until the transaction ends.
pub async fn lock_issue(
    tx: &Tx<'_>,
    project: ProjectId,
    provider: Provider,
    external_id: &str,
) -> Result<Option<issue::Model>, DbErr> {
    issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::Provider.eq(provider))
        .filter(issue::Column::ExternalId.eq(external_id))
        .lock_exclusive()
        .one(tx.db())
        .await
}

/// Inserts a row under `external_id`, hidden if there is a reason; `None` if that id has a row.
pub async fn insert_issue(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    provider: Provider,
    issue: &TrackerIssue,
    external_id: &str,
    hidden_reason: Option<HiddenReason>,
) -> Result<Option<issue::Model>, DbErr> {
    let now = state.clock.now();
    let new = new_row(state.ids.next(), project, provider, external_id, now);
    let row = issue::Model { deleted_at: hidden_reason.map(|_| now), hidden_reason, ..merge(&new, issue, now) };
    let insert = issue::Entity::insert(row.written()).on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(inserted(insert.exec_without_returning(tx.db()).await)?.then_some(row))
}

/// Hides an issue that was shown, and emits its deletion.
pub async fn hide_issue(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: issue::Model,
    reason: HiddenReason,
) -> Result<issue::Model, DbErr> {
    let now = state.clock.now();
    let mut change = row.into_active_model();
    change.deleted_at = Set(Some(now));
    change.hidden_reason = Set(Some(reason));
    change.updated_at = Set(now);
    change.sync_due_at = Set(None);
    change.sync_lease_until = Set(None);
    let row = change.update(tx.db()).await?;
    events::deleted(state, tx, project, &row, None).await?;
    Ok(row)
}

async fn update_existing(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: issue::Model,
    snapshot: IssueSnapshot<'_>,
    moved: bool,
) -> Result<ApplyResult, DbErr> {
    let issue = snapshot.issue;
    if row.deleted_at.is_some() {
        return restore(state, tx, project, row, snapshot).await;
    }
    if issue.is_reference() {
        let (outcome, reason) = match snapshot.will_fetch {
            true => (InboundOutcome::Unchanged, WILL_FETCH),
            false => (InboundOutcome::Ignored, ONLY_ID),
        };
        return Ok(ApplyResult { outcome, ..ApplyResult::unchanged(&row, reason) }.worth_resending());
    }
    let now = state.clock.now();
    if !moved && is_older(issue.updated_at, comparable_time(&row, snapshot.is_fetched, now)) {
        return Ok(ApplyResult::unchanged(&row, OLDER));
    }
    let after = merge(&row, issue, now);
    let changes = changes(&row, &after);
    after.written().update(tx.db()).await?;
    let outcome = if changes.is_empty() { InboundOutcome::Unchanged } else { InboundOutcome::Applied };
    if !changes.is_empty() {
        events::updated(state, tx, project, &after, &changes, None).await?;
    }
    Ok(ApplyResult::changed(outcome, &row))
}

/// Shows a hidden row again, if this state allows it.
async fn restore(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: issue::Model,
    IssueSnapshot { issue, restored, will_fetch, is_fetched, .. }: IssueSnapshot<'_>,
) -> Result<ApplyResult, DbErr> {
    match row.hidden_reason {
        Some(HiddenReason::AwaitingFetch) if issue.title.is_some() => {}
        Some(HiddenReason::AwaitingFetch) if will_fetch => {
            return Ok(ApplyResult::unchanged(&row, WILL_FETCH).worth_resending());
        }
        Some(HiddenReason::AwaitingFetch) => {
            return Ok(ApplyResult::nothing(InboundOutcome::Ignored, ONLY_ID).worth_resending());
        }
        Some(HiddenReason::DeletedInTracker) if restored => {}
        // The same event counts once the tracker has restored the issue.
        Some(HiddenReason::DeletedInTracker) => {
            return Ok(ApplyResult::nothing(InboundOutcome::Ignored, DELETED).worth_resending());
        }
        Some(HiddenReason::DeletedHere | HiddenReason::Moved) | None => {
            return Ok(ApplyResult::nothing(InboundOutcome::Ignored, DELETED));
        }
    }
    let now = state.clock.now();
    let is_old = is_older(issue.updated_at, comparable_time(&row, is_fetched, now));
    let current = if is_old { row } else { merge(&row, issue, now) };
    let row = issue::Model { deleted_at: None, hidden_reason: None, updated_at: now, ..current };
    row.written().update(tx.db()).await?;
    // Subscribers have seen its deletion, or have never seen it.
    events::created(state, tx, project, &row, None).await?;
    Ok(ApplyResult::changed(InboundOutcome::Created, &row))
}
