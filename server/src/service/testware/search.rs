//! The rows that a query of testware asks for.

use app::error::Result;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Columns, Testware, key};
use crate::entity::project;
use crate::service::{cursor, search};

/// The active rows of the project that match the query, the newest first, with one row more than
/// the page has.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a cursor of another list, and for a search or
/// filter that is refused.
pub fn select<T: Testware>(project: &project::Model, query: &T::Query) -> Result<Select<T::Entity>> {
    let Columns { id, project: project_id, number, search: text, deleted_at } = T::COLUMNS;
    let (page, words) = T::page_and_search(query);
    let mut select = T::Entity::find()
        .filter(project_id.eq(project.id))
        .filter(deleted_at.is_null())
        .order_by_desc(id)
        .limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<T::Id>(page.cursor.as_deref())? {
        select = select.filter(id.lt(before));
    }
    let prefix = key::prefix(project, T::SUBJECT);
    for word in search::words(words)? {
        let in_key = search::key_holds(&prefix, number, &word);
        select = select.filter(Condition::any().add(search::holds(text, &word)).add(in_key));
    }
    T::filter(select, query)
}
