//! The value of a custom field, as JSON has it.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A text, a number, or true or false. Dates and persons are texts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CustomValue {
    /// Yes or no.
    Checkbox(bool),
    /// A number.
    Number(f64),
    /// Anything else.
    Text(String),
}

impl fmt::Display for CustomValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkbox(true) => f.write_str("Yes"),
            Self::Checkbox(false) => f.write_str("No"),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

// The derived code would first read any JSON, which is much more code in the browser.
impl<'de> Deserialize<'de> for CustomValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl Visitor<'_> for ValueVisitor {
    type Value = CustomValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true or false")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<CustomValue, E> {
        Ok(CustomValue::Checkbox(value))
    }

    #[allow(clippy::cast_precision_loss, reason = "JSON numbers are no more precise in most languages")]
    fn visit_i64<E: Error>(self, value: i64) -> Result<CustomValue, E> {
        Ok(CustomValue::Number(value as f64))
    }

    #[allow(clippy::cast_precision_loss, reason = "JSON numbers are no more precise in most languages")]
    fn visit_u64<E: Error>(self, value: u64) -> Result<CustomValue, E> {
        Ok(CustomValue::Number(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<CustomValue, E> {
        Ok(CustomValue::Number(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<CustomValue, E> {
        Ok(CustomValue::Text(value.to_owned()))
    }
}
