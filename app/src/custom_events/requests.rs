//! Custom events in the API.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::CustomEventId;
use crate::model::id::ProjectId;
use crate::model::time::millis;

/// A registered custom event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomEvent {
    /// Its ID.
    pub id: CustomEventId,
    /// Its project.
    pub project_id: ProjectId,
    /// Its type, e.g. `custom.deploy_finished`.
    #[serde(rename = "type")]
    pub event: String,
    /// What it means.
    pub description: String,
    /// JSON Schema (2020-12) that the data of its events must match; null if any object is accepted.
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Value>,
    /// When it was registered.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// Registers a custom event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateCustomEvent {
    /// `custom.` and words of a-z, 0-9 and _, separated by dots, a letter first; at most 64 characters.
    #[serde(rename = "type")]
    pub event: String,
    /// What it means, at most 500 characters.
    #[serde(default)]
    pub description: String,
    /// JSON Schema (2020-12) that the data of its events must match, at most 64 KiB. A `$ref` may only refer to the schema
    /// itself, and not in a circle.
    #[serde(default, deserialize_with = "object")]
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Value>,
}

/// A JSON object.
fn required_object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Map::<String, Value>::deserialize(deserializer).map(Value::Object)
}

/// A JSON object, or null.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Ok(Option::<Map<String, Value>>::deserialize(deserializer)?.map(Value::Object))
}

/// Changes a registered custom event. Absent fields stay. The type can't be changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateCustomEvent {
    /// What it means, at most 500 characters.
    pub description: Option<String>,
    /// See [`CreateCustomEvent::schema`]. `{}` accepts any object.
    #[serde(deserialize_with = "object")]
    #[schema(value_type = Option<Object>)]
    pub schema: Option<Value>,
}

/// Publishes a custom event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublishEvent {
    /// The type. It doesn't have to be registered. See [`CreateCustomEvent::event`].
    #[serde(rename = "type")]
    pub event: String,
    /// The `data` of the envelope: an object of at most 64 KiB.
    #[serde(deserialize_with = "required_object")]
    #[schema(value_type = Object)]
    pub data: Value,
    /// What it is about, 1 to 200 characters on one line, for chat messages and the list of deliveries. It becomes
    /// `data.title`.
    #[serde(default)]
    pub title: Option<String>,
    /// An http or https URL that chat messages link to. It becomes `data.link`.
    #[serde(default)]
    pub link: Option<String>,
}
