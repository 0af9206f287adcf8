//! What the `data` of each event holds, as JSON Schema (2020-12). A subject's events share their
//! fields; a verb may add some. Receivers should ignore fields that they don't know.

use serde_json::{Map, Value, json};

use super::{EventType, Subject};
use crate::model::issue::StatusKind;
use crate::model::test_case::Priority;
use crate::model::testware::{ResultStatus, State};

/// The schema of an event's `data`.
pub fn data(event: EventType) -> Value {
    let mut fields = match event.subject() {
        Subject::Case => case(),
        Subject::Issue => issue(),
        Subject::TestRun => run(),
        Subject::Session => session(),
    };
    match event.verb() {
        "updated" => fields.push(("changed", changed(event.subject()))),
        "state_changed" => {
            let previous = one_of(State::ALL.iter().map(|state| state.as_str()), "The state before.");
            fields.push(("previousState", previous));
        }
        "duplicated" => fields.push(("duplicatedFrom", source(event.subject()))),
        "result_added" => fields.push(("result", result(event.subject()))),
        _ => {}
    }
    object(fields, "")
}

type Fields = Vec<(&'static str, Value)>;

fn case() -> Fields {
    vec![
        ("id", text("The test case's id in Testbell.")),
        ("key", text("What people call it, such as WEB-C12.")),
        ("title", text("")),
        ("priority", one_of(Priority::ALL.iter().map(|priority| priority.as_str()), "")),
        ("labels", texts("")),
        ("steps", number("How many steps it has.")),
        ("link", text("The test case's page in Testbell.")),
    ]
}

fn issue() -> Fields {
    vec![
        ("id", text("The issue's id in Testbell.")),
        ("key", text_or_null("The tracker's key, such as acme/checkout#42.")),
        ("url", text_or_null("The tracker's page of it.")),
        ("title", text("")),
        ("status", text("In the tracker's words.")),
        ("statusKind", one_of(StatusKind::ALL.iter().map(|kind| kind.as_str()), "What the status means.")),
        ("priority", text_or_null("In the tracker's words.")),
        ("type", text_or_null("In the tracker's words.")),
        ("labels", texts("")),
        ("assignee", text_or_null("In the tracker's words.")),
        ("link", text("The issue's page in Testbell.")),
    ]
}

fn run() -> Fields {
    let mut fields = vec![
        ("id", text("The run's id in Testbell.")),
        ("key", text("What people call it, such as WEB-R3.")),
        ("name", text("")),
        ("description", text("At most 2,000 characters of it.")),
    ];
    fields.extend(work("Its cases by the status of their latest result.", "The run's page in Testbell."));
    fields
}

fn session() -> Fields {
    let mut fields = vec![
        ("id", text("The session's id in Testbell.")),
        ("key", text("What people call it, such as WEB-S4.")),
        ("name", text("")),
        ("charter", text("What is explored, and to what end; at most 2,000 characters of it.")),
        ("timeBoxMinutes", described(json!({"type": ["integer", "null"]}), "For how long it is planned.")),
    ];
    fields.extend(work("Its results by status.", "The session's page in Testbell."));
    fields
}

/// What runs and sessions have in common.
fn work(counts: &str, link: &str) -> Fields {
    let by_status = ResultStatus::ALL.iter().map(|status| (status.as_str(), number(""))).collect();
    let time = json!({"type": ["string", "null"], "format": "date-time"});
    vec![
        ("state", one_of(State::ALL.iter().map(|state| state.as_str()), "Where the work on it stands.")),
        ("completedAt", described(time, "When it was completed; null before that.")),
        ("counts", object(by_status, counts)),
        ("total", number("The sum of the counts.")),
        ("link", text(link)),
    ]
}

fn changed(subject: Subject) -> Value {
    let fields: &[&str] = match subject {
        Subject::Case => &["title", "preconditions", "steps", "priority", "labels"],
        Subject::Issue => {
            &["key", "url", "title", "description", "status", "statusKind", "priority", "type", "labels", "assignee"]
        }
        Subject::TestRun => &["name", "description", "cases"],
        Subject::Session => &["name", "charter", "timeBoxMinutes"],
    };
    let list = json!({"type": "array", "minItems": 1, "items": {"enum": fields}});
    described(list, "The fields that changed.")
}

fn source(subject: Subject) -> Value {
    let named = if subject == Subject::Case { "title" } else { "name" };
    object(vec![("id", text("")), ("key", text("")), (named, text(""))], "What it is a copy of.")
}

fn result(subject: Subject) -> Value {
    let issue = vec![
        ("id", text("The issue's id in Testbell.")),
        ("key", text_or_null("The tracker's key.")),
        ("title", text("")),
        ("url", text_or_null("The tracker's page of it; null also when its address is very long.")),
        ("link", text("The issue's page in Testbell.")),
    ];
    let tested = ResultStatus::ALL.iter().filter(|&&status| status != ResultStatus::Untested);
    let mut fields = vec![
        ("id", text("The result's id in Testbell.")),
        ("status", one_of(tested.map(|status| status.as_str()), "What the test came to.")),
        ("comment", text("At most 2,000 characters of it.")),
        ("elapsedSeconds", described(json!({"type": ["integer", "null"]}), "How long the test took.")),
        ("author", text("Who added it.")),
        ("issues", described(json!({"type": "array", "items": object(issue, "")}), "What it is linked to.")),
    ];
    if subject == Subject::TestRun {
        let case = vec![("id", text("")), ("key", text("")), ("title", text(""))];
        fields.push(("case", object(case, "The test case that was tested.")));
    }
    object(fields, "The result that was added.")
}

/// An object that has all of the fields.
fn object(fields: Fields, description: &str) -> Value {
    let required: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = fields.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    described(json!({"type": "object", "required": required, "properties": properties}), description)
}

fn text(description: &str) -> Value {
    described(json!({"type": "string"}), description)
}

fn text_or_null(description: &str) -> Value {
    described(json!({"type": ["string", "null"]}), description)
}

fn texts(description: &str) -> Value {
    described(json!({"type": "array", "items": {"type": "string"}}), description)
}

fn number(description: &str) -> Value {
    described(json!({"type": "integer", "minimum": 0}), description)
}

fn one_of(names: impl Iterator<Item = &'static str>, description: &str) -> Value {
    described(json!({"enum": names.collect::<Vec<_>>()}), description)
}

fn described(mut schema: Value, description: &str) -> Value {
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
    schema
}
