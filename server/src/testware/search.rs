//! Selects testware for queries and counts.

use std::iter::successors;
use std::ops::RangeInclusive;

use app::error::Result;
use app::model::catalog::CatalogSubject;
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::testware::subject::ListQuery;
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
            Numbers::Within(ranges) => {
                let in_ranges = ranges.into_iter().map(|range| number.between(*range.start(), *range.end()));
                select.filter(in_ranges.fold(Condition::any().add(in_text), Condition::add))
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
    Within(Vec<RangeInclusive<i32>>),
}

/// The numbers of the keys that a word finds: it is part of their prefix, or holds the first digits of their number,
/// alone or after the end of the prefix. The prefix and the word are folded.
fn numbers_with(prefix: &str, word: &str) -> Numbers {
    let end_of_prefix = word.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = &word[end_of_prefix.len()..];
    match end_of_prefix {
        _ if prefix.contains(word) => Numbers::All,
        end if prefix.ends_with(end) => beginning_with(digits),
        _ => Numbers::None,
    }
}

/// The numbers that begin with these digits. Ranges cost a database much less than the text of each row's number.
fn beginning_with(digits: &str) -> Numbers {
    let Some(first) = digits.parse::<i32>().ok().filter(|first| *first > 0 && !digits.starts_with('0')) else {
        return Numbers::None;
    };
    let first_of_lengths = successors(Some((first, 1)), |(first, size): &(i32, i32)| {
        Some((first.checked_mul(10)?, size.checked_mul(10)?))
    });
    Numbers::Within(first_of_lengths.map(|(first, size)| first..=first.saturating_add(size - 1)).collect())
}

#[cfg(test)]
mod tests {
    use super::{Numbers, numbers_with};

    #[test]
    fn a_word_finds_the_numbers_of_the_keys_that_contain_it() {
        let from_47 = || {
            Numbers::Within(vec![
                47..=47,
                470..=479,
                4_700..=4_799,
                47_000..=47_999,
                470_000..=479_999,
                4_700_000..=4_799_999,
                47_000_000..=47_999_999,
                470_000_000..=479_999_999,
            ])
        };
        for (word, numbers) in [
            ("eb2-", Numbers::All),
            ("2", Numbers::All),
            ("47", from_47()),
            ("2-c47", from_47()),
            ("web2-c47", from_47()),
            ("2147483647", Numbers::Within(vec![i32::MAX..=i32::MAX])),
            ("9999999999", Numbers::None),
            ("047", Numbers::None),
            ("web-c47", Numbers::None),
            ("47x", Numbers::None),
            ("login", Numbers::None),
        ] {
            assert_eq!(numbers_with("web2-c", word), numbers, "{word}");
        }
    }
}
