//! The payload of a session's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::Payload;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, text};
use crate::testware::execution::payload as execution;
use crate::testware::milestone::MilestoneId;
use crate::testware::session::SessionId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "charter", "milestoneId", "timeBoxMinutes"],
    title_field: "name",
    result_fields: execution::result_fields,
    completed_fields,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let mut fields = vec![
        ("id", text("The session's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-S4.")),
        ("name", text("")),
        ("charter", text("The first 2,000 characters of the charter, the mission of the session.")),
        ("timeBoxMinutes", described(json!({"type": ["integer", "null"]}), "The planned duration.")),
    ];
    fields.extend(execution::fields("Its results by status.", "The session's page in Testbell."));
    fields
}

fn completed_fields() -> SchemaFields {
    let mut fields = execution::completed_fields();
    let seconds = json!({"type": "integer", "minimum": 0});
    fields.push(("timerSeconds", described(seconds, "The time on its timer; 0 if it was not used.")));
    fields
}

fn sample() -> Value {
    let session = SessionId(id(15));
    json!({
        "id": session,
        "key": "WEB-S4",
        "name": "Vouchers with unusual names",
        "charter": "Explore vouchers with unusual characters, to see how the cart handles them.",
        "timeBoxMinutes": 90,
        "milestone": {"id": MilestoneId(id(17)), "key": "WEB-M2", "name": "Release 4.2"},
        "state": "in_review",
        "completedAt": null,
        "counts": {"untested": 0, "passed": 2, "failed": 1, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 3,
        "link": link(&format!("sessions/{session}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    execution::add_to_sample(verb, data);
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["timeBoxMinutes"]);
            data["changes"] = json!({"timeBoxMinutes": {"from": 60, "to": 90}});
        }
        Verb::StateChanged => {
            data["previousState"] = json!("in_progress");
            data["changes"] = json!({"state": {"from": "in_progress", "to": "in_review"}});
        }
        Verb::Completed => data["timerSeconds"] = json!(5_040),
        Verb::Duplicated => {
            data["duplicatedFrom"] =
                json!({"id": SessionId(id(14)), "key": "WEB-S3", "name": "Vouchers with unusual names"});
        }
        _ => {}
    }
}
