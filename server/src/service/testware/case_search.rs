//! Which rows a [`CaseQuery`] asks for.

use app::error::Result;
use app::model::catalog::Subject;
use app::model::id::CaseId;
use app::model::test_case::CaseQuery;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::key;
use crate::entity::test_case::{Column, Entity};
use crate::entity::{project, test_case};
use crate::service::{cursor, search};

/// The living cases of `project` that `query` asks for, the newest first, with one more than the
/// page has.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a cursor of another list, or for a
/// search or filter that is refused.
pub fn select(project: &project::Model, query: &CaseQuery) -> Result<Select<test_case::Entity>> {
    let page = query.page();
    let mut select = Entity::find()
        .filter(Column::ProjectId.eq(project.id))
        .filter(Column::DeletedAt.is_null())
        .order_by_desc(Column::Id)
        .limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<CaseId>(page.cursor.as_deref())? {
        select = select.filter(Column::Id.lt(before));
    }
    let prefix = key::prefix(project, Subject::Case);
    for word in search::words(query.search.as_deref())? {
        let key = search::key_holds(&prefix, Column::Number, &word);
        select = select.filter(Condition::any().add(search::holds(Column::Search, &word)).add(key));
    }
    if let Some(priority) = query.priority {
        select = select.filter(Column::Priority.eq(priority));
    }
    if let Some(label) = search::exact("label", query.label.as_deref())? {
        select = select.filter(search::has_label(Column::Labels, label));
    }
    Ok(select)
}
