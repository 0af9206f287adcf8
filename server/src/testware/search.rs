//! Selects testware for queries and counts.

use app::error::Result;
use app::model::catalog::CatalogSubject;
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::testware::subject::ListQuery;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};

use super::key;
use super::row::{Columns, Query, Stored, TestwareRow};
use crate::entity::project;
use crate::service::search;

/// The IDs of a project's items that are neither deleted nor out of use.
pub fn open_items<T: Stored>(project: ProjectId) -> Select<<T::Row as TestwareRow>::Entity> {
    T::Row::open(active::<T::Row>(project)).select_only().column(T::Row::COLUMNS.id)
}

/// An item of a project, unless it was deleted.
pub fn active_item<T: Stored>(project: ProjectId, id: ItemId) -> Select<<T::Row as TestwareRow>::Entity> {
    active::<T::Row>(project).filter(T::Row::COLUMNS.id.eq(T::Id::from(id.uuid())))
}

/// Only completed items, or only open ones; all of them without a value.
pub fn completed<R: TestwareRow>(select: Select<R::Entity>, completed: Option<bool>) -> Select<R::Entity> {
    match (completed, R::COMPLETED_AT) {
        (Some(true), Some(completed_at)) => select.filter(completed_at.is_not_null()),
        (Some(false), Some(completed_at)) => select.filter(completed_at.is_null()),
        _ => select,
    }
}

/// The rows of a project that are not deleted.
fn active<R: TestwareRow>(project: ProjectId) -> Select<R::Entity> {
    R::Entity::find().filter(R::COLUMNS.project.eq(project)).filter(R::COLUMNS.deleted_at.is_null())
}

/// The project's active rows that match the query.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a search or filter that is refused.
pub fn select<R: TestwareRow>(project: &project::Model, query: &Query<R>) -> Result<Select<R::Entity>> {
    let Columns { number, search: text, .. } = R::COLUMNS;
    let prefix = key::prefix(project, R::View::SUBJECT);
    let mut select = active::<R>(project.id);
    for word in search::words(query.search())? {
        let in_key = search::key_holds(&prefix, number, &word);
        select = select.filter(Condition::any().add(search::holds(text, &word)).add(in_key));
    }
    R::filter(select, query)
}
