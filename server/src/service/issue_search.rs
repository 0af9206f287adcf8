//! Which rows an [`IssueQuery`] asks for, in a form that SQLite and PostgreSQL both take.

use app::error::{Error, Result};
use app::model::id::{IssueId, ProjectId};
use app::model::issue::IssueQuery;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::cursor;
use crate::entity::issue;

/// The most characters of a search, and the most words of it.
const SEARCH_MAX: usize = 200;
const WORDS_MAX: usize = 10;

/// The living issues of `project` that `query` asks for, the newest first, with one more than
/// the page has.
///
/// # Errors
/// [`Error::Invalid`] for a cursor of another list, or a search that is too long.
pub fn select(project: ProjectId, query: &IssueQuery) -> Result<Select<issue::Entity>> {
    let page = query.page();
    let mut select = issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::DeletedAt.is_null())
        .order_by_desc(issue::Column::Id)
        .limit(page.limit() + 1);
    if let Some(before) = cursor::parse_id::<IssueId>(page.cursor.as_deref())? {
        select = select.filter(issue::Column::Id.lt(before));
    }
    if let Some(search) = query.search.as_deref() {
        if search.chars().count() > SEARCH_MAX {
            return Err(Error::field("search", "Search with at most 200 characters."));
        }
        for word in search.split_whitespace().take(WORDS_MAX) {
            let like = || LikeExpr::new(format!("%{}%", escape(&word.to_lowercase()))).escape('\\');
            let lowered = |column: issue::Column| Expr::expr(Func::lower(Expr::col((issue::Entity, column))));
            let title = lowered(issue::Column::Title).like(like());
            let key = lowered(issue::Column::Key).like(like());
            select = select.filter(Condition::any().add(title).add(key));
        }
    }
    if let Some(kind) = query.status {
        select = select.filter(issue::Column::StatusKind.eq(kind));
    }
    if let Some(assignee) = query.assignee.as_deref().filter(|name| !name.is_empty()) {
        select = select.filter(issue::Column::Assignee.eq(assignee));
    }
    if let Some(label) = query.label.as_deref().filter(|label| !label.is_empty()) {
        select = select.filter(has_label(label));
    }
    Ok(select)
}

/// The column holds a JSON array of texts, which PostgreSQL writes with a blank after each comma
/// and SQLite without. A label is found by its JSON text after the bracket or a comma, which an
/// escaped quote inside another label can't feign.
fn has_label(label: &str) -> Condition {
    let label = escape(&serde_json::Value::from(label).to_string());
    let labels = || Expr::col((issue::Entity, issue::Column::Labels)).cast_as("text");
    let begins = [format!("[{label}%"), format!("%,{label}%"), format!("%, {label}%")];
    begins
        .into_iter()
        .fold(Condition::any(), |any, pattern| any.add(labels().like(LikeExpr::new(pattern).escape('\\'))))
}

/// A text that LIKE takes literally.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_searched_for_as_they_are() {
        assert_eq!(escape(r"50%_\"), r"50\%\_\\");
    }
}
