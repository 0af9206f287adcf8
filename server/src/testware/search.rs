//! Selects testware for queries and counts.

use app::error::Result;
use app::model::catalog::CatalogSubject;
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::testware::subject::ListQuery;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};

use super::key;
use super::row::{Columns, Query, Stored, TestwareRow};
use crate::entity::project;
use crate::entity::search_text::fold;
use crate::service::search;

/// The IDs of a project's items that are neither deleted nor out of use.
pub fn open_items<T: Stored>(project: ProjectId) -> Select<<T::Row as TestwareRow>::Entity> {
    T::Row::open(active::<T::Row>(project)).select_only().column(T::Row::COLUMNS.id)
}

/// An item of a project, unless it was deleted.
pub fn active_item<T: Stored>(project: ProjectId, id: ItemId) -> Select<<T::Row as TestwareRow>::Entity> {
    active::<T::Row>(project).filter(T::Row::COLUMNS.id.eq(T::Id::from(id.uuid())))
}

/// The item of a project with this number, unless it was deleted.
pub fn with_number<R: TestwareRow>(project: ProjectId, number: i32) -> Select<R::Entity> {
    active::<R>(project).filter(R::COLUMNS.number.eq(number))
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
    let prefix = fold(&key::prefix(project, R::View::SUBJECT));
    let mut select = active::<R>(project.id);
    for word in search::words(query.search())? {
        let in_text = search::holds(text, &word);
        select = match numbers_with(&prefix, word.as_str()) {
            Numbers::All => select,
            Numbers::None => select.filter(in_text),
            Numbers::Like(pattern) => {
                let in_key = Expr::col(number.as_column_ref()).cast_as("text").like(pattern);
                select.filter(Condition::any().add(in_text).add(in_key))
            }
        };
    }
    R::filter(select, query)
}

/// The numbers of some keys.
#[derive(Debug, PartialEq, Eq)]
enum Numbers {
    All,
    None,
    /// Those that match a LIKE pattern.
    Like(String),
}

/// The numbers of the keys that contain a word. The database then doesn't write the key of each row. The
/// prefix and the word are folded.
fn numbers_with(prefix: &str, word: &str) -> Numbers {
    let end_of_prefix = word.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = &word[end_of_prefix.len()..];
    match end_of_prefix {
        _ if prefix.contains(word) => Numbers::All,
        _ if digits.is_empty() => Numbers::None,
        "" => Numbers::Like(format!("%{digits}%")),
        end if prefix.ends_with(end) => Numbers::Like(format!("{digits}%")),
        _ => Numbers::None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Numbers, numbers_with};

    #[test]
    fn a_word_finds_the_numbers_of_the_keys_that_contain_it() {
        let like = |pattern: &str| Numbers::Like(pattern.to_owned());
        for (word, numbers) in [
            ("eb2-", Numbers::All),
            ("2", Numbers::All),
            ("47", like("%47%")),
            ("2-c47", like("47%")),
            ("web2-c47", like("47%")),
            ("web-c47", Numbers::None),
            ("47x", Numbers::None),
            ("login", Numbers::None),
        ] {
            assert_eq!(numbers_with("web2-c", word), numbers, "{word}");
        }
    }
}
