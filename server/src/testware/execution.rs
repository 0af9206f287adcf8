//! Runs and sessions: testware with a state and results.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::catalog::Verb;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Executions;
use app::testware::case::CaseId;
use app::testware::execution::ExecutionQuery;
use app::testware::result::{AddResult, TestResult};
use app::testware::run::{RunCase, RunCaseQuery};
use app::testware::subject::ExecutionSubject;
use app::testware::submission::{AddResults, Submission};
use async_trait::async_trait;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use super::events::{self, TestwareEvent};
use super::result::events::{ParentPart, ResultEvent};
use super::result::fields::{self, CheckedResult};
use super::result::rows::{self, ResultParent};
use super::row::{Id, Stored, TestwareRow};
use super::{items, result, search, submission};
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;

/// The columns by which a list of runs or sessions is filtered.
pub struct ExecutionColumns<C> {
    pub state: C,
    pub milestone: C,
    pub plan: Option<C>,
}

/// The row of a subject with a state and results.
#[async_trait]
pub trait ExecutionRow: TestwareRow<View: ExecutionSubject> {
    const EXECUTION_COLUMNS: ExecutionColumns<<Self::Entity as EntityTrait>::Column>;

    fn result_parent(id: Id<Self>) -> ResultParent;

    /// A page of the cases it consists of, in order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor of another list.
    async fn cases<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        id: Id<Self>,
        query: RunCaseQuery,
    ) -> Result<Page<RunCase>> {
        let _ = (db, project, id, query);
        Ok(Page::default())
    }
    /// Stores the changes that new results cause in other rows. Returns the position of the first one whose case is not
    /// part of it.
    async fn on_results(id: Id<Self>, tx: &Tx<'_>, results: &[CheckedResult]) -> Result<Option<usize>, DbErr> {
        let _ = (id, tx, results);
        Ok(None)
    }
    /// Stores the changes that a changed or deleted result of a case causes in other rows.
    async fn after_change(id: Id<Self>, tx: &Tx<'_>, case: Option<CaseId>) -> Result<(), DbErr> {
        let _ = (id, tx, case);
        Ok(())
    }
}

/// [`testware_row`](super::row::testware_row) for a run or session: adds its state and completion.
macro_rules! execution_row {
    ($table:ident, $view:ty, fields: { $($field:ident = $name:literal),+ }, groups: { $($group:ident),+ }, reset: { $($reset:ident),* }) => {
        $crate::testware::row::testware_row! {
            $table, $view, fields: { $($field = $name),+ }, reset: { state, completed_at $(, $reset)* }
        }

        const HAS_COUNTS: bool = true;
        const COMPLETED_AT: Option<$table::Column> = Some($table::Column::CompletedAt);

        fn filter(
            select: sea_orm::Select<$table::Entity>,
            query: &app::testware::execution::ExecutionQuery,
        ) -> app::error::Result<sea_orm::Select<$table::Entity>> {
            $crate::testware::execution::filter::<Self>(select, query)
        }

        fn state(&self) -> Option<app::testware::execution::State> {
            Some(self.state)
        }

        fn completed_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
            self.completed_at
        }

        fn part_of(&self) -> Vec<app::model::item_id::ItemId> {
            [$(self.$group.map(Into::into)),+].into_iter().flatten().collect()
        }

        fn set_completed_at(&mut self, at: chrono::DateTime<chrono::Utc>) {
            self.completed_at = Some(at);
        }
    };
}
pub(super) use execution_row;

#[async_trait]
impl<T: Stored + ExecutionSubject> Executions<T> for AppState
where
    T::Row: ExecutionRow,
{
    async fn cases(&self, actor: &Actor, id: T::Id, query: RunCaseQuery) -> Result<Page<RunCase>> {
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        let query = RunCaseQuery { caller: Some(actor.id), ..query };
        T::Row::cases(self.store.read(), &project, id, query).await
    }

    async fn results(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<TestResult>> {
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        rows::page(self, &project, rows::for_parent(T::Row::result_parent(id)), &page).await
    }

    async fn add_result(&self, actor: &Actor, id: T::Id, new: AddResult) -> Result<TestResult> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        let checked = vec![fields::check(new, T::HAS_CASES)?];
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let field = |_, field: &str| field.to_owned();
                let (_, added) = add_all::<T::Row>(&state, tx, &project, (id, checked), field, &by).await?;
                added.into_iter().next().ok_or(TxError::Refused(Error::Internal))
            })
        });
        Ok(change.await?)
    }

    async fn add_results(&self, actor: &Actor, id: T::Id, new: AddResults) -> Result<Submission> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        let checked = fields::check_all(new, T::HAS_CASES)?;
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let (row, added) = add_all::<T::Row>(&state, tx, &project, (id, checked), fields::in_list, &by).await?;
                Ok::<_, TxError>(submission::complete(&state, tx, &project, &row, &added, &by).await?)
            })
        });
        Ok(change.await?)
    }
}

/// Adds results and emits their events. `field` names a field of one of them in an error.
async fn add_all<R: ExecutionRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    (id, new): (Id<R>, Vec<CheckedResult>),
    field: impl Fn(usize, &str) -> String,
    by: &Actor,
) -> Result<(R, Vec<TestResult>), TxError> {
    let mut row = items::lock_open::<R>(tx, project, id).await?;
    if let Some(index) = R::on_results(id, tx, &new).await? {
        return Err(Error::field(&field(index, fields::CASE), "This case is not in the run.").into());
    }
    let issues = new.iter().flat_map(|result| result.issues.iter().copied()).collect();
    if let Some(unknown) = rows::unknown_issue(tx, project.id, &issues).await? {
        let index = new.iter().position(|result| result.issues.contains(&unknown)).unwrap_or_default();
        return Err(fields::unknown_issue(&field(index, fields::ISSUES)).into());
    }
    let added = rows::insert(state, tx, project, R::result_parent(id), new, by).await?;
    items::save(state, tx, &mut row).await?;
    let of_parent = added.iter().map(TestwareEvent::ResultAdded).collect();
    events::emit_all(state, tx, project, &row, (Verb::ResultAdded, of_parent), Some(by)).await?;
    let parent = ParentPart::new(state, project, &row);
    let created = added.iter().map(|result| (result, ResultEvent::Created));
    result::events::emit_all(state, tx, project, &parent, created, by).await?;
    let linked = added.iter().filter(|result| !result.issues.is_empty());
    let linked = linked.map(|result| (result, ResultEvent::IssueLinked(&result.issues)));
    result::events::emit_all(state, tx, project, &parent, linked, by).await?;
    Ok((row, added))
}

/// The filters of runs and sessions.
///
/// # Errors
/// [`Error::Invalid`] for a filter that only another subject has.
pub fn filter<R: ExecutionRow>(mut select: Select<R::Entity>, query: &ExecutionQuery) -> Result<Select<R::Entity>> {
    let ExecutionColumns { state, milestone, plan } = R::EXECUTION_COLUMNS;
    if let Some(wanted) = query.state {
        select = select.filter(state.eq(wanted));
    }
    if let Some(wanted) = query.milestone {
        select = select.filter(milestone.eq(wanted));
    }
    if let Some(wanted) = query.plan {
        let plan = plan.ok_or_else(|| Error::field("plan", "Sessions have no test plan."))?;
        select = select.filter(plan.eq(wanted));
    }
    Ok(search::completed::<R>(select, query.completed))
}
