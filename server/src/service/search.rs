//! Search conditions that give the same results on SQLite and PostgreSQL. The databases fold case
//! differently, so they only compare folded text.

use app::error::{Error, Result};
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition};

use crate::entity::search_text::fold;
use crate::service::text;

/// The maximum number of characters and words in a search.
const MAX_SEARCH_CHARS: usize = 200;
const MAX_SEARCH_WORDS: usize = 10;

/// The value that a column must have; `None` for an empty parameter.
///
/// # Errors
/// [`Error::Invalid`] for a text that no column can contain.
pub fn exact<'q>(parameter: &str, wanted: Option<&'q str>) -> Result<Option<&'q str>> {
    let wanted = wanted.unwrap_or_default();
    text::storable(wanted).map_err(|sentence| Error::field(parameter, sentence))?;
    Ok(Some(wanted).filter(|wanted| !wanted.is_empty()))
}

/// A folded word of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// What is searched for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A folded text contains the word.
    pub fn is_in(&self, folded: Expr) -> Expr {
        folded.like(like(&format!("%{}%", escape(&self.0))))
    }
}

/// The first ten words of a search.
///
/// # Errors
/// [`Error::Invalid`] for a search that is too long, or that no column can contain.
pub fn words(search: Option<&str>) -> Result<Vec<Word>> {
    let search = exact("search", search)?.unwrap_or_default();
    if search.chars().count() > MAX_SEARCH_CHARS {
        return Err(Error::field("search", "Use at most 200 characters."));
    }
    Ok(fold(search).split_whitespace().take(MAX_SEARCH_WORDS).map(|word| Word(word.to_owned())).collect())
}

/// The column of a [`SearchText`](crate::entity::search_text::SearchText) contains the word.
pub fn holds<C: ColumnTrait>(column: C, word: &Word) -> Expr {
    word.is_in(Expr::col(column.as_column_ref()))
}

/// The column contains a JSON array of texts. PostgreSQL writes it with a space after each comma,
/// SQLite without. A label is found by its JSON text after the bracket or a comma. Another label
/// can't contain that, because its quotes are escaped. REPLACE is case-sensitive on both databases;
/// LIKE isn't on SQLite.
pub fn has_label<C: ColumnTrait>(labels: C, label: &str) -> Condition {
    let label = serde_json::Value::from(label).to_string();
    let labels = || Expr::col(labels.as_column_ref()).cast_as("text");
    let without = |found: String| Func::cust("replace").args([labels(), Expr::val(found), Expr::val("")]);
    let begins = [format!("[{label}"), format!(",{label}"), format!(", {label}")];
    begins.into_iter().fold(Condition::any(), |any, found| any.add(labels().ne(without(found))))
}

fn like(pattern: &str) -> LikeExpr {
    LikeExpr::new(pattern).escape('\\')
}

/// Escapes a text for LIKE.
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

    #[test]
    fn a_search_that_is_too_long_is_refused() {
        assert_eq!(words(Some(" Ab \u{a0}Ç ")), Ok(vec![Word("ab".into()), Word("ç".into())]));
        assert!(words(Some(&"x".repeat(201))).is_err());
    }
}
