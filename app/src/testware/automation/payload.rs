//! The payload of an automation run's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, number, object, one_of, text, text_or_null};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::automation::{AutomationRunId, ReportFormat};
use crate::testware::execution::payload::progress_fields;

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
    let mut fields = vec![
        ("id", text("The automation run's ID in Testbell.")),
        ("key", text("Its key, e.g. WEB-A7.")),
        ("name", text("")),
        ("url", text_or_null("The page of the build, in CI.")),
        ("format", one_of(ReportFormat::ALL.iter().map(|format| format.as_str()), "The format of its first report.")),
        ("durationMs", number("The sum of the durations of its tests.")),
        ("createdCases", number("The number of cases that were created for its tests.")),
    ];
    fields.extend(progress_fields("Its results by status.", "The run's page in Testbell."));
    fields
}

fn completed_fields() -> SchemaFields {
    let rate = json!({"type": ["number", "null"], "minimum": 0, "maximum": 100});
    let failure = vec![
        ("name", text("The name of the test.")),
        ("automationLink", text("The name of the test in its report.")),
        ("case", text_or_null("The key of its case; null if no case is linked to it.")),
        ("message", text("The first 500 characters of the message.")),
    ];
    let failures = json!({"type": "array", "items": object(failure, "")});
    vec![
        ("passRate", described(rate, "Passed tests as a percentage of those not skipped; null if there are none.")),
        ("failures", described(failures, "The first failed tests, at most 10.")),
    ]
}

fn sample() -> Value {
    let run = AutomationRunId(id(18));
    json!({
        "id": run,
        "key": "WEB-A7",
        "name": "main #482",
        "url": "https://ci.example.com/builds/482",
        "format": "junit",
        "durationMs": 93_500,
        "createdCases": 0,
        "completedAt": null,
        "counts": {"untested": 0, "passed": 0, "failed": 0, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 0,
        "link": link(&format!("automation-runs/{run}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    if verb == Verb::Created {
        data["durationMs"] = json!(0);
        return;
    }
    data["completedAt"] = json!("2026-11-20T14:01:07.482Z");
    data["counts"] = json!({"untested": 0, "passed": 117, "failed": 1, "blocked": 0, "retest": 0, "skipped": 2});
    data["total"] = json!(120);
    if verb == Verb::Completed {
        data["passRate"] = json!(99.2);
        data["failures"] = json!([{
            "name": "pays_on_a_phone",
            "automationLink": "checkout.CardTest.pays_on_a_phone",
            "case": "WEB-C12",
            "message": "expected 200, got 502",
        }]);
    }
}
