//! The catalogue as the API describes it.

use serde::Serialize;
use serde_json::Value;

use super::sample::{self, Sample};
use super::{EventType, Subject, schema};

/// An event of the catalogue as the API describes it.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventDescription {
    /// Its name.
    #[serde(rename = "type")]
    pub event: EventType,
    /// What it is about.
    pub subject: Subject,
    /// When it is sent, in words.
    pub description: String,
    /// JSON Schema (2020-12) of the envelope's `data`.
    #[schema(value_type = Object)]
    pub data_schema: Value,
    /// A whole envelope as a generic endpoint receives it.
    #[schema(value_type = Object)]
    pub sample: Sample,
}

impl EventType {
    /// JSON Schema (2020-12) of the envelope's `data`.
    #[must_use]
    pub fn data_schema(self) -> Value {
        schema::data(self)
    }

    /// A whole envelope of the event, as a generic endpoint receives it.
    #[must_use]
    pub fn sample(self) -> Sample {
        sample::of(self)
    }

    /// The event as the API describes it.
    #[must_use]
    pub fn describe(self) -> EventDescription {
        EventDescription {
            event: self,
            subject: self.subject(),
            description: self.label().to_owned(),
            data_schema: self.data_schema(),
            sample: self.sample(),
        }
    }
}

/// The whole catalogue.
#[must_use]
pub fn describe() -> Vec<EventDescription> {
    EventType::ALL.iter().map(|event| event.describe()).collect()
}
