//! The enums of the API: how the OpenAPI document describes them, and a list of all of them, so
//! that a test can compare each description with what serde writes.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};

use super::catalog::MAX_CUSTOM_EVENT_CHARS;

/// An enum that is text in JSON. `inventory::iter` yields all of them.
pub struct WireEnum {
    /// The name of its schema.
    pub name: &'static str,
    /// All of its values in JSON.
    pub values: fn() -> serde_json::Result<serde_json::Value>,
}

inventory::collect!(WireEnum);

/// The schema of names of events: those of an enum, and all custom events.
pub fn schema_with_custom_events<T: Into<String>>(names: impl Iterator<Item = T>, description: &str) -> RefOr<Schema> {
    let custom = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^custom\.[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$"))
        .max_length(Some(MAX_CUSTOM_EVENT_CHARS))
        .description(Some("A custom event."));
    AnyOfBuilder::new().item(schema(names, "")).item(custom).description(Some(description)).into()
}

/// The schema of an enum of texts.
pub fn schema<T: Into<String>>(names: impl Iterator<Item = T>, description: &str) -> RefOr<Schema> {
    let names: Vec<String> = names.map(Into::into).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .description(Some(description.trim().lines().map(str::trim).collect::<Vec<_>>().join(" ")))
        .into()
}
