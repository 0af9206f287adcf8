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
use schema::{SchemaFields, described, object, text};

use crate::testware::execution::payload as execution;
use crate::testware::review::payload as review;

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

/// About the event of a public link.
const WITHOUT_LINK: &str = "The data doesn't contain the public link or its token, because webhooks are read by others. \
    Members find the link on the page of the test run.";

/// The schema of an event's `data`.
pub(super) fn data_schema(event: EventType) -> Value {
    if event.is_custom() {
        return crate::custom_events::payload::data_schema();
    }
    let payload = event.subject().payload();
    let mut fields = (payload.fields)();
    fields.push(("version", described(json!({"type": "integer"}), "The version of the data; see docs/events.md.")));
    match event.verb() {
        Verb::Created
        | Verb::Queued
        | Verb::Deleted
        | Verb::Enabled
        | Verb::Recovered
        | Verb::Resolved
        | Verb::Mentioned
        | Verb::PublicLinkEnabled
        | Verb::Published => {}
        Verb::Degraded | Verb::Disabled | Verb::DeliveryExhausted => {
            fields.push(("delivery", webhook::failed_delivery()))
        }
        Verb::Completed | Verb::Aborted => fields.extend((payload.completed_fields)()),
        Verb::Updated => {
            let list = json!({"type": "array", "minItems": 1, "items": {"enum": payload.changeable}});
            fields.push(("changed", described(list, "The fields that changed.")));
            fields.push(("changes", changes(payload.changeable)));
        }
        Verb::StateChanged => {
            let previous = fields.iter().find(|(field, _)| *field == "state").map(|(_, schema)| schema.clone());
            fields.push(("changes", changes(&["state"])));
            fields.push(("previousState", described(previous.unwrap_or_default(), "The state before.")));
        }
        Verb::StatusChanged => {
            fields.push(("changes", changes(&["status"])));
            fields.push(("previousStatus", previous_status(&fields)));
        }
        Verb::Merged | Verb::Declined | Verb::Reopened => fields.push(("previousStatus", previous_status(&fields))),
        Verb::ReviewerAdded => fields.push(("reviewer", review::reviewer("The reviewer who was added."))),
        Verb::ReviewerRemoved => fields.push(("reviewer", review::reviewer("The reviewer who was removed."))),
        Verb::Commented => fields.push(("comment", comment())),
        Verb::Started => fields.push(("changes", changes(&["state"]))),
        Verb::CasesAdded => {
            let case = vec![("id", text("")), ("key", text("")), ("title", text(""))];
            let cases = json!({"type": "array", "minItems": 1, "items": object(case, "")});
            fields.push(("addedCases", described(cases, "The added cases in their order, at most 50.")));
        }
        Verb::AutomationLinksChanged => fields.push(("changes", changes(&["automationLinks"]))),
        Verb::DueDateChanged => fields.push(("changes", changes(&["dueOn"]))),
        Verb::Duplicated => {
            let source = vec![("id", text("")), ("key", text("")), (payload.title_field, text(""))];
            fields.push(("duplicatedFrom", object(source, "The original.")));
        }
        Verb::IssueLinked => {
            let issues = json!({"type": "array", "minItems": 1, "items": object(execution::issue_fields(), "")});
            fields.push(("linkedIssues", described(issues, "The issues that were linked, also part of the issues.")));
        }
        Verb::ResultAdded => {
            fields.push(("result", object((payload.result_fields)(), "The result that was added.")));
        }
    }
    let description = if event.verb() == Verb::PublicLinkEnabled { WITHOUT_LINK } else { "" };
    let mut schema = object(fields, description);
    let cut = json!({"type": "boolean", "description": "True if lists were cut because the event would be too large; otherwise absent."});
    schema["properties"]["listsCut"] = cut;
    let test =
        json!({"type": "boolean", "description": "True if it is a sample that was sent as a test; otherwise absent."});
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

fn previous_status(fields: &SchemaFields) -> Value {
    let status = fields.iter().find(|(field, _)| *field == "status").map(|(_, schema)| schema.clone());
    described(status.unwrap_or_default(), "The status before.")
}

/// The comment that an event is about.
fn comment() -> Value {
    let fields = vec![("id", text("")), ("text", text("The first 2,000 characters of its Markdown."))];
    object(fields, "The comment. The actor of the event wrote it.")
}

/// The fields that only subjects with results have.
pub(crate) const fn none() -> SchemaFields {
    Vec::new()
}
