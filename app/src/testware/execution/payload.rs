//! What the payloads of test runs and sessions share: state, counts and results.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, number, object, one_of, text, text_or_null};
use crate::model::id::{IssueId, ResultId};
use crate::testware::execution::{ResultStatus, State};

/// The fields after those of the subject itself.
pub fn fields(counts: &str, page: &str) -> SchemaFields {
    let milestone = group("The milestone it belongs to; null without one.");
    let mut fields =
        vec![("milestone", milestone), ("state", one_of(State::ALL.iter().map(|state| state.as_str()), "The state."))];
    fields.extend(progress_fields(counts, page));
    fields
}

/// A reference to an item by ID, key and name, or null.
pub fn group(description: &str) -> Value {
    let mut group = object(vec![("id", text("")), ("key", text("")), ("name", text(""))], description);
    group["type"] = json!(["object", "null"]);
    group
}

/// The last fields of what has counts and can be completed.
pub fn progress_fields(counts: &str, page: &str) -> SchemaFields {
    let by_status = ResultStatus::ALL.iter().map(|status| (status.as_str(), number(""))).collect();
    let time = json!({"type": ["string", "null"], "format": "date-time"});
    vec![
        ("completedAt", described(time, "When it was completed; null before that.")),
        ("counts", object(by_status, counts)),
        ("total", number("The sum of the counts.")),
        ("link", text(page)),
    ]
}

/// The fields of a result.
pub fn result_fields() -> SchemaFields {
    let statuses = ResultStatus::ALL.iter().filter(|&&status| status != ResultStatus::Untested);
    vec![
        ("id", text("The result's ID in Testbell.")),
        ("status", one_of(statuses.map(|status| status.as_str()), "The result of the test.")),
        ("comment", text("The first 2,000 characters of the comment.")),
        ("elapsedSeconds", described(json!({"type": ["integer", "null"]}), "The duration of the test.")),
        ("author", text("The user who added it.")),
        (
            "issues",
            described(json!({"type": "array", "items": object(issue_fields(), "")}), "The issues linked to it."),
        ),
    ]
}

/// The fields of an issue that a result links.
pub fn issue_fields() -> SchemaFields {
    vec![
        ("id", text("The issue's ID in Testbell.")),
        ("key", text_or_null("The tracker's key.")),
        ("title", text("")),
        ("url", text_or_null("The issue's page in the tracker; null also when its address is very long.")),
        ("link", text("The issue's page in Testbell.")),
    ]
}

/// The fields that completion adds.
pub fn completed_fields() -> SchemaFields {
    let rate = json!({"type": ["number", "null"], "minimum": 0, "maximum": 100});
    let seconds = json!({"type": ["integer", "null"], "minimum": 0});
    let comment = vec![
        ("case", text_or_null("The key of the case; null in a session.")),
        ("status", one_of(ResultStatus::ALL.iter().map(|status| status.as_str()), "")),
        ("comment", text("The first 2,000 characters.")),
        ("author", text("")),
    ];
    let comments = json!({"type": "array", "items": object(comment, "")});
    let issues = json!({"type": "array", "items": object(issue_fields(), "")});
    vec![
        ("passRate", described(rate, "Passed tests as a percentage of those not skipped; null if there are none.")),
        ("durationSeconds", described(seconds.clone(), "From its creation to its completion.")),
        ("testedSeconds", described(seconds, "The sum of the durations of its results.")),
        ("comments", described(comments, "The comments of its latest results, at most 20.")),
        ("issues", described(issues, "The issues linked to its latest results, at most 20.")),
    ]
}

/// Adds to a sample what a verb adds to runs and sessions.
pub fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Completed | Verb::Aborted => {
            data["state"] = json!(if verb == Verb::Completed { "done" } else { "in_progress" });
            data["completedAt"] = json!("2026-11-20T14:01:07.482Z");
            let result = sample_result();
            data["passRate"] = json!(75.0);
            data["durationSeconds"] = json!(86_400);
            data["testedSeconds"] = json!(2_760);
            data["comments"] = json!([{
                "case": null,
                "status": result["status"],
                "comment": result["comment"],
                "author": result["author"],
            }]);
            data["issues"] = result["issues"].clone();
        }
        Verb::Duplicated => reset(data),
        Verb::ResultAdded => data["result"] = sample_result(),
        _ => {}
    }
}

/// A failed result.
pub fn sample_result() -> Value {
    let issue = IssueId(id(20));
    json!({
        "id": ResultId(id(30)),
        "status": "failed",
        "comment": "The form spins and nothing is charged.",
        "elapsedSeconds": 240,
        "author": "Ada Example",
        "issues": [{
            "id": issue,
            "key": "acme/checkout#42",
            "title": "Card payment fails on Safari",
            "url": "https://github.com/acme/checkout/issues/42",
            "link": link(&format!("issues/{issue}")),
        }],
    })
}

/// A copy starts without results.
fn reset(data: &mut Value) {
    data["state"] = json!("new");
    for count in data["counts"].as_object_mut().into_iter().flat_map(|counts| counts.values_mut()) {
        *count = json!(0);
    }
    data["total"] = json!(0);
}
