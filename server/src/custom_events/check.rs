//! Checks the events that tools publish.

use std::collections::BTreeMap;

use app::custom_events::{MAX_CUSTOM_DATA_BYTES, MAX_EVENT_LINK_CHARS, MAX_EVENT_TITLE_CHARS, PublishEvent};
use app::error::{Checks, Error, Result};
use app::model::catalog::CustomEventName;
use app::model::text::Title;
use serde_json::{Map, Value};
use url::Url;

use crate::service::text;

/// A checked event.
pub struct CheckedEvent {
    pub name: CustomEventName,
    /// The data as it was sent.
    pub data: Value,
    /// What is added to the data.
    pub title: Option<String>,
    pub link: Option<String>,
}

impl CheckedEvent {
    /// Checks a request.
    ///
    /// # Errors
    /// [`Error::Invalid`] with a message for each invalid field.
    pub fn new(request: PublishEvent) -> Result<Self> {
        let PublishEvent { event, data, title, link } = request;
        let mut checks = Checks::default();
        let name = checks.take("type", event.parse::<CustomEventName>());
        checks.take("data", check_data(&data));
        if let Some(fields) = data.as_object() {
            checks.take("data/title", fields.get("title").and_then(Value::as_str).map_or(Ok(()), check_title));
            for (field, value) in [("title", &title), ("link", &link)] {
                let twice = value.is_some() && fields.contains_key(field);
                checks.require(!twice, field, &format!("The data has a {field} too. Send one of them."));
            }
        }
        checks.take("title", title.as_deref().map_or(Ok(()), check_title));
        checks.take("link", link.as_deref().map_or(Ok(()), check_link));
        let Some(name) = name else { return Err(checks.into_error()) };
        checks.finish()?;
        Ok(Self { name, data, title, link })
    }

    /// The `data` of the envelope.
    pub fn into_data(self) -> Value {
        let mut data = self.data;
        for (field, value) in [("title", self.title), ("link", self.link)] {
            if let Some(value) = value {
                data[field] = Value::String(value);
            }
        }
        data
    }
}

fn check_data(data: &Value) -> Result<(), String> {
    let Some(fields) = data.as_object() else { return Err("Send a JSON object.".to_owned()) };
    if data.to_string().len() > MAX_CUSTOM_DATA_BYTES {
        return Err(format!("Send at most {} KiB.", MAX_CUSTOM_DATA_BYTES / 1024));
    }
    storable(fields).map_err(str::to_owned)
}

fn storable(fields: &Map<String, Value>) -> Result<(), &'static str> {
    fields.iter().try_for_each(|(name, value)| {
        text::storable(name)?;
        storable_value(value)
    })
}

/// Checks the names and the texts in a value.
///
/// # Errors
/// A message for the user.
pub fn storable_value(value: &Value) -> Result<(), &'static str> {
    match value {
        Value::String(value) => text::storable(value),
        Value::Array(items) => items.iter().try_for_each(storable_value),
        Value::Object(fields) => storable(fields),
        _ => Ok(()),
    }
}

fn check_title(title: &str) -> Result<(), String> {
    if title.chars().nth(MAX_EVENT_TITLE_CHARS).is_some() {
        return Err(format!("Use at most {MAX_EVENT_TITLE_CHARS} characters."));
    }
    title.parse::<Title>().map(drop).map_err(str::to_owned)
}

fn check_link(link: &str) -> Result<(), String> {
    let is_web = link.parse::<Url>().is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !is_web {
        return Err("Enter a URL that begins with https:// or http://.".to_owned());
    }
    if link.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err("Enter a URL without blanks and control characters.".to_owned());
    }
    if link.chars().nth(MAX_EVENT_LINK_CHARS).is_some() {
        return Err(format!("Use at most {MAX_EVENT_LINK_CHARS} characters."));
    }
    Ok(())
}

/// The error of data that doesn't match a schema.
pub fn mismatch(name: CustomEventName, errors: BTreeMap<String, String>) -> Error {
    Error::Invalid { detail: format!("The data doesn't match the schema of {name}."), errors }
}
