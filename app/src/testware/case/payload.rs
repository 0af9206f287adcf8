//! The payload of a test case's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, number, object, one_of, text, texts};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::case::{CaseId, CaseState, Priority};
use crate::testware::custom_field::{CustomFieldId, FieldKind};
use crate::testware::execution::payload::group;
use crate::testware::suite::SuiteId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["title", "preconditions", "steps", "suiteId", "priority", "labels", "customFields"],
    title_field: "title",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    vec![
        ("id", text("The test case's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-C12.")),
        ("title", text("")),
        ("suite", group("The suite it is in; null without one.")),
        ("priority", one_of(Priority::ALL.iter().map(|priority| priority.as_str()), "")),
        ("labels", texts("")),
        ("state", one_of(CaseState::ALL.iter().map(|state| state.as_str()), "Archived cases are out of use.")),
        ("automationLinks", texts("The automated tests that test it, by the names that their reports use.")),
        ("steps", number("The number of its steps, with those of shared steps.")),
        ("stepDetails", step_details("Its steps, at most 50. Shared steps are replaced by theirs.")),
        ("preconditions", text("The first 2,000 characters of the preconditions.")),
        ("customFields", custom_fields()),
        ("link", text("The test case's page in Testbell.")),
    ]
}

fn custom_fields() -> Value {
    let kinds = FieldKind::ALL.iter().map(|kind| kind.as_str());
    let fields = vec![
        ("id", text("")),
        ("name", text("")),
        ("type", one_of(kinds, "")),
        ("value", json!({"type": ["string", "number", "boolean"], "description": "A person is the user's ID."})),
        ("text", text("The value as it is shown, such as the name of a person.")),
    ];
    described(json!({"type": "array", "items": object(fields, "")}), "The custom fields that have a value.")
}

/// Steps with action and expected result.
pub fn step_details(description: &str) -> Value {
    let step = vec![("action", text("")), ("expected", text(""))];
    described(json!({"type": "array", "items": object(step, "")}), description)
}

fn sample() -> Value {
    let case = CaseId(id(11));
    json!({
        "id": case,
        "key": "WEB-C12",
        "title": "Pay by card on a phone",
        "suite": {"id": SuiteId(id(19)), "key": "WEB-U2", "name": "Payment"},
        "priority": "high",
        "labels": ["checkout", "mobile"],
        "state": "active",
        "automationLinks": ["checkout.CardTest.pays_on_a_phone"],
        "steps": 2,
        "stepDetails": [
            {"action": "Go to the checkout and choose card.", "expected": "The form asks for number, date and code."},
            {"action": "Enter the test card and pay.", "expected": "The order is confirmed within ten seconds."},
        ],
        "preconditions": "A cart with at least one item.",
        "customFields": [
            {"id": CustomFieldId(id(21)), "name": "Browser", "type": "choice", "value": "Firefox", "text": "Firefox"},
        ],
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
        Verb::StateChanged => {
            data["state"] = json!("archived");
            data["previousState"] = json!("active");
            data["changes"] = json!({"state": {"from": "active", "to": "archived"}});
        }
        Verb::AutomationLinksChanged => {
            let link = data["automationLinks"].clone();
            data["changes"] = json!({"automationLinks": {"from": [], "to": link}});
        }
        Verb::Duplicated => {
            data["automationLinks"] = json!([]);
            data["duplicatedFrom"] = json!({"id": CaseId(id(10)), "key": "WEB-C7", "title": "Pay by card"});
        }
        _ => {}
    }
}
