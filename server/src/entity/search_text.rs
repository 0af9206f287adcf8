//! The case-folded text that a search looks in. SQLite folds only ASCII letters, so the folded text is
//! stored, and both databases only compare.
//!
//! A row that is read has an empty value here. It would be written as null, which the column
//! refuses. So a writer of a complete row can't forget it or keep an old one: the row's `written`
//! sets it.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable, Value};

/// The folded text of a row that is about to be written; empty in a row that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText(Option<String>);

impl SearchText {
    /// The searchable text of `texts`. No search word matches across two of them, because words
    /// contain no line break.
    #[must_use]
    pub fn from_texts(texts: &[&str]) -> Self {
        Self(Some(fold(&texts.join("\n"))))
    }
}

/// Removes differences that a search ignores with Unicode's `NFKC_Casefold`: `ß` equals `ss`, and
/// `É` as one character equals `É` as two. Unlike lower-casing, it doesn't depend on neighboring
/// letters, and Unicode guarantees that stored texts stay valid. The dotted and the dotless i are
/// equal, because the lower case of `I` and `İ` depends on the language, which is unknown.
#[must_use]
pub fn fold(text: &str) -> String {
    // Most texts, of which nothing but the case is folded.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    const COMPOSE: ComposingNormalizerBorrowed<'_> = ComposingNormalizerBorrowed::new_nfkc();
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let seen: String = COMPOSE.normalize(text).chars().filter(|&c| !ignorable.contains(c)).collect();
    let folded = CaseMapper::new().fold_string(&seen).replace('ı', "i").replace("i\u{307}", "i");
    COMPOSE.normalize(&folded).into_owned()
}

impl From<SearchText> for Value {
    fn from(text: SearchText) -> Self {
        text.0.into()
    }
}

impl ValueType for SearchText {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <Option<String> as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "SearchText".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for SearchText {
    fn null() -> Value {
        Value::String(None)
    }
}

impl TryGetable for SearchText {
    fn try_get_by<I: ColIdx>(_: &QueryResult, _: I) -> Result<Self, TryGetError> {
        Ok(Self::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_alone_are_the_same() {
        for (one, other) in [
            ("Überweisung ÉCHEC", "überweisung échec"),
            ("STRASSE", "Straße"),
            ("STRAẞE", "straße"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("ДОСТАВКА", "доставка"),
            ("İSTANBUL", "istanbul"),
            ("IŞIK", "ışık"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }

    #[test]
    fn texts_that_look_the_same_are_the_same() {
        for (one, other) in
            [("e\u{301}chec", "échec"), ("ﬁnal", "final"), ("ＡＢＣ１", "abc1"), ("pay\u{ad}ment", "payment")]
        {
            assert_eq!(fold(one), fold(other));
        }
    }

    #[test]
    fn accents_matter() {
        assert_ne!(fold("Fähre"), fold("Fahre"));
    }

    #[test]
    fn a_greek_word_is_found_by_a_part_without_final_sigma() {
        assert!(fold("ΟΔΟΣΗΜΟ").contains(&fold("οδος")));
    }

    #[test]
    fn every_letter_is_found_in_either_case() {
        let cases = |c: char| [c.to_lowercase().to_string(), c.to_uppercase().to_string()];
        let letters = ('\0'..=char::MAX).filter(|c| c.is_alphabetic());
        let lost = letters.filter(|&c| cases(c).iter().any(|other| fold(other) != fold(&c.to_string())));
        assert_eq!(lost.collect::<String>(), "");
    }
}
