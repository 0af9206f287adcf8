//! The payload of a milestone's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, text};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::execution::payload::progress_fields;
use crate::testware::milestone::MilestoneId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "description", "completedAt"],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let date = json!({"type": ["string", "null"], "format": "date"});
    let mut fields = vec![
        ("id", text("The milestone's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-M2.")),
        ("name", text("")),
        ("description", text("The first 2,000 characters of the description.")),
        ("dueOn", described(date, "Its due date.")),
    ];
    let counts = "The cases of its runs by the status of their latest result, and the results of its sessions.";
    fields.extend(progress_fields(counts, "The milestone's page in Testbell."));
    fields
}

fn sample() -> Value {
    let milestone = MilestoneId(id(17));
    json!({
        "id": milestone,
        "key": "WEB-M2",
        "name": "Release 4.2",
        "description": "All payment methods.",
        "dueOn": "2026-12-04",
        "completedAt": null,
        "counts": {"untested": 1, "passed": 5, "failed": 2, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 8,
        "link": link(&format!("milestones/{milestone}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["name"]);
            data["changes"] = json!({"name": {"from": "Release 4.2 RC", "to": "Release 4.2"}});
        }
        Verb::DueDateChanged => {
            data["changes"] = json!({"dueOn": {"from": "2026-11-27", "to": "2026-12-04"}});
        }
        Verb::Completed => data["completedAt"] = json!("2026-11-20T14:01:07.482Z"),
        _ => {}
    }
}
