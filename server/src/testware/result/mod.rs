//! The results of runs and sessions: reads, changes and deletes them. [`execution`](super::execution) adds them.

pub mod events;
pub mod fields;
mod rest;
pub mod rows;
pub mod view;

use std::collections::BTreeSet;

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::id::{IssueId, ProjectId, ResultId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Results;
use app::testware::attachment::{Attachment, AttachmentId};
use app::testware::result::{LinkedIssue, TestResult, UpdateResult};
use async_trait::async_trait;
use events::{ParentPart, ResultEvent};
use fields::CheckedUpdate;
use rows::ResultParent;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

pub use rest::routes;
pub use rows::latest_failures;

use super::execution::ExecutionRow;
use super::row::Id;
use super::run::table::Model as RunRow;
use super::session::table::Model as SessionRow;
use super::{attachment, items};
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::{project, result, result_issue};
use crate::events::FieldChange;
use crate::service::{TxError, issues};
use crate::storage::{Tx, internal};

#[async_trait]
impl Results for AppState {
    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>> {
        let (_, access) = issues::active_issue(self, actor, issue).await?;
        rows::page(self, &access.project, rows::linked_to(issue), &page).await
    }

    async fn result(&self, actor: &Actor, id: ResultId) -> Result<TestResult> {
        let (row, parent) = find(self, id).await?;
        let project = match parent {
            ResultParent::Run(run) => items::active::<RunRow>(self, actor, run).await?.1,
            ResultParent::Session(session) => items::active::<SessionRow>(self, actor, session).await?.1,
        };
        let views = view::views(self.store.read(), &project, vec![row]).await.map_err(internal)?;
        views.into_iter().next().ok_or(Error::NotFound)
    }

    async fn update_result(&self, actor: &Actor, id: ResultId, change: UpdateResult) -> Result<TestResult> {
        require_scope(actor, TokenScope::Write)?;
        let change = fields::check_update(change)?;
        match find(self, id).await?.1 {
            ResultParent::Run(run) => update::<RunRow>(self, actor, (run, id), change).await,
            ResultParent::Session(session) => update::<SessionRow>(self, actor, (session, id), change).await,
        }
    }

    async fn delete_result(&self, actor: &Actor, id: ResultId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        match find(self, id).await?.1 {
            ResultParent::Run(run) => delete::<RunRow>(self, actor, (run, id)).await,
            ResultParent::Session(session) => delete::<SessionRow>(self, actor, (session, id)).await,
        }
    }

    async fn attachments(&self, actor: &Actor, id: ResultId, page: PageQuery) -> Result<Page<Attachment>> {
        attachment::page(self, actor, id, &page).await
    }

    async fn attachment(&self, actor: &Actor, id: AttachmentId) -> Result<Attachment> {
        Ok(attachment::read(self, actor, id).await?.0)
    }

    async fn delete_attachment(&self, actor: &Actor, id: AttachmentId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        let attachment::Parent { project, of } = attachment::read(self, actor, id).await?.1;
        match of {
            ResultParent::Run(run) => attachment::delete::<RunRow>(self, &project, (run, id)).await,
            ResultParent::Session(session) => attachment::delete::<SessionRow>(self, &project, (session, id)).await,
        }
    }
}

/// A result, and the run or session it belongs to.
pub async fn find(state: &AppState, id: ResultId) -> Result<(result::Model, ResultParent)> {
    let row = result::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?.ok_or(Error::NotFound)?;
    let parent = rows::parent_of(&row).ok_or(Error::NotFound)?;
    Ok((row, parent))
}

async fn update<R: ExecutionRow>(
    state: &AppState,
    actor: &Actor,
    (parent, id): (Id<R>, ResultId),
    change: CheckedUpdate,
) -> Result<TestResult> {
    let project = items::active::<R>(state, actor, parent).await?.1;
    let (state_in_tx, by) = (state.clone(), actor.clone());
    let write = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = items::lock_open::<R>(tx, &project, parent).await?;
            let mut stored = stored(tx, id).await?;
            let before = view_of(tx, &project, stored.clone()).await?;
            let issues = change.issues;
            stored.status = change.status.unwrap_or(stored.status);
            stored.comment = change.comment.unwrap_or(stored.comment);
            stored.elapsed_seconds = change.elapsed_seconds.map_or(stored.elapsed_seconds, rows::stored_seconds);
            stored.updated_at = Some(state_in_tx.clock.now());
            let linked = relink(tx, project.id, &before, issues).await?;
            let after = view_of(tx, &project, stored.clone()).await?;
            let changes = changes(&before, &after);
            if changes.is_empty() {
                return Ok(before);
            }
            result::Entity::update(stored.into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
            R::after_change(parent, tx, after.case_id).await?;
            items::save(&state_in_tx, tx, &mut row).await?;
            items::show(tx, &project, &row);
            let of = ParentPart::new(&state_in_tx, &project, &row);
            let new: Vec<LinkedIssue> =
                after.issues.iter().filter(|issue| linked.contains(&issue.id)).cloned().collect();
            let updated = ResultEvent::Updated(&changes);
            events::emit_all(&state_in_tx, tx, &project, &of, [(&after, updated)], &by).await?;
            let linked = (!new.is_empty()).then_some((&after, ResultEvent::IssueLinked(&new)));
            events::emit_all(&state_in_tx, tx, &project, &of, linked, &by).await?;
            Ok::<_, TxError>(after)
        })
    });
    Ok(write.await?)
}

async fn delete<R: ExecutionRow>(state: &AppState, actor: &Actor, (parent, id): (Id<R>, ResultId)) -> Result<()> {
    let project = items::active::<R>(state, actor, parent).await?.1;
    let (state_in_tx, by) = (state.clone(), actor.clone());
    let write = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = items::lock_open::<R>(tx, &project, parent).await?;
            let stored = stored(tx, id).await?;
            let deleted = view_of(tx, &project, stored).await?;
            let links = result_issue::Column::ResultId.eq(id);
            result_issue::Entity::delete_many().filter(links).exec(tx.db()).await?;
            attachment::delete_of_result(tx, id).await?;
            result::Entity::delete_by_id(id).exec(tx.db()).await?;
            R::after_change(parent, tx, deleted.case_id).await?;
            items::save(&state_in_tx, tx, &mut row).await?;
            items::show(tx, &project, &row);
            let of = ParentPart::new(&state_in_tx, &project, &row);
            events::emit_all(&state_in_tx, tx, &project, &of, [(&deleted, ResultEvent::Deleted)], &by).await?;
            Ok::<_, TxError>(())
        })
    });
    Ok(write.await?)
}

/// The row of a result, unless it was deleted since.
async fn stored(tx: &Tx<'_>, id: ResultId) -> Result<result::Model, TxError> {
    result::Entity::find_by_id(id).one(tx.db()).await?.ok_or(TxError::Refused(Error::NotFound))
}

async fn view_of(tx: &Tx<'_>, project: &project::Model, row: result::Model) -> Result<TestResult, TxError> {
    let views = view::views(tx.db(), project, vec![row]).await?;
    views.into_iter().next().ok_or(TxError::Refused(Error::Internal))
}

/// The fields that differ.
fn changes(before: &TestResult, after: &TestResult) -> Vec<FieldChange> {
    let issues = |result: &TestResult| result.issues.iter().map(|issue| issue.id).collect::<Vec<_>>();
    let fields = [
        FieldChange::between("status", &before.status, &after.status),
        FieldChange::between("comment", &before.comment, &after.comment),
        FieldChange::between("elapsedSeconds", &before.elapsed_seconds, &after.elapsed_seconds),
        FieldChange::between("issues", &issues(before), &issues(after)),
    ];
    fields.into_iter().flatten().collect()
}

/// Links these issues instead of the former ones. Returns the new ones.
async fn relink(
    tx: &Tx<'_>,
    project: ProjectId,
    result: &TestResult,
    wanted: Option<Vec<IssueId>>,
) -> Result<BTreeSet<IssueId>, TxError> {
    let Some(wanted) = wanted else { return Ok(BTreeSet::new()) };
    let wanted: BTreeSet<IssueId> = wanted.into_iter().collect();
    let of_result = result_issue::Column::ResultId.eq(result.id);
    let before = result_issue::Entity::find().filter(of_result.clone()).all(tx.db()).await?;
    let before: BTreeSet<IssueId> = before.into_iter().map(|link| link.issue_id).collect();
    let new: BTreeSet<IssueId> = wanted.difference(&before).copied().collect();
    if rows::unknown_issue(tx, project, &new).await?.is_some() {
        return Err(fields::unknown_issue(fields::ISSUES).into());
    }
    // Links to deleted issues are not shown, so they stay.
    let removed = result.issues.iter().map(|issue| issue.id).filter(|issue| !wanted.contains(issue));
    let removed = result_issue::Column::IssueId.is_in(removed);
    result_issue::Entity::delete_many().filter(of_result).filter(removed).exec(tx.db()).await?;
    rows::link(tx, new.iter().map(|&issue| (result.id, issue)).collect()).await?;
    Ok(new)
}
