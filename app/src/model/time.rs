//! Formats times as RFC 3339 in UTC, always with three decimals, so that clients can compare them
//! as text.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// Serializes a time, or an optional one. Use `#[serde(serialize_with = "millis")]` on every field
/// with a time.
pub fn millis<T: Millis, S: Serializer>(time: &T, serializer: S) -> Result<S::Ok, S::Error> {
    time.text().serialize(serializer)
}

/// What [`millis`] can serialize.
pub trait Millis {
    /// The text; `None` for null.
    fn text(&self) -> Option<String>;
}

impl Millis for DateTime<Utc> {
    fn text(&self) -> Option<String> {
        Some(self.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Millis for Option<DateTime<Utc>> {
    fn text(&self) -> Option<String> {
        self.as_ref().and_then(Millis::text)
    }
}
