//! What the payloads of test runs and sessions share: state, counts and results.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, described, number, object, one_of, text, text_or_null};
use crate::model::id::{IssueId, ResultId};
use crate::testware::execution::{ResultStatus, State};

/// The fields after those of the subject itself.
pub fn fields(counts: &str, page: &str) -> SchemaFields {
    let by_status = ResultStatus::ALL.iter().map(|status| (status.as_str(), number(""))).collect();
    let time = json!({"type": ["string", "null"], "format": "date-time"});
    vec![
        ("state", one_of(State::ALL.iter().map(|state| state.as_str()), "The state.")),
        ("completedAt", described(time, "When it was completed; null before that.")),
        ("counts", object(by_status, counts)),
        ("total", number("The sum of the counts.")),
        ("link", text(page)),
    ]
}

/// The fields of a result.
pub fn result_fields() -> SchemaFields {
    let issue = vec![
        ("id", text("The issue's ID in Testbell.")),
        ("key", text_or_null("The tracker's key.")),
        ("title", text("")),
        ("url", text_or_null("The issue's page in the tracker; null also when its address is very long.")),
        ("link", text("The issue's page in Testbell.")),
    ];
    let statuses = ResultStatus::ALL.iter().filter(|&&status| status != ResultStatus::Untested);
    vec![
        ("id", text("The result's ID in Testbell.")),
        ("status", one_of(statuses.map(|status| status.as_str()), "The result of the test.")),
        ("comment", text("The first 2,000 characters of the comment.")),
        ("elapsedSeconds", described(json!({"type": ["integer", "null"]}), "The duration of the test.")),
        ("author", text("The user who added it.")),
        ("issues", described(json!({"type": "array", "items": object(issue, "")}), "The issues linked to it.")),
    ]
}

/// Adds to a sample what a verb adds to runs and sessions.
pub fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Completed => {
            data["state"] = json!("done");
            data["completedAt"] = json!("2026-11-20T14:01:07.482Z");
        }
        Verb::Duplicated => reset(data),
        Verb::ResultAdded => data["result"] = sample_result(),
        _ => {}
    }
}

fn sample_result() -> Value {
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
