//! Test cases. A deleted one is found by nobody, but the runs that hold it keep it.

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::{CaseId, ProjectId};
use app::model::page::Page;
use app::model::people::Actor;
use app::model::test_case::{CaseQuery, CreateCase, Priority, TestCase, UpdateCase};
use app::service::Cases;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, IntoActiveModel, QuerySelect};

use super::case_events::CaseEvent;
use super::{case_fields, case_search, key};
use crate::core::Core;
use crate::entity::json::{Steps, Strings};
use crate::entity::search_text::SearchText;
use crate::entity::{project, test_case};
use crate::service::ChangeError;
use crate::service::access::Access;
use crate::storage::{Tx, internal};

#[async_trait]
impl Cases for Core {
    async fn list_cases(&self, actor: &Actor, project: ProjectId, query: CaseQuery) -> Result<Page<TestCase>> {
        let Access { project, .. } = self.reader(actor, project).await?;
        let rows = case_search::select(&project, &query)?.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, query.page().limit(), |row| row.id.to_string());
        let names = self.names(page.items.iter().map(|row| row.author_id)).await?;
        Ok(page.map(|row| {
            let author = names.get(&row.author_id).cloned().unwrap_or_default();
            view(row, &project, author)
        }))
    }

    async fn case(&self, actor: &Actor, id: CaseId) -> Result<TestCase> {
        let (row, access) = self.living_case(actor, id).await?;
        self.show_case(row, &access.project).await
    }

    async fn create_case(&self, actor: &Actor, project: ProjectId, new: CreateCase) -> Result<TestCase> {
        let Access { project, .. } = self.reader(actor, project).await?;
        let mut row = self.blank_case(&project, actor);
        case_fields::set(&mut row, case_fields::of_new(new))?;
        let (core, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = insert(tx, row).await?;
                core.case_event(tx, &project, &row, CaseEvent::Created, &by).await?;
                Ok::<_, ChangeError>(view(row, &project, by.name))
            })
        });
        Ok(change.await?)
    }

    async fn update_case(&self, actor: &Actor, id: CaseId, change: UpdateCase) -> Result<TestCase> {
        let (_, Access { project, .. }) = self.living_case(actor, id).await?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let before = locked(tx, id).await?;
                let mut after = before.clone();
                case_fields::set(&mut after, change)?;
                let changed = case_fields::changed(&before, &after);
                if changed.is_empty() {
                    return Ok(before);
                }
                after.updated_at = core.clock.now();
                test_case::Entity::update(after.written()).exec(tx.db()).await?;
                core.case_event(tx, &within, &after, CaseEvent::Updated(&changed), &by).await?;
                Ok::<_, ChangeError>(after)
            })
        });
        let row = write.await?;
        self.show_case(row, &project).await
    }

    async fn duplicate_case(&self, actor: &Actor, id: CaseId) -> Result<TestCase> {
        let (from, Access { project, .. }) = self.living_case(actor, id).await?;
        let blank = self.blank_case(&project, actor);
        let row = test_case::Model {
            title: from.title.clone(),
            preconditions: from.preconditions.clone(),
            steps: from.steps.clone(),
            priority: from.priority,
            labels: from.labels.clone(),
            ..blank
        };
        let (core, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = insert(tx, row).await?;
                core.case_event(tx, &project, &row, CaseEvent::Duplicated(&from), &by).await?;
                Ok::<_, ChangeError>(view(row, &project, by.name))
            })
        });
        Ok(change.await?)
    }

    async fn delete_case(&self, actor: &Actor, id: CaseId) -> Result<()> {
        let (_, Access { project, .. }) = self.living_case(actor, id).await?;
        let (core, by, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = locked(tx, id).await?;
                let mut gone = row.clone().into_active_model();
                gone.deleted_at = Set(Some(now));
                gone.updated_at = Set(now);
                test_case::Entity::update(gone).exec(tx.db()).await?;
                core.case_event(tx, &project, &row, CaseEvent::Deleted, &by).await.map_err(ChangeError::from)
            })
        });
        Ok(change.await?)
    }
}

impl Core {
    /// A case that is not deleted, and the caller's access to its project.
    async fn living_case(&self, actor: &Actor, id: CaseId) -> Result<(test_case::Model, Access)> {
        let row = test_case::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
        let access = self.reader(actor, row.project_id).await?;
        Ok((row, access))
    }

    fn blank_case(&self, project: &project::Model, author: &Actor) -> test_case::Model {
        let now = self.clock.now();
        test_case::Model {
            id: self.ids.next(),
            project_id: project.id,
            number: 0,
            title: String::new(),
            search: SearchText::default(),
            preconditions: String::new(),
            steps: Steps::default(),
            priority: Priority::Medium,
            labels: Strings::default(),
            author_id: author.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    async fn show_case(&self, row: test_case::Model, project: &project::Model) -> Result<TestCase> {
        let author = self.names([row.author_id].into_iter()).await?.remove(&row.author_id).unwrap_or_default();
        Ok(view(row, project, author))
    }
}

/// Gives the row its number and writes it.
async fn insert(tx: &Tx<'_>, mut row: test_case::Model) -> Result<test_case::Model, ChangeError> {
    row.number = key::next_number(tx, row.project_id, Subject::Case).await?;
    test_case::Entity::insert(row.written()).exec_without_returning(tx.db()).await?;
    Ok(row)
}

/// The row within a change, so that two changes of one case come one after the other.
async fn locked(tx: &Tx<'_>, id: CaseId) -> Result<test_case::Model, ChangeError> {
    let row = test_case::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(ChangeError::Refused(Error::NotFound))
}

fn view(row: test_case::Model, project: &project::Model, author: String) -> TestCase {
    TestCase {
        id: row.id,
        project_id: row.project_id,
        key: key::key(project, Subject::Case, row.number),
        title: row.title,
        preconditions: row.preconditions,
        steps: row.steps.0,
        priority: row.priority,
        labels: row.labels.0,
        author,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
