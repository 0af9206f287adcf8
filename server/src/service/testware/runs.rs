//! Test runs. A completed one is a record: it takes no more changes and no more results.

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::{IssueId, ProjectId, RunId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_run::{CreateRun, RunCase, TestRun, UpdateRun};
use app::model::testware::{AddResult, Counts, State, TestResult, WorkQuery};
use app::service::Runs;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, IntoActiveModel, QuerySelect};

use super::results::{self, Parent};
use super::work_event::WorkEvent;
use super::work_search::{self, Columns};
use super::{key, result_fields, run_cases, run_events, work_fields};
use crate::core::Core;
use crate::entity::search_text::SearchText;
use crate::entity::test_run::Column;
use crate::entity::{project, test_run};
use crate::service::access::Access;
use crate::service::{ChangeError, cursor};
use crate::storage::{Tx, internal};

#[async_trait]
impl Runs for Core {
    async fn list_runs(&self, actor: &Actor, project: ProjectId, query: WorkQuery) -> Result<Page<TestRun>> {
        let Access { project, .. } = self.reader(actor, project).await?;
        let before = cursor::parse_id::<RunId>(query.cursor.as_deref())?.map(|id| id.0);
        let select = work_search::select::<test_run::Entity>(COLUMNS, &project, Subject::TestRun, &query, before)?;
        let rows = select.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, query.page().limit(), |row| row.id.to_string());
        let items = self.show_runs(&project, page.items).await?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    async fn run(&self, actor: &Actor, id: RunId) -> Result<TestRun> {
        let (row, Access { project, .. }) = self.living_run(actor, id).await?;
        self.show_run(&project, row).await
    }

    async fn run_cases(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<RunCase>> {
        let (_, Access { project, .. }) = self.living_run(actor, id).await?;
        run_cases::page(self.store.read(), &project, id, page).await
    }

    async fn run_results(&self, actor: &Actor, id: RunId, page: PageQuery) -> Result<Page<TestResult>> {
        let (_, Access { project, .. }) = self.living_run(actor, id).await?;
        self.results(&project, results::of(Parent::Run(id)), &page).await
    }

    async fn create_run(&self, actor: &Actor, project: ProjectId, new: CreateRun) -> Result<TestRun> {
        let Access { project, .. } = self.reader(actor, project).await?;
        let mut row = self.blank_run(&project, actor);
        let fields = UpdateRun { name: Some(new.name), description: Some(new.description), ..UpdateRun::default() };
        work_fields::set_run(&mut row, fields)?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = insert(tx, row).await?;
                run_cases::set(tx, &within, row.id, new.case_ids).await?;
                core.run_event(tx, &within, &row, WorkEvent::Created, &by).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        self.show_run(&project, change.await?).await
    }

    async fn update_run(&self, actor: &Actor, id: RunId, mut change: UpdateRun) -> Result<TestRun> {
        let (_, Access { project, .. }) = self.living_run(actor, id).await?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let before = open(tx, &within, id).await?;
                let mut after = before.clone();
                let cases = change.case_ids.take();
                work_fields::set_run(&mut after, change)?;
                let mut changed = work_fields::run_changed(&before, &after);
                if let Some(cases) = cases
                    && run_cases::set(tx, &within, id, cases).await?
                {
                    changed.push("cases");
                }
                if changed.is_empty() && before.state == after.state {
                    return Ok(before);
                }
                let after = core.save_run(tx, after).await?;
                if !changed.is_empty() {
                    core.run_event(tx, &within, &after, WorkEvent::Updated(&changed), &by).await?;
                }
                if before.state != after.state {
                    core.run_event(tx, &within, &after, WorkEvent::StateChanged(before.state), &by).await?;
                }
                Ok::<_, ChangeError>(after)
            })
        });
        self.show_run(&project, write.await?).await
    }

    async fn duplicate_run(&self, actor: &Actor, id: RunId) -> Result<TestRun> {
        let (from, Access { project, .. }) = self.living_run(actor, id).await?;
        let blank = self.blank_run(&project, actor);
        let row = test_run::Model { name: from.name.clone(), description: from.description.clone(), ..blank };
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = insert(tx, row).await?;
                run_cases::copy(tx, &within, from.id, row.id).await?;
                let happened = WorkEvent::Duplicated(run_events::source(&within, &from));
                core.run_event(tx, &within, &row, happened, &by).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        self.show_run(&project, change.await?).await
    }

    async fn complete_run(&self, actor: &Actor, id: RunId) -> Result<TestRun> {
        let (_, Access { project, .. }) = self.living_run(actor, id).await?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = open(tx, &within, id).await?;
                row.completed_at = Some(core.clock.now());
                let row = core.save_run(tx, row).await?;
                core.run_event(tx, &within, &row, WorkEvent::Completed, &by).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        self.show_run(&project, change.await?).await
    }

    async fn add_run_result(&self, actor: &Actor, id: RunId, new: AddResult) -> Result<TestResult> {
        let (_, Access { project, .. }) = self.living_run(actor, id).await?;
        let fields = result_fields::check(new, true)?;
        let (core, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = open(tx, &project, id).await?;
                let noted = match fields.case {
                    Some(case) => run_cases::note(tx, id, case, fields.status).await?,
                    None => false,
                };
                if !noted {
                    return Err(Error::field("caseId", "This case is not in the run.").into());
                }
                let added = core.write_result(tx, &project, Parent::Run(id), fields, &by).await?;
                let row = core.save_run(tx, row).await?;
                core.run_event(tx, &project, &row, WorkEvent::ResultAdded(&added), &by).await?;
                Ok::<_, ChangeError>(added)
            })
        });
        Ok(change.await?)
    }

    async fn delete_run(&self, actor: &Actor, id: RunId) -> Result<()> {
        let (_, Access { project, .. }) = self.living_run(actor, id).await?;
        let (core, by, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = locked(tx, id).await?;
                let mut gone = row.clone().into_active_model();
                gone.deleted_at = Set(Some(now));
                gone.updated_at = Set(now);
                test_run::Entity::update(gone).exec(tx.db()).await?;
                core.run_event(tx, &project, &row, WorkEvent::Deleted, &by).await.map_err(ChangeError::from)
            })
        });
        Ok(change.await?)
    }

    async fn issue_results(&self, actor: &Actor, issue: IssueId, page: PageQuery) -> Result<Page<TestResult>> {
        let (_, Access { project, .. }) = self.living_issue(actor, issue).await?;
        self.results(&project, results::linked_to(issue), &page).await
    }
}

const COLUMNS: Columns<Column> = Columns {
    id: Column::Id,
    project: Column::ProjectId,
    number: Column::Number,
    search: Column::Search,
    state: Column::State,
    completed_at: Column::CompletedAt,
    deleted_at: Column::DeletedAt,
};

impl Core {
    /// A run that is not deleted, and the caller's access to its project.
    async fn living_run(&self, actor: &Actor, id: RunId) -> Result<(test_run::Model, Access)> {
        let row = test_run::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
        let access = self.reader(actor, row.project_id).await?;
        Ok((row, access))
    }

    fn blank_run(&self, project: &project::Model, author: &Actor) -> test_run::Model {
        let now = self.clock.now();
        test_run::Model {
            id: self.ids.next(),
            project_id: project.id,
            number: 0,
            name: String::new(),
            search: SearchText::default(),
            description: String::new(),
            state: State::New,
            completed_at: None,
            author_id: author.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// Writes a run that has changed, now.
    async fn save_run(&self, tx: &Tx<'_>, mut row: test_run::Model) -> Result<test_run::Model, ChangeError> {
        row.updated_at = self.clock.now();
        test_run::Entity::update(row.written()).exec(tx.db()).await?;
        Ok(row)
    }

    async fn show_run(&self, project: &project::Model, row: test_run::Model) -> Result<TestRun> {
        self.show_runs(project, vec![row]).await?.pop().ok_or(Error::Internal)
    }

    async fn show_runs(&self, project: &project::Model, rows: Vec<test_run::Model>) -> Result<Vec<TestRun>> {
        let names = self.names(rows.iter().map(|row| row.author_id)).await?;
        let counts = run_cases::counts(self.store.read(), rows.iter().map(|row| row.id)).await.map_err(internal)?;
        let view = |row: test_run::Model| {
            let author = names.get(&row.author_id).cloned().unwrap_or_default();
            let counts = counts.get(&row.id).copied().unwrap_or_default();
            view(row, project, counts, author)
        };
        Ok(rows.into_iter().map(view).collect())
    }
}

/// Gives the row its number and writes it.
async fn insert(tx: &Tx<'_>, mut row: test_run::Model) -> Result<test_run::Model, ChangeError> {
    row.number = key::next_number(tx, row.project_id, Subject::TestRun).await?;
    test_run::Entity::insert(row.written()).exec_without_returning(tx.db()).await?;
    Ok(row)
}

/// The row within a change, so that two changes of one run come one after the other.
async fn locked(tx: &Tx<'_>, id: RunId) -> Result<test_run::Model, ChangeError> {
    let row = test_run::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(ChangeError::Refused(Error::NotFound))
}

/// The same, of a run that still takes changes.
async fn open(tx: &Tx<'_>, project: &project::Model, id: RunId) -> Result<test_run::Model, ChangeError> {
    let row = locked(tx, id).await?;
    if row.completed_at.is_some() {
        let key = key::key(project, Subject::TestRun, row.number);
        let detail = format!("{key} is completed and takes no more changes. Duplicate it to go on.");
        return Err(Error::conflict(detail).into());
    }
    Ok(row)
}

fn view(row: test_run::Model, project: &project::Model, counts: Counts, author: String) -> TestRun {
    TestRun {
        id: row.id,
        project_id: row.project_id,
        key: key::key(project, Subject::TestRun, row.number),
        name: row.name,
        description: row.description,
        state: row.state,
        completed_at: row.completed_at,
        counts,
        author,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
