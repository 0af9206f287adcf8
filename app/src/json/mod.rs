//! Reads the JSON that the server writes for the pages.
//!
//! `serde_json` reads more than the server writes: a struct from an array, field names from bytes, numbers of
//! any size; and it says where a text is wrong and why. All of that is code for each model in the WASM.
//! This reader takes a struct from an object only, and knows one error.

mod access;
mod number;
mod reader;
pub(crate) mod text;

use std::fmt;

use serde::de::{self, DeserializeOwned};

use reader::Reader;

/// The text is not JSON of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the JSON is not what was expected")
    }
}

impl std::error::Error for Malformed {}

/// The causes are dropped, with the code that would write them.
impl de::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// Reads a value from the whole text.
///
/// # Errors
/// [`Malformed`] if it is not JSON of the type.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::model::catalog::Subject;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Everything {
        plain_text: String,
        none: Option<String>,
        some: Option<i32>,
        list: Vec<Everything>,
        map: BTreeMap<String, u64>,
        pair: (bool, i64),
        result: Option<Result<(), Shape>>,
        newtype: Newtype,
        subject: Option<Subject>,
        #[serde(skip_serializing_if = "Option::is_none")]
        skipped: Option<u8>,
    }

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Newtype(String);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Unit,
        One(u8),
        Two(u8, u8),
        Fields { a: u8 },
    }

    #[test]
    fn what_serde_json_writes_is_read() {
        let inner =
            Everything { plain_text: "\"\\/\u{8}\u{c}\n\r\t\u{1}é😀\u{7f}".to_owned(), ..Everything::default() };
        for shape in [Shape::Unit, Shape::One(1), Shape::Two(1, 2), Shape::Fields { a: 3 }] {
            let all = Everything {
                some: Some(i32::MIN),
                list: vec![inner.clone(), Everything::default()],
                map: BTreeMap::from([("a b".to_owned(), u64::MAX), (String::new(), 0)]),
                pair: (true, i64::MIN),
                result: Some(Err(shape)),
                newtype: Newtype("x".to_owned()),
                subject: Some(Subject::TestRun),
                ..inner.clone()
            };
            for text in [serde_json::to_string(&all).unwrap(), serde_json::to_string_pretty(&all).unwrap()] {
                assert_eq!(from_json::<Everything>(&text).unwrap(), all, "{text}");
            }
        }
        assert_eq!(from_json::<Result<(), String>>(r#"{"Ok":null}"#), Ok(Ok(())));
    }

    #[test]
    fn escaped_characters_are_read() {
        assert_eq!(from_json::<String>(r#""\u00e9\ud83d\ude00\u003c\/""#).unwrap(), "é😀</");
        // A half of a pair is no character.
        assert_eq!(from_json::<String>(r#""\ud83dx""#).unwrap(), "\u{fffd}x");
    }

    #[test]
    fn unknown_fields_are_skipped() {
        let text = r#"{"other":{"a":[1,-2.5e3,"]}\"",null,true,{}]},"plainText":"kept"}"#;
        assert_eq!(from_json::<Everything>(text).unwrap().plain_text, "kept");
    }

    #[test]
    fn a_broken_text_is_malformed() {
        for text in
            ["", "{", "[1", "\"a", "nul", "1 2", "{\"a\"}", "{\"a\":1,}", "\"\\u00\"", "\"\\x\"", "tru", "-", "<html>"]
        {
            assert_eq!(from_json::<Everything>(text), Err(Malformed), "{text}");
            assert!(from_json::<String>(text).is_err() && from_json::<bool>(text).is_err(), "{text}");
            assert!(from_json::<Vec<u8>>(text).is_err(), "{text}");
        }
        assert!(from_json::<u8>("256").is_err() && from_json::<u8>("-1").is_err() && from_json::<u8>("1.5").is_err());
        assert!(from_json::<Everything>(r#"{"subject":"nothing"}"#).is_err());
        for unfinished in ["", "{", "[1", "\"a", "{\"a\":[1}"] {
            assert!(from_json::<de::IgnoredAny>(unfinished).is_err(), "{unfinished}");
        }
    }
}
