//! Deserializes a value and collects all errors of its fields: invalid, missing and unknown ones. An unknown
//! field is an error, since the caller expects it to have an effect.

use std::collections::BTreeMap;

use app::error::Error;
use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde_ignored::Path;

use super::deserialize_error;

/// Error messages by field; an empty name stands for the whole value.
#[derive(Debug, Default)]
pub struct FieldErrors(BTreeMap<String, String>);

impl FieldErrors {
    /// Adds the error of a field.
    pub fn add(&mut self, field: String, message: String) {
        self.0.insert(field, message);
    }

    /// All errors as one.
    pub fn into_error(mut self) -> Error {
        let whole = self.0.remove("");
        let detail = match (whole, self.0.iter().next()) {
            (Some(whole), _) => whole,
            (None, Some((field, message))) if self.0.len() == 1 => format!("{field}: {message}"),
            (None, _) => format!("{} fields are invalid.", self.0.len()),
        };
        Error::Invalid { detail, errors: self.0 }
    }
}

/// Reads a value. `unknown` is the message for unknown fields.
///
/// # Errors
/// The errors by field, and the error of the format if it had one.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
    unknown: &str,
) -> Result<T, (FieldErrors, Option<D::Error>)> {
    let mut errors = FieldErrors::default();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let read = serde_ignored::deserialize(tracked, |path| errors.add(name(&path), unknown.to_owned()));
    match read {
        Ok(value) if errors.0.is_empty() => Ok(value),
        Ok(_) => Err((errors, None)),
        Err(error) => {
            let (field, message) = deserialize_error::explain(&track.path().to_string(), &error.to_string());
            errors.add(field.unwrap_or_default(), message);
            Err((errors, Some(error)))
        }
    }
}

/// The path of an unknown field, as `steps[0].action`.
fn name(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", name(parent)),
        Path::Map { parent, key } => {
            let parent = name(parent);
            if parent.is_empty() { key.clone() } else { format!("{parent}.{key}") }
        }
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => name(parent),
    }
}
