//! How times are written: RFC 3339 in UTC, always with three decimals, so that scripts can compare
//! them as text.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// Writes a time, or an optional one. For `#[serde(serialize_with = "millis")]` on every field that
/// holds a time.
pub fn millis<T: Millis, S: Serializer>(time: &T, serializer: S) -> Result<S::Ok, S::Error> {
    time.text().serialize(serializer)
}

/// What [`millis`] writes.
pub trait Millis {
    /// The text; none for null.
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
