//! The catalog as the API describes it.

use serde::Serialize;
use serde_json::Value;

use super::payload::{self, Sample};
use super::{EventType, PAYLOAD_VERSION, Subject, Subscription, test_event};
use crate::custom_events::payload::SAMPLE_NAME;

/// An event as the API describes it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventDescription {
    /// The event type. `custom.*` stands for all custom events; its sample is one of them.
    #[serde(rename = "type")]
    pub event: String,
    /// The subject; null for `webhook.test`, which is sent on request and has no subscription.
    pub subject: Option<Subject>,
    /// When it is sent.
    pub description: String,
    /// The version of the envelope's `data`.
    pub version: u32,
    /// JSON Schema (2020-12) of the envelope's `data`.
    #[schema(value_type = Object)]
    pub data_schema: Value,
    /// A complete envelope, as a generic endpoint receives it.
    #[schema(value_type = Object)]
    pub sample: Sample,
}

impl EventType {
    /// JSON Schema (2020-12) of the envelope's `data`.
    #[must_use]
    pub fn data_schema(self) -> Value {
        payload::data_schema(self)
    }

    /// A complete envelope of the event, as a generic endpoint receives it.
    #[must_use]
    pub fn sample(self) -> Sample {
        payload::event_sample(self)
    }

    /// The `data` of the sample, marked as a test.
    #[must_use]
    pub fn test_data(self) -> Value {
        let mut data = payload::sample_data(self);
        data["test"] = Value::Bool(true);
        data
    }

    /// The event as the API describes it.
    #[must_use]
    pub fn describe(self) -> EventDescription {
        EventDescription {
            event: self.as_str().to_owned(),
            subject: Some(self.subject()),
            description: self.label().to_owned(),
            version: PAYLOAD_VERSION,
            data_schema: self.data_schema(),
            sample: self.sample(),
        }
    }
}

/// All custom events, as one entry named `custom.*`. Its sample is one of them.
fn describe_custom() -> Option<EventDescription> {
    let sample: EventType = SAMPLE_NAME.parse().ok()?;
    let event = Subscription::Subject(Subject::Custom).to_string();
    Some(EventDescription { event, ..sample.describe() })
}

/// All events, `custom.*` for the custom ones, `webhook.test` last.
#[must_use]
pub fn describe() -> Vec<EventDescription> {
    let emitted = EventType::ALL.iter().map(|event| event.describe());
    emitted.chain(describe_custom()).chain([test_event::describe()]).collect()
}
