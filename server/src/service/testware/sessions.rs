//! Exploratory sessions. A completed one is a record: it takes no more changes and no more results.

use app::error::{Error, Result};
use app::model::catalog::Subject;
use app::model::id::{ProjectId, SessionId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::test_session::{CreateSession, TestSession, UpdateSession};
use app::model::testware::{AddResult, Counts, State, TestResult, WorkQuery};
use app::service::Sessions;
use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, IntoActiveModel, QuerySelect};

use super::results::{self, Parent};
use super::work_event::WorkEvent;
use super::work_search::{self, Columns};
use super::{key, result_fields, session_events, work_fields};
use crate::core::Core;
use crate::entity::search_text::SearchText;
use crate::entity::test_session::Column;
use crate::entity::{project, test_session};
use crate::service::access::Access;
use crate::service::{ChangeError, cursor};
use crate::storage::{Tx, internal};

#[async_trait]
impl Sessions for Core {
    async fn list_sessions(&self, actor: &Actor, project: ProjectId, query: WorkQuery) -> Result<Page<TestSession>> {
        let Access { project, .. } = self.reader(actor, project).await?;
        let before = cursor::parse_id::<SessionId>(query.cursor.as_deref())?.map(|id| id.0);
        let select = work_search::select::<test_session::Entity>(COLUMNS, &project, Subject::Session, &query, before)?;
        let rows = select.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, query.page().limit(), |row| row.id.to_string());
        let items = self.show_sessions(&project, page.items).await?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    async fn session(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        let (row, Access { project, .. }) = self.living_session(actor, id).await?;
        self.show_session(&project, row).await
    }

    async fn session_results(&self, actor: &Actor, id: SessionId, page: PageQuery) -> Result<Page<TestResult>> {
        let (_, Access { project, .. }) = self.living_session(actor, id).await?;
        self.results(&project, results::of(Parent::Session(id)), &page).await
    }

    async fn create_session(&self, actor: &Actor, project: ProjectId, new: CreateSession) -> Result<TestSession> {
        let Access { project, .. } = self.reader(actor, project).await?;
        let mut row = self.blank_session(&project, actor);
        let fields = UpdateSession {
            name: Some(new.name),
            charter: Some(new.charter),
            time_box_minutes: new.time_box_minutes,
            state: None,
        };
        work_fields::set_session(&mut row, fields)?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = insert(tx, row).await?;
                core.session_event(tx, &within, &row, WorkEvent::Created, &by).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        self.show_session(&project, change.await?).await
    }

    async fn update_session(&self, actor: &Actor, id: SessionId, change: UpdateSession) -> Result<TestSession> {
        let (_, Access { project, .. }) = self.living_session(actor, id).await?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let write = self.store.write(move |tx| {
            Box::pin(async move {
                let before = open(tx, &within, id).await?;
                let mut after = before.clone();
                work_fields::set_session(&mut after, change)?;
                let changed = work_fields::session_changed(&before, &after);
                if changed.is_empty() && before.state == after.state {
                    return Ok(before);
                }
                let after = core.save_session(tx, after).await?;
                if !changed.is_empty() {
                    core.session_event(tx, &within, &after, WorkEvent::Updated(&changed), &by).await?;
                }
                if before.state != after.state {
                    core.session_event(tx, &within, &after, WorkEvent::StateChanged(before.state), &by).await?;
                }
                Ok::<_, ChangeError>(after)
            })
        });
        self.show_session(&project, write.await?).await
    }

    async fn duplicate_session(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        let (from, Access { project, .. }) = self.living_session(actor, id).await?;
        let blank = self.blank_session(&project, actor);
        let row = test_session::Model {
            name: from.name.clone(),
            charter: from.charter.clone(),
            time_box_minutes: from.time_box_minutes,
            ..blank
        };
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = insert(tx, row).await?;
                let happened = WorkEvent::Duplicated(session_events::source(&within, &from));
                core.session_event(tx, &within, &row, happened, &by).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        self.show_session(&project, change.await?).await
    }

    async fn complete_session(&self, actor: &Actor, id: SessionId) -> Result<TestSession> {
        let (_, Access { project, .. }) = self.living_session(actor, id).await?;
        let (core, by, within) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = open(tx, &within, id).await?;
                row.completed_at = Some(core.clock.now());
                let row = core.save_session(tx, row).await?;
                core.session_event(tx, &within, &row, WorkEvent::Completed, &by).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        self.show_session(&project, change.await?).await
    }

    async fn add_session_result(&self, actor: &Actor, id: SessionId, new: AddResult) -> Result<TestResult> {
        let (_, Access { project, .. }) = self.living_session(actor, id).await?;
        let fields = result_fields::check(new, false)?;
        let (core, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = open(tx, &project, id).await?;
                let added = core.write_result(tx, &project, Parent::Session(id), fields, &by).await?;
                let row = core.save_session(tx, row).await?;
                core.session_event(tx, &project, &row, WorkEvent::ResultAdded(&added), &by).await?;
                Ok::<_, ChangeError>(added)
            })
        });
        Ok(change.await?)
    }

    async fn delete_session(&self, actor: &Actor, id: SessionId) -> Result<()> {
        let (_, Access { project, .. }) = self.living_session(actor, id).await?;
        let (core, by, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = locked(tx, id).await?;
                let mut gone = row.clone().into_active_model();
                gone.deleted_at = Set(Some(now));
                gone.updated_at = Set(now);
                test_session::Entity::update(gone).exec(tx.db()).await?;
                core.session_event(tx, &project, &row, WorkEvent::Deleted, &by).await.map_err(ChangeError::from)
            })
        });
        Ok(change.await?)
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
    /// A session that is not deleted, and the caller's access to its project.
    async fn living_session(&self, actor: &Actor, id: SessionId) -> Result<(test_session::Model, Access)> {
        let row = test_session::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        let row = row.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
        let access = self.reader(actor, row.project_id).await?;
        Ok((row, access))
    }

    fn blank_session(&self, project: &project::Model, author: &Actor) -> test_session::Model {
        let now = self.clock.now();
        test_session::Model {
            id: self.ids.next(),
            project_id: project.id,
            number: 0,
            name: String::new(),
            search: SearchText::default(),
            charter: String::new(),
            time_box_minutes: None,
            state: State::New,
            completed_at: None,
            author_id: author.id,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        }
    }

    /// Writes a session that has changed, now.
    async fn save_session(
        &self,
        tx: &Tx<'_>,
        mut row: test_session::Model,
    ) -> Result<test_session::Model, ChangeError> {
        row.updated_at = self.clock.now();
        test_session::Entity::update(row.written()).exec(tx.db()).await?;
        Ok(row)
    }

    async fn show_session(&self, project: &project::Model, row: test_session::Model) -> Result<TestSession> {
        self.show_sessions(project, vec![row]).await?.pop().ok_or(Error::Internal)
    }

    async fn show_sessions(
        &self,
        project: &project::Model,
        rows: Vec<test_session::Model>,
    ) -> Result<Vec<TestSession>> {
        let names = self.names(rows.iter().map(|row| row.author_id)).await?;
        let counts = results::counts(self.store.read(), rows.iter().map(|row| row.id)).await.map_err(internal)?;
        let view = |row: test_session::Model| {
            let author = names.get(&row.author_id).cloned().unwrap_or_default();
            let counts = counts.get(&row.id).copied().unwrap_or_default();
            view(row, project, counts, author)
        };
        Ok(rows.into_iter().map(view).collect())
    }
}

/// Gives the row its number and writes it.
async fn insert(tx: &Tx<'_>, mut row: test_session::Model) -> Result<test_session::Model, ChangeError> {
    row.number = key::next_number(tx, row.project_id, Subject::Session).await?;
    test_session::Entity::insert(row.written()).exec_without_returning(tx.db()).await?;
    Ok(row)
}

/// The row within a change, so that two changes of one session come one after the other.
async fn locked(tx: &Tx<'_>, id: SessionId) -> Result<test_session::Model, ChangeError> {
    let row = test_session::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    row.filter(|row| row.deleted_at.is_none()).ok_or(ChangeError::Refused(Error::NotFound))
}

/// The same, of a session that still takes changes.
async fn open(tx: &Tx<'_>, project: &project::Model, id: SessionId) -> Result<test_session::Model, ChangeError> {
    let row = locked(tx, id).await?;
    if row.completed_at.is_some() {
        let key = key::key(project, Subject::Session, row.number);
        let detail = format!("{key} is completed and takes no more changes. Duplicate it to go on.");
        return Err(Error::conflict(detail).into());
    }
    Ok(row)
}

fn view(row: test_session::Model, project: &project::Model, counts: Counts, author: String) -> TestSession {
    TestSession {
        id: row.id,
        project_id: row.project_id,
        key: key::key(project, Subject::Session, row.number),
        name: row.name,
        charter: row.charter,
        time_box_minutes: row.time_box_minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        state: row.state,
        completed_at: row.completed_at,
        counts,
        author,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
