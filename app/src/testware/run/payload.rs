//! The payload of a test run's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::Payload;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, object, text};
use crate::testware::case::CaseId;
use crate::testware::execution::payload as execution;
use crate::testware::milestone::MilestoneId;
use crate::testware::plan::PlanId;
use crate::testware::run::RunId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["name", "description", "milestoneId", "planId", "cases"],
    title_field: "name",
    result_fields,
    completed_fields: execution::completed_fields,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let mut fields = vec![
        ("id", text("The run's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-R3.")),
        ("name", text("")),
        ("description", text("The first 2,000 characters of the description.")),
    ];
    fields.push(("plan", execution::group("The test plan it belongs to; null without one.")));
    let counts = "Its cases by the status of their latest result.";
    fields.extend(execution::fields(counts, "The run's page in Testbell."));
    fields
}

fn result_fields() -> SchemaFields {
    let case = vec![("id", text("")), ("key", text("")), ("title", text(""))];
    let mut fields = execution::result_fields();
    fields.push(("case", object(case, "The test case that was tested.")));
    fields
}

fn sample() -> Value {
    let run = RunId(id(13));
    json!({
        "id": run,
        "key": "WEB-R3",
        "name": "Release 4.2",
        "description": "All payment methods.",
        "plan": {"id": PlanId(id(18)), "key": "WEB-P2", "name": "Release 4.2 on all browsers"},
        "milestone": {"id": MilestoneId(id(17)), "key": "WEB-M2", "name": "Release 4.2"},
        "state": "in_progress",
        "completedAt": null,
        "counts": {"untested": 1, "passed": 3, "failed": 1, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 5,
        "link": link(&format!("runs/{run}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    execution::add_to_sample(verb, data);
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["name", "cases"]);
            data["changes"] = json!({
                "name": {"from": "Release 4.2 RC", "to": "Release 4.2"},
                "cases": {"from": [CaseId(id(10))], "to": [CaseId(id(10)), CaseId(id(11))]},
            });
        }
        Verb::StateChanged => {
            data["previousState"] = json!("new");
            data["changes"] = json!({"state": {"from": "new", "to": "in_progress"}});
        }
        Verb::Started => data["changes"] = json!({"state": {"from": "new", "to": "in_progress"}}),
        Verb::CasesAdded => {
            data["addedCases"] = json!([{"id": CaseId(id(11)), "key": "WEB-C12", "title": "Pay by card on a phone"}]);
        }
        Verb::Duplicated => {
            data["counts"]["untested"] = json!(5);
            data["total"] = json!(5);
            data["duplicatedFrom"] = json!({"id": RunId(id(12)), "key": "WEB-R2", "name": "Release 4.1"});
        }
        Verb::ResultAdded => {
            data["result"]["case"] = json!({"id": CaseId(id(11)), "key": "WEB-C12", "title": "Pay by card on a phone"});
        }
        _ => {}
    }
}
