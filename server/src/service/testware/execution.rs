//! Runs and sessions: testware with a state, results, and an end. After completion an item takes no
//! more changes and no more results.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::model::testware::{AddResult, ExecutionQuery, State, TestResult};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::result_fields::CheckedResult;
use super::results::{self, ResultParent};
use super::{Testware, TestwareEvent, events, key, operations, result_fields};
use crate::access::require_scope;
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::TxError;
use crate::storage::Tx;

/// A subject with a state and results, implemented by its row.
#[async_trait]
pub trait Execution: Testware {
    /// Whether a result names a case.
    const RESULTS_HAVE_CASES: bool;

    fn state_and_end(&mut self) -> (&mut State, &mut Option<DateTime<Utc>>);
    fn result_parent(id: Self::Id) -> ResultParent;

    /// Stores what a result changes besides its own row.
    ///
    /// # Errors
    /// A field that is invalid.
    async fn on_result(id: Self::Id, tx: &Tx<'_>, result: &CheckedResult) -> Result<(), TxError> {
        let _ = (id, tx, result);
        Ok(())
    }
}

pub async fn complete<T: Execution>(state: &AppState, actor: &Actor, id: T::Id) -> Result<T::View> {
    require_scope(actor, TokenScope::Write)?;
    let project = operations::active::<T>(state, actor, id).await?.1;
    let (state_in_tx, by, parent) = (state.clone(), actor.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = operations::lock_open::<T>(tx, &parent, id).await?;
            *row.state_and_end().1 = Some(state_in_tx.clock.now());
            operations::save(&state_in_tx, tx, &mut row).await?;
            events::emit(&state_in_tx, tx, &parent, &row, TestwareEvent::Completed, &by).await?;
            Ok::<_, TxError>(row)
        })
    });
    operations::view(state, &project, change.await?).await
}

pub async fn add_result<T: Execution>(
    state: &AppState,
    actor: &Actor,
    id: T::Id,
    new: AddResult,
) -> Result<TestResult> {
    require_scope(actor, TokenScope::Write)?;
    let project = operations::active::<T>(state, actor, id).await?.1;
    let fields = result_fields::check(new, T::RESULTS_HAVE_CASES)?;
    let (state_in_tx, by) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let mut row = operations::lock_open::<T>(tx, &project, id).await?;
            T::on_result(id, tx, &fields).await?;
            let added = results::insert(&state_in_tx, tx, &project, T::result_parent(id), fields, &by).await?;
            operations::save(&state_in_tx, tx, &mut row).await?;
            events::emit(&state_in_tx, tx, &project, &row, TestwareEvent::ResultAdded(&added), &by).await?;
            Ok::<_, TxError>(added)
        })
    });
    Ok(change.await?)
}

pub async fn results<T: Execution>(
    state: &AppState,
    actor: &Actor,
    id: T::Id,
    page: PageQuery,
) -> Result<Page<TestResult>> {
    let project = operations::active::<T>(state, actor, id).await?.1;
    results::page(state, &project, results::for_parent(T::result_parent(id)), &page).await
}

/// The filters of runs and sessions.
pub fn filter<E: EntityTrait>(
    mut select: Select<E>,
    query: &ExecutionQuery,
    state: E::Column,
    completed_at: E::Column,
) -> Select<E> {
    if let Some(wanted) = query.state {
        select = select.filter(state.eq(wanted));
    }
    match query.completed {
        Some(true) => select.filter(completed_at.is_not_null()),
        Some(false) => select.filter(completed_at.is_null()),
        None => select,
    }
}

/// # Errors
/// [`Error::Conflict`] for a completed item.
pub fn require_open<T: Execution>(row: &T, project: &project::Model) -> Result<()> {
    let mut row = row.clone();
    if row.state_and_end().1.is_none() {
        return Ok(());
    }
    let key = key::key(project, T::SUBJECT, *row.common().number);
    Err(Error::conflict(format!("{key} is completed and can't be changed. Duplicate it to continue.")))
}

/// The event of a change of state, if the state changed.
pub fn state_change<T: Execution>(before: &T, after: &T) -> Option<TestwareEvent<'static>> {
    let (before, after) = (*before.clone().state_and_end().0, *after.clone().state_and_end().0);
    (before != after).then_some(TestwareEvent::StateChanged(before))
}
