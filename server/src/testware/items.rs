//! Reads and changes testware, the same for every subject. A change locks its row, writes it, and
//! emits its event in one transaction.

use app::error::{Error, Result};
use app::model::account::TokenScope;
use app::model::catalog::{CatalogSubject, Verb};
use app::model::id::ProjectId;
use app::model::page::Page;
use app::model::people::Actor;
use app::service::Testware;
use app::testware::item::CopiedCases;
use app::testware::subject::ListQuery;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

use super::events::{self, TestwareEvent};
use super::row::{Id, Stored, TestwareRow, Update};
use super::{key, search};
use crate::access::{require_member, require_scope};
use crate::app_state::AppState;
use crate::entity::project;
use crate::entity::search_text::fold;
use crate::service::people::names::user_names;
use crate::service::{TxError, cursor};
use crate::storage::{Tx, internal};

#[async_trait]
impl<T: Stored> Testware<T> for AppState {
    async fn list(&self, actor: &Actor, project: ProjectId, mut query: T::Query) -> Result<Page<T>> {
        query.set_caller(actor.id);
        let project = require_member(self, actor, project).await?.project;
        let found = search::select::<T::Row>(&project, &query)?;
        let page =
            cursor::newest_first(self.store.read(), found, (T::Row::COLUMNS.id, T::Row::id), &query.page()).await?;
        let items = views(self, &project, page.items).await?;
        Ok(Page { items, next_cursor: page.next_cursor, previous_cursor: None })
    }

    async fn read(&self, actor: &Actor, id: T::Id) -> Result<T::Detail> {
        let (row, project) = active::<T::Row>(self, actor, id).await?;
        Ok(T::Row::detail(view(self, &project, row).await?))
    }

    async fn create(&self, actor: &Actor, project: ProjectId, new: T::Create) -> Result<T> {
        require_scope(actor, TokenScope::Write)?;
        let project = require_member(self, actor, project).await?.project;
        let mut row = T::Row::empty(self, project.id, actor.id);
        let mut fields = new.into();
        row.set_fields(&mut fields)?;
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = row;
                row.resolve(tx, &parent, &mut fields).await?;
                let row = insert(tx, row).await?;
                row.set_related(tx, &parent, &mut fields).await?;
                row.record(&state, tx, &parent, (None, &[]), &by).await?;
                events::emit(&state, tx, &parent, &row, TestwareEvent::Created, &by).await?;
                Ok::<_, TxError>(row)
            })
        });
        view(self, &project, change.await?).await
    }

    async fn update(&self, actor: &Actor, id: T::Id, mut fields: T::Update) -> Result<T> {
        require_scope(actor, TokenScope::Write)?;
        require_verb::<T>(Verb::Updated)?;
        let project = active::<T::Row>(self, actor, id).await?.1;
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move { change_fields::<T::Row>(&state, tx, &parent, id, &mut fields, &by).await })
        });
        view(self, &project, change.await?).await
    }

    async fn duplicate(&self, actor: &Actor, id: T::Id, cases: CopiedCases) -> Result<T> {
        require_scope(actor, TokenScope::Write)?;
        require_verb::<T>(Verb::Duplicated)?;
        let (original, project) = active::<T::Row>(self, actor, id).await?;
        let copy = original.copy_onto(T::Row::empty(self, project.id, actor.id));
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut copy = copy;
                copy.before_copy(tx).await?;
                let row = insert(tx, copy).await?;
                original.copy_related(&state, tx, &parent, &row, cases).await?;
                row.record(&state, tx, &parent, (None, &[]), &by).await?;
                let event = TestwareEvent::Duplicated(events::reference(&parent, &original));
                events::emit(&state, tx, &parent, &row, event, &by).await?;
                Ok::<_, TxError>(row)
            })
        });
        view(self, &project, change.await?).await
    }

    async fn complete(&self, actor: &Actor, id: T::Id) -> Result<T> {
        require_scope(actor, TokenScope::Write)?;
        require_verb::<T>(Verb::Completed)?;
        if T::Row::HAS_OUTCOME {
            return Err(Error::NotFound);
        }
        let project = active::<T::Row>(self, actor, id).await?.1;
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = lock_open::<T::Row>(tx, &parent, id).await?;
                row.before_complete(tx, &parent).await?;
                complete(&state, tx, &parent, &mut row, Some(&by)).await?;
                Ok::<_, TxError>(row)
            })
        });
        view(self, &project, change.await?).await
    }

    async fn abort(&self, actor: &Actor, id: T::Id) -> Result<T> {
        require_scope(actor, TokenScope::Write)?;
        require_verb::<T>(Verb::Aborted)?;
        let project = active::<T::Row>(self, actor, id).await?.1;
        let (state, by, parent) = (self.clone(), actor.clone(), project.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let mut row = lock_open::<T::Row>(tx, &parent, id).await?;
                row.set_aborted();
                let data = end(&state, tx, &parent, &mut row).await?;
                events::emit(&state, tx, &parent, &row, TestwareEvent::Aborted(data), &by).await?;
                Ok::<_, TxError>(row)
            })
        });
        view(self, &project, change.await?).await
    }

    async fn delete(&self, actor: &Actor, id: T::Id) -> Result<()> {
        require_scope(actor, TokenScope::Write)?;
        require_verb::<T>(Verb::Deleted)?;
        let project = active::<T::Row>(self, actor, id).await?.1;
        let (state, by) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = lock::<T::Row>(tx, id).await?;
                delete_row(&state, tx, &project, &row, &by).await
            })
        });
        Ok(change.await?)
    }
}

/// Deletes an item that is locked; emits `deleted`.
pub async fn delete_row<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &R,
    by: &Actor,
) -> Result<(), TxError> {
    row.detach(tx, project).await?;
    let mut deleted = row.clone();
    deleted.set_deleted_at(state.clock.now());
    save(state, tx, &mut deleted).await?;
    Ok(events::emit(state, tx, project, row, TestwareEvent::Deleted, by).await?)
}

/// Changes an item; emits `updated` if a field changed, and the event of each field that has its own.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for a completed item, and [`Error::Invalid`] for invalid fields.
pub async fn change_fields<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    id: Id<R>,
    fields: &mut Update<R>,
    by: &Actor,
) -> Result<R, TxError> {
    let before = lock_open::<R>(tx, project, id).await?;
    Ok(change_row(state, tx, project, &before, fields, by).await?.unwrap_or(before))
}

/// [`change_fields`] of an item that is locked. `None` if nothing changed.
///
/// # Errors
/// [`Error::Invalid`] for invalid fields.
pub async fn change_row<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    before: &R,
    fields: &mut Update<R>,
    by: &Actor,
) -> Result<Option<R>, TxError> {
    let mut after = before.clone();
    after.set_fields(fields)?;
    after.resolve(tx, project, fields).await?;
    let mut changes = R::changes(before, &after);
    changes.extend(after.set_related(tx, project, fields).await?);
    let own_changes = R::own_changes(before, &after);
    if changes.is_empty() && own_changes.is_empty() {
        return Ok(None);
    }
    save(state, tx, &mut after).await?;
    after.record(state, tx, project, (Some(before), &changes), by).await?;
    show(tx, project, before);
    let updated = (!changes.is_empty()).then_some(TestwareEvent::Updated(&changes));
    let added = after.added_cases(tx, project, &changes).await?.map(TestwareEvent::CasesAdded);
    let own = own_changes.into_iter().map(|(verb, change)| TestwareEvent::FieldChanged(verb, change));
    for event in updated.into_iter().chain(added).chain(own) {
        events::emit(state, tx, project, &after, event, by).await?;
    }
    Ok(Some(after))
}

/// Refuses what the subject has no event for.
fn require_verb<T: Stored>(verb: Verb) -> Result<()> {
    if T::SUBJECT.has(verb) { Ok(()) } else { Err(Error::NotFound) }
}

/// An item that is not deleted, and its project. The caller must be a member.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn active<R: TestwareRow>(state: &AppState, actor: &Actor, id: Id<R>) -> Result<(R, project::Model)> {
    let row = R::Entity::find().filter(R::COLUMNS.id.eq(id)).one(state.store.read()).await.map_err(internal)?;
    let row = row.filter(is_active).ok_or(Error::NotFound)?;
    let access = require_member(state, actor, row.common().project_id).await?;
    Ok((row, access.project))
}

/// The item with this key, if it is not deleted. Upper and lower case are the same.
///
/// # Errors
/// [`Error::Internal`].
pub async fn with_key<T: Stored>(state: &AppState, project: &project::Model, key: &str) -> Result<Option<T>> {
    let number = fold(key.trim()).strip_prefix(&fold(&key::prefix(project, T::SUBJECT))).map(str::parse::<i32>);
    let Some(Ok(number)) = number else { return Ok(None) };
    let row = search::with_number::<T::Row>(project.id, number).one(state.store.read()).await.map_err(internal)?;
    Ok(match row {
        Some(row) => Some(view(state, project, row).await?),
        None => None,
    })
}

/// Locks the row, so that two changes of one item run one after the other.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lock<R: TestwareRow>(tx: &Tx<'_>, id: Id<R>) -> Result<R, TxError> {
    let row = R::Entity::find().filter(R::COLUMNS.id.eq(id)).lock_exclusive().one(tx.db()).await?;
    row.filter(is_active).ok_or(TxError::Refused(Error::NotFound))
}

/// [`lock`] for an item that can still be changed.
///
/// # Errors
/// [`Error::NotFound`], and [`Error::Conflict`] for a completed item.
pub async fn lock_open<R: TestwareRow>(tx: &Tx<'_>, project: &project::Model, id: Id<R>) -> Result<R, TxError> {
    let row = lock::<R>(tx, id).await?;
    if row.completed_at().is_none() {
        return Ok(row);
    }
    let key = key::key(project, R::View::SUBJECT, row.common().number);
    let next = if R::View::SUBJECT.has(Verb::Duplicated) { " Duplicate it to continue." } else { "" };
    let ended = if row.is_aborted() { "was aborted" } else { "is completed" };
    Err(Error::conflict(format!("{key} {ended} and can't be changed.{next}")).into())
}

fn is_active<R: TestwareRow>(row: &R) -> bool {
    row.common().deleted_at.is_none()
}

/// Writes a changed row.
pub async fn save<R: TestwareRow>(state: &AppState, tx: &Tx<'_>, row: &mut R) -> Result<(), TxError> {
    row.set_updated_at(state.clock.now());
    R::Entity::update(row.stored()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Completes an item; emits its event. `by` is `None` for a change in the tracker.
pub async fn complete<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &mut R,
    by: Option<&Actor>,
) -> Result<(), TxError> {
    let data = end(state, tx, project, row).await?;
    Ok(events::emit(state, tx, project, row, TestwareEvent::Completed(data), by).await?)
}

/// Makes an item read-only. Returns what its event adds.
async fn end<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &mut R,
) -> Result<Value, TxError> {
    let now = state.clock.now();
    row.before_end(now);
    row.set_completed_at(now);
    save(state, tx, row).await?;
    Ok(row.completed_data(tx.db(), project, &state.config).await?)
}

/// Notifies the pages that show an item.
pub fn show<R: TestwareRow>(tx: &Tx<'_>, project: &project::Model, row: &R) {
    events::show_change(tx, project.id, row.id().into());
    row.part_of().into_iter().for_each(|parent| events::show_change(tx, project.id, parent));
}

/// The view of an item.
pub async fn view<R: TestwareRow>(state: &AppState, project: &project::Model, row: R) -> Result<R::View> {
    views(state, project, vec![row]).await?.pop().ok_or(Error::Internal)
}

async fn views<R: TestwareRow>(state: &AppState, project: &project::Model, rows: Vec<R>) -> Result<Vec<R::View>> {
    let authors: Vec<_> = rows.iter().map(|row| row.common().author_id).collect();
    let names = user_names(state.store.read(), authors.iter().copied()).await.map_err(internal)?;
    let ids: Vec<_> = rows.iter().map(R::id).collect();
    let counts = R::counts(state.store.read(), &ids).await.map_err(internal)?;
    let view = |(row, author): (R, _)| {
        let counts = counts.get(&row.id()).copied().unwrap_or_default();
        let key = key::key(project, R::View::SUBJECT, row.common().number);
        row.view(key, names.get(&author).cloned().unwrap_or_default(), counts)
    };
    let mut views: Vec<_> = rows.into_iter().zip(authors).map(view).collect();
    R::complete_views(state.store.read(), project, &mut views).await.map_err(internal)?;
    Ok(views)
}

/// Gives the row its number and inserts it.
pub async fn insert<R: TestwareRow>(tx: &Tx<'_>, mut row: R) -> Result<R, TxError> {
    let number = key::next_number(tx, row.common().project_id, R::View::SUBJECT).await?;
    row.set_number(number);
    R::Entity::insert(row.stored()).exec_without_returning(tx.db()).await?;
    Ok(row)
}
