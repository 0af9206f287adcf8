//! Selects testware for queries and counts.

use app::error::Result;
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::model::testware_subject::{ListQuery, TestwareSubject};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::key;
use super::row::{Columns, Id, Query, Stored, TestwareRow};
use crate::entity::project;
use crate::service::{cursor, search};

/// The IDs of a project's active items that are not completed.
pub fn open_items<T: Stored>(project: ProjectId) -> Select<<T::Row as TestwareRow>::Entity> {
    let select = active::<T::Row>(project).select_only().column(T::Row::COLUMNS.id);
    match T::Row::COMPLETED_AT {
        Some(completed_at) => select.filter(completed_at.is_null()),
        None => select,
    }
}

/// An item of a project, unless it was deleted.
pub fn active_item<T: Stored>(project: ProjectId, id: ItemId) -> Select<<T::Row as TestwareRow>::Entity> {
    active::<T::Row>(project).filter(T::Row::COLUMNS.id.eq(T::Id::from(id.uuid())))
}

/// The rows of a project that are not deleted.
fn active<R: TestwareRow>(project: ProjectId) -> Select<R::Entity> {
    R::Entity::find().filter(R::COLUMNS.project.eq(project)).filter(R::COLUMNS.deleted_at.is_null())
}

/// The project's active rows that match the query, newest first, one more than the page has.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a cursor of another list, and for a search or
/// filter that is refused.
pub fn select<R: TestwareRow>(project: &project::Model, query: &Query<R>) -> Result<Select<R::Entity>> {
    let Columns { id, number, search: text, .. } = R::COLUMNS;
    let (page, words) = (query.page(), query.search());
    let mut select = active::<R>(project.id).order_by_desc(id).limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<Id<R>>(page.cursor.as_deref())? {
        select = select.filter(id.lt(before));
    }
    let prefix = key::prefix(project, R::View::SUBJECT);
    for word in search::words(words)? {
        let in_key = search::key_holds(&prefix, number, &word);
        select = select.filter(Condition::any().add(search::holds(text, &word)).add(in_key));
    }
    R::filter(select, query)
}
