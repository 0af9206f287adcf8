//! Reads the JSON of tools, which write a text as a text, a number, null or an object with a name.

use std::fmt;

use app::imports::ImportFormat;
use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::FileError;

/// The maximum number of objects in a file. An object of two bytes takes many more in memory.
const MAX_OBJECTS: usize = 400_000;
/// The fields of an object that stand for it.
const NAMES: [&str; 4] = ["name", "title", "value", "label"];

/// The top level of a file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TopLevel {
    suites: Option<IgnoredAny>,
    cases: Option<IgnoredAny>,
    result: Option<IgnoredAny>,
    repository_cases: Option<IgnoredAny>,
}

/// The format of a file.
///
/// # Errors
/// [`FileError`].
pub fn detect(text: &str) -> Result<ImportFormat, FileError> {
    if text.starts_with('[') {
        return Ok(ImportFormat::TestmoJson);
    }
    let top: TopLevel = read(text)?;
    if top.suites.is_some() {
        Ok(ImportFormat::QaseJson)
    } else if top.cases.is_some() || top.result.is_some() || top.repository_cases.is_some() {
        Ok(ImportFormat::TestmoJson)
    } else {
        Err(FileError::UnknownJson)
    }
}

/// Reads a document.
///
/// # Errors
/// [`FileError`]; the depth is limited by the parser.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, FileError> {
    if text.matches('{').count() > MAX_OBJECTS {
        return Err(FileError::TooManyCells);
    }
    serde_json::from_str(text).map_err(|error| FileError::BrokenJson { line: error.line(), column: error.column() })
}

/// A text; empty for null and for what is no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<String, A::Error> {
        let mut texts = Vec::new();
        while let Some(Text(text)) = items.next_element()? {
            texts.push(text);
        }
        Ok(texts.join("\n"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<String, A::Error> {
        let mut name = None::<String>;
        while let Some(field) = fields.next_key::<String>()? {
            if name.is_none() && NAMES.contains(&field.as_str()) {
                name = Some(fields.next_value::<Text>()?.0);
            } else {
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(name.unwrap_or_default())
    }
}

/// Several texts, or one with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(joined) = Text::deserialize(deserializer)?;
        let separators: &[char] = if joined.contains('\n') { &['\n'] } else { &[',', '\n'] };
        let texts = joined.split(separators).map(str::trim).filter(|text| !text.is_empty());
        Ok(Self(texts.map(str::to_owned).collect()))
    }
}

/// A list, which may be null.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(Option::unwrap_or_default)
}
