//! The `data` of each event: its JSON Schema (2020-12) and a sample. Each subject has its [`Payload`];
//! a verb may add fields to those of its subject. Receivers should ignore unknown fields.

pub(crate) mod issue;
pub(crate) mod sample;
pub(crate) mod schema;
pub(crate) mod webhook;

pub use sample::Sample;
pub(super) use sample::{event_sample, sample_data, test_sample};

use serde_json::{Map, Value, json};

use super::{EventType, Verb};
use crate::testware::execution::State;
use schema::{SchemaFields, described, object, one_of, text};

/// The payload of a subject's events.
pub struct Payload {
    /// The fields of all its events.
    pub(crate) fields: fn() -> SchemaFields,
    /// The values of `changed` in an update.
    pub(crate) changeable: &'static [&'static str],
    /// The field that holds its title.
    pub(crate) title_field: &'static str,
    /// The fields of an added result.
    pub(crate) result_fields: fn() -> SchemaFields,
    /// The fields that its completion adds.
    pub(crate) completed_fields: fn() -> SchemaFields,
    /// The data of a sample.
    pub(crate) sample: fn() -> Value,
    /// Adds to the sample what a verb adds.
    pub(crate) add_to_sample: fn(Verb, &mut Value),
}

impl Payload {
    pub(super) const fn title_field(&self) -> &'static str {
        self.title_field
    }
}

/// The schema of an event's `data`.
pub(super) fn data_schema(event: EventType) -> Value {
    let payload = event.subject().payload();
    let mut fields = (payload.fields)();
    fields.push(("version", described(json!({"type": "integer"}), "The version of the data; see docs/events.md.")));
    match event.verb() {
        Verb::Created | Verb::Deleted | Verb::Enabled | Verb::Recovered => {}
        Verb::Degraded | Verb::Disabled | Verb::DeliveryExhausted => {
            fields.push(("delivery", webhook::failed_delivery()))
        }
        Verb::Completed => fields.extend((payload.completed_fields)()),
        Verb::Updated => {
            let list = json!({"type": "array", "minItems": 1, "items": {"enum": payload.changeable}});
            fields.push(("changed", described(list, "The fields that changed.")));
            fields.push(("changes", changes(payload.changeable)));
        }
        Verb::StateChanged => {
            fields.push(("changes", changes(&["state"])));
            let previous = one_of(State::ALL.iter().map(|state| state.as_str()), "The state before.");
            fields.push(("previousState", previous));
        }
        Verb::Duplicated => {
            let source = vec![("id", text("")), ("key", text("")), (payload.title_field, text(""))];
            fields.push(("duplicatedFrom", object(source, "The original.")));
        }
        Verb::ResultAdded => {
            fields.push(("result", object((payload.result_fields)(), "The result that was added.")));
        }
    }
    let mut schema = object(fields, "");
    let cut = json!({"const": true, "description": "Only if lists were cut because the event would be too large."});
    schema["properties"]["listsCut"] = cut;
    let test = json!({"const": true, "description": "Only if it is a sample that was sent as a test."});
    schema["properties"]["test"] = test;
    schema
}

/// The changed fields with their values before and after.
fn changes(changeable: &[&str]) -> Value {
    let change = json!({"type": "object", "required": ["from", "to"], "properties": {"from": {}, "to": {}}});
    let properties: Map<_, _> = changeable.iter().map(|field| ((*field).to_owned(), change.clone())).collect();
    let schema = json!({"type": "object", "minProperties": 1, "properties": properties});
    described(schema, "The changed fields, each with its value before and after. Long values are cut.")
}

/// The fields that only subjects with results have.
pub(crate) const fn none() -> SchemaFields {
    Vec::new()
}
