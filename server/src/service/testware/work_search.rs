//! Which rows a [`WorkQuery`] asks for, of runs and of sessions alike.

use app::error::Result;
use app::model::catalog::Subject;
use app::model::testware::WorkQuery;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::key;
use crate::entity::project;
use crate::service::search;

/// The columns that runs and sessions have in common.
pub struct Columns<C> {
    pub id: C,
    pub project: C,
    pub number: C,
    pub search: C,
    pub state: C,
    pub completed_at: C,
    pub deleted_at: C,
}

/// The living rows of `project` that `query` asks for, the newest first, with one more than the
/// page has. `before` is what the query's cursor names.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for a search that is refused.
pub fn select<E: EntityTrait>(
    columns: Columns<E::Column>,
    project: &project::Model,
    subject: Subject,
    query: &WorkQuery,
    before: Option<Uuid>,
) -> Result<Select<E>> {
    let mut select = E::find()
        .filter(columns.project.eq(project.id))
        .filter(columns.deleted_at.is_null())
        .order_by_desc(columns.id)
        .limit(query.page().limit() + 1);
    if let Some(before) = before {
        select = select.filter(columns.id.lt(before));
    }
    let prefix = key::prefix(project, subject);
    for word in search::words(query.search.as_deref())? {
        let key = search::key_holds(&prefix, columns.number, &word);
        select = select.filter(Condition::any().add(search::holds(columns.search, &word)).add(key));
    }
    if let Some(state) = query.state {
        select = select.filter(columns.state.eq(state));
    }
    match query.completed {
        Some(true) => select = select.filter(columns.completed_at.is_not_null()),
        Some(false) => select = select.filter(columns.completed_at.is_null()),
        None => {}
    }
    Ok(select)
}
