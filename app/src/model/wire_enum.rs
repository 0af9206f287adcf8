//! The enums of the API: how the OpenAPI document describes them, and a list of all of them, so
//! that a test can compare each description with what serde writes.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// An enum that is text in JSON. `inventory::iter` yields all of them.
pub struct WireEnum {
    /// The name of its schema.
    pub name: &'static str,
    /// All of its values in JSON.
    pub values: fn() -> serde_json::Result<serde_json::Value>,
}

inventory::collect!(WireEnum);

/// The schema of an enum of texts.
pub fn schema<T: Into<String>>(names: impl Iterator<Item = T>, description: &str) -> RefOr<Schema> {
    let names: Vec<String> = names.map(Into::into).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .description(Some(description.trim().lines().map(str::trim).collect::<Vec<_>>().join(" ")))
        .into()
}
