//! Custom events, and the catalog of all events.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Publishes a custom event.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublishEvent {
    /// Its type, e.g. `custom.deploy_finished`.
    #[serde(rename = "type")]
    pub event: String,
    /// The `data` of the event, at most 64 KiB.
    pub data: Map<String, Value>,
    /// What it is about, 1 to 200 characters on one line.
    pub title: Option<String>,
    /// An http or https URL that chat messages link to.
    pub link: Option<String>,
}

/// An event that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AcceptedEvent {
    /// The ID of the event, which receivers get as `webhook-id`.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub event: String,
    /// The number of deliveries that it caused.
    pub deliveries: u32,
}

/// An event that webhooks can get.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct EventDescription {
    /// Its type, e.g. `test_run.completed`.
    #[serde(rename = "type")]
    pub event: String,
    /// Its subject, e.g. `test_run`; `None` for `webhook.test`.
    pub subject: Option<String>,
    /// When it is sent.
    pub description: String,
    /// The version of its data.
    pub version: u32,
    /// JSON Schema (2020-12) of its data.
    pub data_schema: Value,
    /// A complete envelope.
    pub sample: Value,
}
