//! The payload of a test case's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, number, one_of, text, texts};
use crate::model::catalog::payload::{Payload, no_result};
use crate::testware::case::{CaseId, Priority};

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["title", "preconditions", "steps", "priority", "labels"],
    title_field: "title",
    result_fields: no_result,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    vec![
        ("id", text("The test case's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-C12.")),
        ("title", text("")),
        ("priority", one_of(Priority::ALL.iter().map(|priority| priority.as_str()), "")),
        ("labels", texts("")),
        ("steps", number("The number of its steps.")),
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
        "steps": 4,
        "link": link(&format!("cases/{case}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Updated => data["changed"] = json!(["title", "steps"]),
        Verb::Duplicated => {
            data["duplicatedFrom"] = json!({"id": CaseId(id(10)), "key": "WEB-C7", "title": "Pay by card"});
        }
        _ => {}
    }
}
