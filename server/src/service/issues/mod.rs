//! Issues, created here or synced from a tracker. Synced fields are changed in the tracker. A synced issue
//! can be deleted here too; later events don't restore it.

pub(crate) mod fields;
mod keys;
mod search;

use std::collections::HashMap;

use app::error::{Checks, Error, Result};
use app::model::account::TokenScope;
use app::model::id::{IssueId, ProjectId, UserId};
use app::model::issue::{CreateIssue, FoundIssue, Issue, IssueDetail, IssueQuery, UpdateIssue};
use app::model::page::Page;
use app::model::people::Actor;
use app::service::Issues;
use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use crate::access::{Access, require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::{integration, issue, project};
use crate::issues::changes::changes;
use crate::issues::{events, view};
use crate::service::{TxError, cursor};
use crate::storage::{Appended, Effect, Tx, internal};

#[async_trait]
impl Issues for AppState {
    async fn list_issues(&self, actor: &Actor, project: ProjectId, query: IssueQuery) -> Result<Page<Issue>> {
        require_member(self, actor, project).await?;
        let by_id = (issue::Column::Id, |row: &issue::Model| row.id);
        let found = search::select(project, &query)?;
        let page = cursor::newest_first(self.store.read(), found, by_id, &query.page()).await?;
        let authors = authors(self, &page.items).await?;
        Ok(page.map(|row| {
            let author = authors.get(&row.author_id).cloned().unwrap_or_default();
            view::issue(row, author)
        }))
    }

    async fn issue(&self, actor: &Actor, id: IssueId) -> Result<IssueDetail> {
        let (row, _) = active_issue(self, actor, id).await?;
        let issue = issue_view(self, row).await?;
        let description_html = crate::markup::to_safe_html(&issue.description);
        Ok(IssueDetail { issue, description_html })
    }

    async fn issues_with_keys(&self, actor: &Actor, project: ProjectId, keys: Vec<String>) -> Result<Vec<FoundIssue>> {
        require_member(self, actor, project).await?;
        keys::find(self.store.read(), project, keys).await
    }

    async fn create_issue(&self, actor: &Actor, project: ProjectId, new: CreateIssue) -> Result<Issue> {
        require_scope(actor, TokenScope::Write)?;
        let access = require_member(self, actor, project).await?;
        let mut row = new_issue(self, &access.project, actor, &new);
        fields::set(&mut row, fields::for_new(new))?;
        let (state, by, written) = (self.clone(), actor.clone(), row.clone());
        let change = self.store.append(move |tx| {
            Box::pin(async move {
                tx.append(Appended { issues: vec![written.written()], ..Default::default() }).await?;
                events::created(&state, tx, &access.project, &written, Some(&by)).await.map_err(TxError::from)
            })
        });
        change.await?;
        Ok(view::issue(row, actor.name.clone()))
    }

    async fn update_issue(&self, actor: &Actor, id: IssueId, change: UpdateIssue) -> Result<Issue> {
        require_scope(actor, TokenScope::Write)?;
        let (_, access) = active_issue(self, actor, id).await?;
        let (state, by) = (self.clone(), actor.clone());
        let write = self
            .store
            .write(move |tx| Box::pin(async move { change_issue(&state, tx, &access.project, id, change, &by).await }));
        let row = write.await?;
        issue_view(self, row).await
    }

    async fn delete_issue(&self, actor: &Actor, id: IssueId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        let (_, access) = active_issue(self, actor, id).await?;
        let (state, by, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = lock_active(tx, id).await?;
                let mut deleted = row.clone().into_active_model();
                deleted.deleted_at = Set(Some(now));
                deleted.hidden_reason = Set(Some(issue::HiddenReason::DeletedHere));
                deleted.updated_at = Set(now);
                deleted.sync_due_at = Set(None);
                issue::Entity::update(deleted).exec(tx.db()).await?;
                events::deleted(&state, tx, &access.project, &row, Some(&by)).await.map_err(TxError::from)
            })
        });
        Ok(change.await?)
    }

    async fn sync_issue(&self, actor: &Actor, id: IssueId) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        let (row, _) = active_issue(self, actor, id).await?;
        let Some(provider) = row.provider else {
            return Err(Error::invalid("This issue was created in Testbell and can't be synced."));
        };
        let integration = integration::Entity::find()
            .filter(integration::Column::ProjectId.eq(row.project_id))
            .one(self.store.read())
            .await
            .map_err(internal)?;
        if !integration.is_some_and(|found| found.provider == provider && found.credentials.is_some()) {
            let name = provider.label();
            return Err(Error::invalid(format!(
                "The project has no {name} credentials. A project admin can add them under Integration."
            )));
        }
        let now = self.clock.schedule_now();
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let due = issue::ActiveModel { sync_due_at: Set(Some(now)), ..Default::default() };
                issue::Entity::update_many().set(due).filter(issue::Column::Id.eq(id)).exec(tx.db()).await?;
                tx.after_commit(Effect::Sync);
                Ok::<_, TxError>(())
            })
        });
        Ok(change.await?)
    }
}

async fn change_issue(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    id: IssueId,
    change: UpdateIssue,
    by: &Actor,
) -> Result<issue::Model, TxError> {
    let before = lock_active(tx, id).await?;
    let mut after = before.clone();
    fields::set(&mut after, change)?;
    let changes = changes(&before, &after);
    if changes.is_empty() {
        return Ok(before);
    }
    if let Some(provider) = before.provider {
        let mut checks = Checks::default();
        let message = format!("{0} owns this field. Change it in {0}.", provider.label());
        changes.iter().for_each(|change| checks.require(false, change.field(), &message));
        return Err(checks.into_error().into());
    }
    after.updated_at = state.clock.now();
    issue::Entity::update(after.written()).exec(tx.db()).await?;
    events::updated(state, tx, project, &after, &changes, Some(by)).await?;
    Ok(after)
}

fn new_issue(state: &AppState, project: &project::Model, author: &Actor, new: &CreateIssue) -> issue::Model {
    let now = state.clock.now();
    let (status_kind, status) = fields::default_status(new.status_kind);
    issue::Model { status, status_kind, ..issue::Model::new(state.ids.next(), project.id, author.id, now) }
}

async fn issue_view(state: &AppState, row: issue::Model) -> Result<Issue> {
    let authors = authors(state, std::slice::from_ref(&row)).await?;
    let author = authors.get(&row.author_id).cloned().unwrap_or_default();
    Ok(view::issue(row, author))
}

async fn authors(state: &AppState, rows: &[issue::Model]) -> Result<HashMap<UserId, String>> {
    crate::service::people::names::read_user_names(state, rows.iter().map(|row| row.author_id)).await
}

/// An issue that is not deleted, and the caller's access to its project.
pub(crate) async fn active_issue(state: &AppState, actor: &Actor, id: IssueId) -> Result<(issue::Model, Access)> {
    let row = issue::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
    let access = require_member(state, actor, row.project_id).await?;
    Ok((row, access))
}

/// Locks the row, so that two changes of an issue run one after the other.
async fn lock_active(tx: &Tx<'_>, id: IssueId) -> Result<issue::Model, TxError> {
    let row = issue::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(TxError::Refused(Error::NotFound))
}
