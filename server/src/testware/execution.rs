//! Runs and sessions: testware with a state, results and completion. Completed items are read-only.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::catalog::CatalogSubject;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Executions;
use app::testware::execution::{AddResult, ExecutionQuery, TestResult};
use app::testware::run::RunCase;
use app::testware::subject::ExecutionSubject;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Select};

use super::events::{self, TestwareEvent};
use super::result_fields::{self, CheckedResult};
use super::results::{self, ResultParent};
use super::row::{Id, Stored, TestwareRow};
use super::{items, key, summary};
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::project;
use crate::events::FieldChange;
use crate::service::TxError;
use crate::storage::Tx;

/// The row of a subject with a state and results.
#[async_trait]
pub trait ExecutionRow: TestwareRow<View: ExecutionSubject> {
    fn complete(&mut self, at: DateTime<Utc>);
    fn result_parent(id: Id<Self>) -> ResultParent;

    /// A page of the cases it consists of, in order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor of another list.
    async fn cases<C: ConnectionTrait>(
        db: &C,
        project: &project::Model,
        id: Id<Self>,
        page: PageQuery,
    ) -> Result<Page<RunCase>> {
        let _ = (db, project, id, page);
        Ok(Page::default())
    }
    /// Stores the changes that a result causes in other rows.
    ///
    /// # Errors
    /// A field that is invalid.
    async fn on_result(id: Id<Self>, tx: &Tx<'_>, result: &CheckedResult) -> Result<(), TxError> {
        let _ = (id, tx, result);
        Ok(())
    }
}

/// [`testware_row`](super::row::testware_row) for a run or session: adds its state and completion.
macro_rules! execution_row {
    ($table:ident, $view:ty, fields: { $($field:ident = $name:literal),+ }) => {
        $crate::testware::row::testware_row! {
            $table, $view, fields: { $($field = $name),+ }, reset: { state, completed_at }
        }

        const COMPLETED_AT: Option<$table::Column> = Some($table::Column::CompletedAt);

        fn filter(
            select: sea_orm::Select<$table::Entity>,
            query: &app::testware::execution::ExecutionQuery,
        ) -> app::error::Result<sea_orm::Select<$table::Entity>> {
            Ok($crate::testware::execution::filter::<Self>(select, query, $table::Column::State))
        }

        fn progress(&self) -> Option<$crate::testware::row::Progress> {
            Some($crate::testware::row::Progress { state: self.state, completed_at: self.completed_at })
        }
    };
}
pub(super) use execution_row;

#[async_trait]
impl<T: Stored + ExecutionSubject> Executions<T> for AppState
where
    T::Row: ExecutionRow,
{
    async fn complete(&self, actor: &Actor, id: T::Id) -> Result<T> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = lock_open::<T::Row>(tx, &parent, id).await?;
                row.complete(state.clock.now());
                items::save(&state, tx, &mut row).await?;
                let summary = summary::of_completed(tx.db(), &parent, &state.config, &row).await?;
                events::emit(&state, tx, &parent, &row, TestwareEvent::Completed(summary), &by).await?;
                Ok::<_, TxError>(row)
            })
        });
        items::view(self, &project, change.await?).await
    }

    async fn cases(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<RunCase>> {
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        T::Row::cases(self.store.read(), &project, id, page).await
    }

    async fn results(&self, actor: &Actor, id: T::Id, page: PageQuery) -> Result<Page<TestResult>> {
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        results::page(self, &project, results::for_parent(T::Row::result_parent(id)), &page).await
    }

    async fn add_result(&self, actor: &Actor, id: T::Id, new: AddResult) -> Result<TestResult> {
        require_scope(actor, TokenScope::Write)?;
        let project = items::active::<T::Row>(self, actor, id).await?.1;
        let fields = result_fields::check(new, T::HAS_CASES)?;
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = lock_open::<T::Row>(tx, &project, id).await?;
                T::Row::on_result(id, tx, &fields).await?;
                let added = results::insert(&state, tx, &project, T::Row::result_parent(id), fields, &by).await?;
                items::save(&state, tx, &mut row).await?;
                events::emit(&state, tx, &project, &row, TestwareEvent::ResultAdded(&added), &by).await?;
                Ok::<_, TxError>(added)
            })
        });
        Ok(change.await?)
    }
}

/// The filters of runs and sessions.
pub fn filter<R: TestwareRow>(
    mut select: Select<R::Entity>,
    query: &ExecutionQuery,
    state: <R::Entity as EntityTrait>::Column,
) -> Select<R::Entity> {
    if let Some(wanted) = query.state {
        select = select.filter(state.eq(wanted));
    }
    match (query.completed, R::COMPLETED_AT) {
        (Some(true), Some(completed_at)) => select.filter(completed_at.is_not_null()),
        (Some(false), Some(completed_at)) => select.filter(completed_at.is_null()),
        _ => select,
    }
}

/// [`items::lock`] for an item that can still be changed.
///
/// # Errors
/// [`Error::NotFound`], and [`Error::Conflict`] for a completed item.
pub async fn lock_open<R: TestwareRow>(tx: &Tx<'_>, project: &project::Model, id: Id<R>) -> Result<R, TxError> {
    let row = items::lock::<R>(tx, id).await?;
    if row.progress().is_some_and(|progress| progress.completed_at.is_some()) {
        let key = key::key(project, R::View::SUBJECT, row.common().number);
        let message = format!("{key} is completed and can't be changed. Duplicate it to continue.");
        return Err(Error::conflict(message).into());
    }
    Ok(row)
}

/// The event of a change of state, if the state changed.
pub fn state_change<R: TestwareRow>(before: &R, after: &R) -> Option<TestwareEvent<'static>> {
    let (before, after) = (before.progress()?.state, after.progress()?.state);
    FieldChange::between("state", &before, &after).map(|change| TestwareEvent::StateChanged(before, change))
}
