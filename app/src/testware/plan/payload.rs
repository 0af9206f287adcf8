//! The payload of a test plan's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, text};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::execution::payload::progress_fields;
use crate::testware::plan::PlanId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "description"],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let mut fields = vec![
        ("id", text("The test plan's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-P2.")),
        ("name", text("")),
        ("description", text("The first 2,000 characters of the description.")),
    ];
    let counts = "The cases of its runs by the status of their latest result.";
    fields.extend(progress_fields(counts, "The test plan's page in Testbell."));
    fields
}

fn sample() -> Value {
    let plan = PlanId(id(18));
    json!({
        "id": plan,
        "key": "WEB-P2",
        "name": "Release 4.2 on all browsers",
        "description": "One run for each browser.",
        "completedAt": null,
        "counts": {"untested": 3, "passed": 10, "failed": 2, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 15,
        "link": link(&format!("plans/{plan}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["name"]);
            data["changes"] = json!({"name": {"from": "Release 4.2", "to": "Release 4.2 on all browsers"}});
        }
        Verb::Completed => data["completedAt"] = json!("2026-11-20T14:01:07.482Z"),
        _ => {}
    }
}
