//! The payload of a test case's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, number, object, one_of, text, texts};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::case::{CaseId, Priority};

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["title", "preconditions", "steps", "priority", "labels"],
    title_field: "title",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let step = vec![("action", text("")), ("expected", text(""))];
    let steps = json!({"type": "array", "items": object(step, "")});
    vec![
        ("id", text("The test case's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-C12.")),
        ("title", text("")),
        ("priority", one_of(Priority::ALL.iter().map(|priority| priority.as_str()), "")),
        ("labels", texts("")),
        ("steps", number("The number of its steps.")),
        ("stepDetails", described(steps, "Its steps, at most 50.")),
        ("preconditions", text("The first 2,000 characters of the preconditions.")),
        ("link", text("The test case's page in Testbell.")),
    ]
}

fn sample() -> Value {
    let case = CaseId(id(11));
    json!({
        "id": case,
        "key": "WEB-C12",
        "title": "Pay by card on a phone",
        "priority": "high",
        "labels": ["checkout", "mobile"],
        "steps": 2,
        "stepDetails": [
            {"action": "Go to the checkout and choose card.", "expected": "The form asks for number, date and code."},
            {"action": "Enter the test card and pay.", "expected": "The order is confirmed within ten seconds."},
        ],
        "preconditions": "A cart with at least one item.",
        "link": link(&format!("cases/{case}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["title", "priority"]);
            data["changes"] = json!({
                "title": {"from": "Pay by card", "to": "Pay by card on a phone"},
                "priority": {"from": "medium", "to": "high"},
            });
        }
        Verb::Duplicated => {
            data["duplicatedFrom"] = json!({"id": CaseId(id(10)), "key": "WEB-C7", "title": "Pay by card"});
        }
        _ => {}
    }
}
