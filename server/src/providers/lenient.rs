//! Lenient parsing: a field of an unexpected shape counts as absent instead of failing the whole
//! payload. Trackers send payloads that their own typed clients reject.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// For `#[serde(deserialize_with)]`, with `default`. `null` counts as absent unless `T` takes it.
///
/// # Errors
/// Only if the text is not JSON.
pub fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}
