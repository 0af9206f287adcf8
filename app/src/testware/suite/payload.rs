//! The payload of a suite's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, text};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::execution::payload::group;
use crate::testware::suite::SuiteId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "description", "parentId"],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    vec![
        ("id", text("The suite's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-U2.")),
        ("name", text("")),
        ("description", text("The first 2,000 characters of the description.")),
        ("parent", group("The suite above; null at the top.")),
        ("link", text("The suite's page in Testbell.")),
    ]
}

fn sample() -> Value {
    let suite = SuiteId(id(19));
    json!({
        "id": suite,
        "key": "WEB-U2",
        "name": "Payment",
        "description": "All payment methods.",
        "parent": {"id": SuiteId(id(21)), "key": "WEB-U1", "name": "Checkout"},
        "link": link(&format!("suites/{suite}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["name"]);
            data["changes"] = json!({"name": {"from": "Cards", "to": "Payment"}});
        }
        Verb::Duplicated => {
            data["duplicatedFrom"] = json!({"id": SuiteId(id(22)), "key": "WEB-U3", "name": "Payment"});
        }
        _ => {}
    }
}
