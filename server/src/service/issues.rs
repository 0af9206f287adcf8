//! Issues, made here or mirrored from a tracker. What the tracker owns is changed in the
//! tracker; deleting works here too, and later events don't bring the issue back.

use std::collections::HashMap;

use app::error::{Checks, Error, Result};
use app::model::id::{IssueId, ProjectId, UserId};
use app::model::issue::{CreateIssue, Issue, IssueDetail, IssueQuery, UpdateIssue};
use app::model::page::Page;
use app::model::people::Actor;
use app::service::Issues;
use async_trait::async_trait;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::access::Access;
use super::{ChangeError, issue_fields, issue_search, issue_view, markdown};
use crate::core::Core;
use crate::entity::json::Strings;
use crate::entity::search_text::SearchText;
use crate::entity::{integration, issue, project};
use crate::storage::{Effect, Tx, internal};

#[async_trait]
impl Issues for Core {
    async fn list_issues(&self, actor: &Actor, project: ProjectId, query: IssueQuery) -> Result<Page<Issue>> {
        self.reader(actor, project).await?;
        let rows = issue_search::select(project, &query)?.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, query.page().limit(), |row| row.id.to_string());
        let authors = self.authors(&page.items).await?;
        Ok(page.map(|row| {
            let author = authors.get(&row.author_id).cloned().unwrap_or_default();
            issue_view::issue(row, author)
        }))
    }

    async fn issue(&self, actor: &Actor, id: IssueId) -> Result<IssueDetail> {
        let (row, _) = self.living_issue(actor, id).await?;
        let issue = self.show(row).await?;
        let description_html = markdown::to_safe_html(&issue.description);
        Ok(IssueDetail { issue, description_html })
    }

    async fn create_issue(&self, actor: &Actor, project: ProjectId, new: CreateIssue) -> Result<Issue> {
        let access = self.reader(actor, project).await?;
        let mut row = self.blank(&access.project, actor, &new);
        issue_fields::set(&mut row, issue_fields::of_new(new))?;
        let (core, by, written) = (self.clone(), actor.clone(), row.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let insert = issue::Entity::insert(written.written());
                insert.exec_without_returning(tx.db()).await?;
                core.issue_created(tx, &access.project, &written, Some(&by)).await.map_err(ChangeError::from)
            })
        });
        change.await?;
        Ok(issue_view::issue(row, actor.name.clone()))
    }

    async fn update_issue(&self, actor: &Actor, id: IssueId, change: UpdateIssue) -> Result<Issue> {
        let (_, access) = self.living_issue(actor, id).await?;
        let (core, by) = (self.clone(), actor.clone());
        let write = self
            .store
            .write(move |tx| Box::pin(async move { core.change_issue(tx, &access.project, id, change, &by).await }));
        let row = write.await?;
        self.show(row).await
    }

    async fn delete_issue(&self, actor: &Actor, id: IssueId) -> Result<()> {
        let (_, access) = self.living_issue(actor, id).await?;
        let (core, by, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = locked(tx, id).await?;
                let mut gone = row.clone().into_active_model();
                gone.deleted_at = Set(Some(now));
                gone.deletion = Set(Some(issue::Deletion::Here));
                gone.updated_at = Set(now);
                gone.sync_due_at = Set(None);
                issue::Entity::update(gone).exec(tx.db()).await?;
                core.issue_deleted(tx, &access.project, &row, Some(&by)).await.map_err(ChangeError::from)
            })
        });
        Ok(change.await?)
    }

    async fn sync_issue(&self, actor: &Actor, id: IssueId) -> Result<()> {
        let (row, _) = self.living_issue(actor, id).await?;
        let Some(provider) = row.provider else {
            return Err(Error::invalid("This issue was made here: there is no tracker to read it from."));
        };
        let integration = integration::Entity::find()
            .filter(integration::Column::ProjectId.eq(row.project_id))
            .one(self.store.read())
            .await
            .map_err(internal)?;
        if !integration.is_some_and(|found| found.provider == provider && found.credentials.is_some()) {
            let name = provider.label();
            return Err(Error::invalid(format!(
                "The project has no credentials for {name}. An admin adds them under Integration."
            )));
        }
        let now = self.clock.now();
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let due = issue::ActiveModel { sync_due_at: Set(Some(now)), ..Default::default() };
                issue::Entity::update_many().set(due).filter(issue::Column::Id.eq(id)).exec(tx.db()).await?;
                tx.after_commit(Effect::Sync);
                Ok::<_, ChangeError>(())
            })
        });
        Ok(change.await?)
    }
}

impl Core {
    /// An issue that is not deleted, and the caller's access to its project.
    pub(super) async fn living_issue(&self, actor: &Actor, id: IssueId) -> Result<(issue::Model, Access)> {
        let row = issue::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
        let access = self.reader(actor, row.project_id).await?;
        Ok((row, access))
    }

    async fn change_issue(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        id: IssueId,
        change: UpdateIssue,
        by: &Actor,
    ) -> Result<issue::Model, ChangeError> {
        let before = locked(tx, id).await?;
        let mut after = before.clone();
        issue_fields::set(&mut after, change)?;
        let changed = issue_view::changed_fields(&before, &after);
        if changed.is_empty() {
            return Ok(before);
        }
        if let Some(provider) = before.provider {
            let mut checks = Checks::default();
            let message = format!("{0} owns this field. Change it in {0}.", provider.label());
            changed.iter().for_each(|field| checks.require(false, field, &message));
            return Err(checks.into_error().into());
        }
        after.updated_at = self.clock.now();
        issue::Entity::update(after.written()).exec(tx.db()).await?;
        self.issue_updated(tx, project, &after, &changed, Some(by)).await?;
        Ok(after)
    }

    fn blank(&self, project: &project::Model, author: &Actor, new: &CreateIssue) -> issue::Model {
        let now = self.clock.now();
        let (status_kind, status) = issue_fields::default_status(new.status_kind);
        issue::Model {
            id: self.ids.next(),
            project_id: project.id,
            provider: None,
            external_id: None,
            key: None,
            url: None,
            title: String::new(),
            search: SearchText::default(),
            description: String::new(),
            status,
            status_kind,
            priority: None,
            issue_type: None,
            labels: Strings::default(),
            assignee: None,
            author_id: author.id,
            created_at: now,
            updated_at: now,
            tracker_updated_at: None,
            synced_at: None,
            deleted_at: None,
            deletion: None,
            sync_due_at: None,
            sync_lease_until: None,
            sync_attempts: 0,
            sync_error: None,
        }
    }

    async fn show(&self, row: issue::Model) -> Result<Issue> {
        let authors = self.authors(std::slice::from_ref(&row)).await?;
        let author = authors.get(&row.author_id).cloned().unwrap_or_default();
        Ok(issue_view::issue(row, author))
    }

    async fn authors(&self, rows: &[issue::Model]) -> Result<HashMap<UserId, String>> {
        self.names(rows.iter().map(|row| row.author_id)).await
    }
}

/// The row within a change, so that two changes of one issue come one after the other.
async fn locked(tx: &Tx<'_>, id: IssueId) -> Result<issue::Model, ChangeError> {
    let row = issue::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(ChangeError::Refused(Error::NotFound))
}
