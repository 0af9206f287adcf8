//! The payload of a shared step's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, number, text};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::case::payload::step_details;
use crate::testware::shared_step::SharedStepId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "steps"],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    vec![
        ("id", text("The shared step's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-H2.")),
        ("name", text("")),
        ("steps", number("The number of its steps.")),
        ("stepDetails", step_details("Its steps, at most 50.")),
        ("link", text("The shared step's page in Testbell.")),
    ]
}

fn sample() -> Value {
    let shared = SharedStepId(id(20));
    json!({
        "id": shared,
        "key": "WEB-H2",
        "name": "Sign in as a customer",
        "steps": 2,
        "stepDetails": [
            {"action": "Open the shop and choose Sign in.", "expected": "The form asks for email and password."},
            {"action": "Sign in as the test customer.", "expected": "The name is shown at the top."},
        ],
        "link": link(&format!("shared-steps/{shared}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    if verb == Verb::Updated {
        data["changed"] = json!(["name"]);
        data["changes"] = json!({"name": {"from": "Sign in", "to": "Sign in as a customer"}});
    }
}
