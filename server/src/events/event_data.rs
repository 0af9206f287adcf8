//! Reads the `data` of an envelope leniently: an absent or empty value, or one of another type, is
//! `None`.

use serde_json::Value;
use url::Url;

/// An object of the envelope.
#[derive(Clone, Copy)]
pub struct EventData<'a>(pub &'a Value);

impl<'a> EventData<'a> {
    /// A text that is not blank.
    pub fn text(self, name: &str) -> Option<&'a str> {
        let is_visible = |text: &&str| text.chars().any(|c| !c.is_whitespace() && !c.is_control());
        self.0.get(name)?.as_str().filter(is_visible)
    }

    /// Whether something is so.
    pub fn flag(self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A number of things.
    pub fn count(self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    /// A number that may have a fraction.
    pub fn number(self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// The names of its fields.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        self.0.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str))
    }

    /// The URL of a web page.
    pub fn address(self, name: &str) -> Option<String> {
        let url: Url = self.text(name)?.parse().ok()?;
        matches!(url.scheme(), "https" | "http").then(|| url.into())
    }

    /// A nested object.
    pub fn object(self, name: &str) -> Option<Self> {
        self.0.get(name).filter(|value| value.is_object()).map(EventData)
    }

    /// The objects of a list.
    pub fn objects(self, name: &str) -> impl Iterator<Item = Self> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().map(EventData)
    }

    /// The texts of a list, joined by commas.
    pub fn list(self, name: &str) -> Option<String> {
        let texts: Vec<_> = self.0.get(name)?.as_array()?.iter().filter_map(Value::as_str).collect();
        let list = texts.join(", ");
        (!list.trim().is_empty()).then_some(list)
    }

    /// Key and title or name, if present.
    pub fn name(self) -> String {
        let parts = [self.text("key"), self.text("title").or(self.text("name"))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
