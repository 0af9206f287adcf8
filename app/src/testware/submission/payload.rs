//! The payload of the event of a submission.

use serde_json::{Value, json};

use crate::model::catalog::Verb;
use crate::model::catalog::payload::sample::{id, link};
use crate::model::catalog::payload::schema::{SchemaFields, number, object, text};
use crate::model::catalog::payload::{Payload, none};
use crate::testware::execution::ResultStatus;
use crate::testware::result::payload::{parents, sample_parents};
use crate::testware::run::RunId;
use crate::testware::submission::SubmissionId;

pub const PAYLOAD: Payload = Payload {
    fields,
    changeable: &[],
    title_field: "name",
    result_fields: none,
    completed_fields: none,
    sample,
    add_to_sample,
};

fn fields() -> SchemaFields {
    let by_status = ResultStatus::ALL.iter().map(|status| (status.as_str(), number(""))).collect();
    let mut fields = vec![
        ("id", text("The submission's ID in Testbell.")),
        ("key", text("The key of the run or session, e.g. WEB-R3.")),
        ("name", text("The name of the run or session.")),
    ];
    fields.extend(parents());
    fields.extend([
        ("counts", object(by_status, "The submitted results by status.")),
        ("total", number("The number of submitted results.")),
        ("link", text("The page of the run or session in Testbell.")),
    ]);
    fields
}

fn sample() -> Value {
    let run = RunId(id(13));
    let mut data = json!({
        "id": SubmissionId(id(50)),
        "key": "WEB-R3",
        "name": "Release 4.2",
        "counts": {"untested": 0, "passed": 118, "failed": 2, "blocked": 0, "retest": 0, "skipped": 4},
        "total": 124,
        "link": link(&format!("runs/{run}")),
    });
    sample_parents(&mut data);
    data
}

fn add_to_sample(_: Verb, _: &mut Value) {}
