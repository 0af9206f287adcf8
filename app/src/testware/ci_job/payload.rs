//! The payload of a CI job's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, number, object, one_of, text, text_or_null};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::automation::AutomationRunId;
use crate::testware::ci_job::{CiJobId, CiJobOutcome, CiJobStatus};
use crate::testware::execution::ResultStatus;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &[],
    title_field: "name",
    result_fields: none,
    completed_fields,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let time = || json!({"type": ["string", "null"], "format": "date-time"});
    let parameters = json!({"type": "object", "additionalProperties": {"type": "string"}});
    vec![
        ("id", text("The CI job's ID in Testbell, with which the CI system completes it.")),
        ("key", text("Its key, e.g. WEB-J4.")),
        ("name", text("")),
        ("branch", text("The branch; may be empty.")),
        ("commit", text("The commit; may be empty.")),
        ("url", text_or_null("The page of the job in the CI system.")),
        ("parameters", described(parameters, "The parameters, by name.")),
        ("status", one_of(CiJobStatus::ALL.iter().map(|status| status.as_str()), "The status.")),
        ("queuedAt", described(time(), "When it was queued.")),
        ("startedAt", described(time(), "When the CI system started it; null if it did not say so.")),
        ("completedAt", described(time(), "When it was completed; null before that.")),
        ("link", text("The job's page in Testbell.")),
    ]
}

fn completed_fields() -> SchemaFields {
    let run =
        vec![("id", text("")), ("key", text("")), ("name", text("")), ("link", text("The run's page in Testbell."))];
    let mut run = object(run, "The automation run with its results; null without one.");
    run["type"] = json!(["object", "null"]);
    let by_status = ResultStatus::ALL.iter().map(|status| (status.as_str(), number(""))).collect();
    let mut counts = object(by_status, "The results of the automation run by status; null without one.");
    counts["type"] = json!(["object", "null"]);
    let total = json!({"type": ["integer", "null"], "minimum": 0});
    vec![
        ("outcome", one_of(CiJobOutcome::ALL.iter().map(|outcome| outcome.as_str()), "The outcome.")),
        (
            "durationSeconds",
            number("From its start to its completion; from when it was queued if the start is unknown."),
        ),
        ("automationRun", run),
        ("counts", counts),
        ("total", described(total, "The sum of the counts; null without an automation run.")),
    ]
}

fn sample() -> Value {
    let job = CiJobId(id(21));
    json!({
        "id": job,
        "key": "WEB-J4",
        "name": "Nightly checkout tests",
        "branch": "main",
        "commit": "4f2a91c",
        "url": null,
        "parameters": {"BROWSER": "firefox", "SHARDS": "4"},
        "status": "queued",
        "queuedAt": "2026-11-20T13:47:02.118Z",
        "startedAt": null,
        "completedAt": null,
        "link": link(&format!("ci-jobs/{job}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    if verb != Verb::Completed {
        return;
    }
    let run = AutomationRunId(id(18));
    data["url"] = json!("https://ci.example.com/builds/482");
    data["status"] = json!("failed");
    data["startedAt"] = json!("2026-11-20T13:47:09.530Z");
    data["completedAt"] = json!("2026-11-20T14:01:07.482Z");
    data["outcome"] = json!("failed");
    data["durationSeconds"] = json!(837);
    let page = link(&format!("automation-runs/{run}"));
    data["automationRun"] = json!({"id": run, "key": "WEB-A7", "name": "main #482", "link": page});
    data["counts"] = json!({"untested": 0, "passed": 117, "failed": 1, "blocked": 0, "retest": 0, "skipped": 2});
    data["total"] = json!(120);
}
