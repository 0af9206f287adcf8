//! Reading and changing testware, the same for every subject. A change locks its row, writes it, and
//! emits its event in one transaction.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::id::ProjectId;
use app::model::page::Page;
use app::model::people::Actor;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Testware, TestwareEvent, events, key, search};
use crate::access::{require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::project;
use crate::service::TxError;
use crate::service::people::names::names;
use crate::storage::{Tx, internal};

pub async fn list<T: Testware>(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    query: T::Query,
) -> Result<Page<T::View>> {
    let project = require_member(state, actor, project).await?.project;
    let rows = search::select::<T>(&project, &query)?.all(state.store.read()).await.map_err(internal)?;
    let page = Page::cut(rows, T::page_and_search(&query).0.limit(), |row: &T| row.id().to_string());
    let items = views(state, &project, page.items).await?;
    Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
}

pub async fn read<T: Testware>(state: &AppState, actor: &Actor, id: T::Id) -> Result<T::View> {
    let (row, project) = active::<T>(state, actor, id).await?;
    view(state, &project, row).await
}

pub async fn create<T: Testware>(
    state: &AppState,
    actor: &Actor,
    project: ProjectId,
    mut fields: T::Update,
) -> Result<T::View> {
    require_scope(actor, TokenScope::Write)?;
    let project = require_member(state, actor, project).await?.project;
    let mut row = T::empty(state, &project, actor);
    row.set_fields(&mut fields)?;
    let (state_in_tx, by, parent) = (state.clone(), actor.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = insert(tx, row).await?;
            row.set_related(tx, &parent, &mut fields).await?;
            events::emit(&state_in_tx, tx, &parent, &row, TestwareEvent::Created, &by).await?;
            Ok::<_, TxError>(row)
        })
    });
    view(state, &project, change.await?).await
}

pub async fn update<T: Testware>(state: &AppState, actor: &Actor, id: T::Id, mut fields: T::Update) -> Result<T::View> {
    require_scope(actor, TokenScope::Write)?;
    let project = active::<T>(state, actor, id).await?.1;
    let (state_in_tx, by, parent) = (state.clone(), actor.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let before = lock_open::<T>(tx, &parent, id).await?;
            let mut after = before.clone();
            after.set_fields(&mut fields)?;
            let mut changed = T::changed_fields(&before, &after);
            changed.extend(after.set_related(tx, &parent, &mut fields).await?);
            let state_change = T::state_change(&before, &after);
            if changed.is_empty() && state_change.is_none() {
                return Ok(before);
            }
            save(&state_in_tx, tx, &mut after).await?;
            let updated = (!changed.is_empty()).then_some(TestwareEvent::Updated(&changed));
            for event in updated.into_iter().chain(state_change) {
                events::emit(&state_in_tx, tx, &parent, &after, event, &by).await?;
            }
            Ok::<_, TxError>(after)
        })
    });
    view(state, &project, change.await?).await
}

pub async fn duplicate<T: Testware>(state: &AppState, actor: &Actor, id: T::Id) -> Result<T::View> {
    require_scope(actor, TokenScope::Write)?;
    let (mut original, project) = active::<T>(state, actor, id).await?;
    let copy = original.copy_onto(T::empty(state, &project, actor));
    let (state_in_tx, by, parent) = (state.clone(), actor.clone(), project.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = insert(tx, copy).await?;
            original.copy_related(tx, &parent, row.id()).await?;
            let event = TestwareEvent::Duplicated(events::reference(&parent, &mut original));
            events::emit(&state_in_tx, tx, &parent, &row, event, &by).await?;
            Ok::<_, TxError>(row)
        })
    });
    view(state, &project, change.await?).await
}

pub async fn delete<T: Testware>(state: &AppState, actor: &Actor, id: T::Id) -> Result<()> {
    require_scope(actor, TokenScope::Write)?;
    let project = active::<T>(state, actor, id).await?.1;
    let (state_in_tx, by, now) = (state.clone(), actor.clone(), state.clock.now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = lock::<T>(tx, id).await?;
            let mut deleted = row.clone();
            *deleted.common().deleted_at = Some(now);
            save(&state_in_tx, tx, &mut deleted).await?;
            events::emit(&state_in_tx, tx, &project, &row, TestwareEvent::Deleted, &by).await.map_err(TxError::from)
        })
    });
    Ok(change.await?)
}

/// An item that is not deleted, and its project, which the caller is a member of.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn active<T: Testware>(state: &AppState, actor: &Actor, id: T::Id) -> Result<(T, project::Model)> {
    let row = T::Entity::find().filter(T::COLUMNS.id.eq(id)).one(state.store.read()).await.map_err(internal)?;
    let mut row = row.ok_or(Error::NotFound)?;
    if row.common().deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    let project_id = row.common().project_id;
    let access = require_member(state, actor, project_id).await?;
    Ok((row, access.project))
}

/// The row within a transaction, so that two changes of one item are made one after the other.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock<T: Testware>(tx: &Tx<'_>, id: T::Id) -> Result<T, TxError> {
    let row = T::Entity::find().filter(T::COLUMNS.id.eq(id)).lock_exclusive().one(tx.db()).await?;
    let mut row = row.ok_or(Error::NotFound)?;
    if row.common().deleted_at.is_some() {
        return Err(Error::NotFound.into());
    }
    Ok(row)
}

/// [`lock`] for an item that still takes changes.
///
/// # Errors
/// [`Error::NotFound`], and [`Error::Conflict`] for a completed item.
pub async fn lock_open<T: Testware>(tx: &Tx<'_>, project: &project::Model, id: T::Id) -> Result<T, TxError> {
    let row = lock::<T>(tx, id).await?;
    row.require_open(project)?;
    Ok(row)
}

/// Writes a changed row.
///
/// # Errors
/// Errors of the database.
pub async fn save<T: Testware>(state: &AppState, tx: &Tx<'_>, row: &mut T) -> Result<(), TxError> {
    *row.common().updated_at = state.clock.now();
    T::Entity::update(row.stored()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The item as the API shows it.
///
/// # Errors
/// Errors of the database.
pub async fn view<T: Testware>(state: &AppState, project: &project::Model, row: T) -> Result<T::View> {
    views(state, project, vec![row]).await?.pop().ok_or(Error::Internal)
}

async fn views<T: Testware>(state: &AppState, project: &project::Model, mut rows: Vec<T>) -> Result<Vec<T::View>> {
    let authors: Vec<_> = rows.iter_mut().map(|row| row.common().author_id).collect();
    let names = names(state.store.read(), authors.iter().copied()).await.map_err(internal)?;
    let ids: Vec<_> = rows.iter().map(T::id).collect();
    let counts = T::counts(state, &ids).await.map_err(internal)?;
    let view = |(mut row, author): (T, _)| {
        let counts = counts.get(&row.id()).copied().unwrap_or_default();
        let key = key::key(project, T::SUBJECT, *row.common().number);
        row.view(key, names.get(&author).cloned().unwrap_or_default(), counts)
    };
    Ok(rows.into_iter().zip(authors).map(view).collect())
}

/// Gives the row its number and inserts it.
async fn insert<T: Testware>(tx: &Tx<'_>, mut row: T) -> Result<T, TxError> {
    let project = row.common().project_id;
    *row.common().number = key::next_number(tx, project, T::SUBJECT).await?;
    T::Entity::insert(row.stored()).exec_without_returning(tx.db()).await?;
    Ok(row)
}
