//! The building blocks of JSON Schemas.

use serde_json::{Map, Value, json};

pub type SchemaFields = Vec<(&'static str, Value)>;

/// An object that requires all of the fields.
pub fn object(fields: SchemaFields, description: &str) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = fields.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    described(json!({"type": "object", "required": required, "properties": properties}), description)
}

pub fn text(description: &str) -> Value {
    described(json!({"type": "string"}), description)
}

pub fn text_or_null(description: &str) -> Value {
    described(json!({"type": ["string", "null"]}), description)
}

pub fn texts(description: &str) -> Value {
    described(json!({"type": "array", "items": {"type": "string"}}), description)
}

pub fn number(description: &str) -> Value {
    described(json!({"type": "integer", "minimum": 0}), description)
}

pub fn one_of(names: impl Iterator<Item = &'static str>, description: &str) -> Value {
    described(json!({"enum": names.collect::<Vec<_>>()}), description)
}

pub fn described(mut schema: Value, description: &str) -> Value {
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
    schema
}
