//! Selects issues for an [`IssueQuery`].

use app::error::Result;
use app::model::id::ProjectId;
use app::model::issue::IssueQuery;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use crate::entity::issue;
use crate::service::search;

/// The project's active issues that match `query`.
///
/// # Errors
/// [`Error::Invalid`](app::error::Error::Invalid) for an invalid search or filter.
pub fn select(project: ProjectId, query: &IssueQuery) -> Result<Select<issue::Entity>> {
    let mut select =
        issue::Entity::find().filter(issue::Column::ProjectId.eq(project)).filter(issue::Column::DeletedAt.is_null());
    for word in search::words(query.search.as_deref())? {
        select = select.filter(search::holds(issue::Column::Search, &word));
    }
    if let Some(kind) = query.status {
        select = select.filter(issue::Column::StatusKind.eq(kind));
    }
    if let Some(assignee) = search::exact("assignee", query.assignee.as_deref())? {
        select = select.filter(issue::Column::Assignee.eq(assignee));
    }
    if let Some(label) = search::exact("label", query.label.as_deref())? {
        select = select.filter(search::has_label(issue::Column::Labels, label));
    }
    Ok(select)
}
