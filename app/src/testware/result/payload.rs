//! The payload of a result's events.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, object, text};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::case::CaseId;
use crate::testware::execution::payload::{self as execution, group};
use crate::testware::run::RunId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &["status", "comment", "elapsedSeconds", "issues"],
    title_field: "title",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let case = vec![("id", text("")), ("key", text("")), ("title", text(""))];
    let mut case = object(case, "The test case that was tested; null in a session.");
    case["type"] = json!(["object", "null"]);
    let mut fields = execution::result_fields();
    fields.extend([
        ("key", text("The key of the case, or that of the session.")),
        ("title", text("The title of the case, or the name of the session.")),
        ("case", case),
    ]);
    fields.extend(parents());
    fields.push(("link", text("The page of the run or session in Testbell.")));
    fields
}

/// The run or the session of results.
pub fn parents() -> SchemaFields {
    vec![("testRun", group("The test run; null in a session.")), ("session", group("The session; null in a test run."))]
}

/// The run of the samples.
pub fn sample_parents(data: &mut Value) {
    data["testRun"] = json!({"id": RunId(id(13)), "key": "WEB-R3", "name": "Release 4.2"});
    data["session"] = Value::Null;
}

fn sample() -> Value {
    let mut data = execution::sample_result();
    data["key"] = json!("WEB-C12");
    data["title"] = json!("Pay by card on a phone");
    data["case"] = json!({"id": CaseId(id(11)), "key": data["key"], "title": data["title"]});
    sample_parents(&mut data);
    data["link"] = json!(link(&format!("runs/{}", RunId(id(13)))));
    data
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    match verb {
        Verb::Updated => {
            data["changed"] = json!(["status"]);
            data["changes"] = json!({"status": {"from": "retest", "to": "failed"}});
        }
        Verb::IssueLinked => data["linkedIssues"] = data["issues"].clone(),
        _ => {}
    }
}
