//! The payload of custom events: what was published, with a title and a link.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::schema::text;
use crate::model::catalog::payload::{Payload, none};

/// The event of the sample.
pub(crate) const SAMPLE_NAME: &str = "custom.deploy_finished";

pub const PAYLOAD: Payload = Payload {
    fields: none,
    changeable: &[],
    title_field: "title",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

/// The schema of the data of all custom events. Their other fields are up to the sender.
pub fn data_schema() -> Value {
    json!({
        "type": "object",
        "description": "What was published. Its other fields are up to the sender.",
        "properties": {
            "title": text("What the event is about, if the sender gave a title."),
            "link": text("The page that the event is about, if the sender gave a link."),
        },
    })
}

fn sample() -> Value {
    json!({
        "environment": "staging",
        "release": "2.4.0",
        "title": "Web shop 2.4.0 on staging",
        "link": "https://ci.example.com/deployments/42",
    })
}

fn add_to_sample(_: Verb, _: &mut Value) {}
