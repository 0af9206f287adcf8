//! A sample of each event: one story of a web shop, told as its endpoints would hear it. Ids,
//! names and addresses are made up.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{EventType, Subject};
use crate::model::id::{CaseId, EventId, IssueId, ProjectId, ResultId, RunId, SessionId, UserId};

/// Where the instance of the story is.
const INSTANCE: &str = "https://testbell.example.com";
/// When the story begins: 2026-11-20 14:01:07.482 UTC, as the ids carry it.
const BEGIN_MILLIS: u64 = 1_795_183_267_482;

/// A whole envelope, its fields in the order in which endpoints receive them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    id: EventId,
    #[serde(rename = "type")]
    event: EventType,
    timestamp: &'static str,
    project: Value,
    actor: Value,
    data: Value,
}

/// The sample of an event.
pub fn of(event: EventType) -> Sample {
    let number = EventType::ALL.iter().position(|&other| other == event).unwrap_or_default();
    Sample {
        id: EventId(id(0x100 + u64::try_from(number).unwrap_or_default())),
        event,
        timestamp: "2026-11-20T14:01:07.482Z",
        project: json!({"id": project(), "key": "WEB", "name": "Web shop"}),
        actor: json!({"id": UserId(id(2)), "name": "Ada Example"}),
        data: data(event),
    }
}

fn data(event: EventType) -> Value {
    let mut data = match event.subject() {
        Subject::Case => case(),
        Subject::Issue => issue(),
        Subject::TestRun => run(),
        Subject::Session => session(),
    };
    match event {
        EventType::CaseUpdated => data["changed"] = json!(["title", "steps"]),
        EventType::IssueUpdated => data["changed"] = json!(["status", "statusKind"]),
        EventType::TestRunUpdated => data["changed"] = json!(["name", "cases"]),
        EventType::SessionUpdated => data["changed"] = json!(["charter", "timeBoxMinutes"]),
        EventType::TestRunStateChanged => data["previousState"] = json!("new"),
        EventType::SessionStateChanged => data["previousState"] = json!("in_progress"),
        EventType::TestRunCompleted | EventType::SessionCompleted => {
            data["state"] = json!("done");
            data["completedAt"] = json!("2026-11-20T14:01:07.482Z");
        }
        EventType::CaseDuplicated => {
            data["duplicatedFrom"] = json!({"id": CaseId(id(10)), "key": "WEB-C7", "title": "Pay by card"});
        }
        EventType::TestRunDuplicated => {
            fresh(&mut data);
            data["counts"]["untested"] = json!(5);
            data["total"] = json!(5);
            data["duplicatedFrom"] = json!({"id": RunId(id(12)), "key": "WEB-R2", "name": "Release 4.1"});
        }
        EventType::SessionDuplicated => {
            fresh(&mut data);
            data["duplicatedFrom"] =
                json!({"id": SessionId(id(14)), "key": "WEB-S3", "name": "Vouchers under strange names"});
        }
        EventType::TestRunResultAdded => {
            data["result"] = result();
            data["result"]["case"] = json!({"id": CaseId(id(11)), "key": "WEB-C12", "title": "Pay by card on a phone"});
        }
        EventType::SessionResultAdded => data["result"] = result(),
        _ => {}
    }
    data
}

fn case() -> Value {
    let case = CaseId(id(11));
    json!({
        "id": case,
        "key": "WEB-C12",
        "title": "Pay by card on a phone",
        "priority": "high",
        "labels": ["checkout", "mobile"],
        "steps": 4,
        "link": link(&format!("cases/{case}")),
    })
}

fn issue() -> Value {
    let issue = IssueId(id(20));
    json!({
        "id": issue,
        "key": "acme/checkout#42",
        "url": "https://github.com/acme/checkout/issues/42",
        "title": "Card payment fails on Safari",
        "status": "closed",
        "statusKind": "closed",
        "priority": null,
        "type": null,
        "labels": ["bug", "payments"],
        "assignee": "octocat",
        "link": link(&format!("issues/{issue}")),
    })
}

fn run() -> Value {
    let run = RunId(id(13));
    json!({
        "id": run,
        "key": "WEB-R3",
        "name": "Release 4.2",
        "description": "All that is paid with.",
        "state": "in_progress",
        "completedAt": null,
        "counts": {"untested": 1, "passed": 3, "failed": 1, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 5,
        "link": link(&format!("runs/{run}")),
    })
}

fn session() -> Value {
    let session = SessionId(id(15));
    json!({
        "id": session,
        "key": "WEB-S4",
        "name": "Vouchers under strange names",
        "charter": "Explore vouchers with unusual characters, to find what the basket does with them.",
        "timeBoxMinutes": 90,
        "state": "in_review",
        "completedAt": null,
        "counts": {"untested": 0, "passed": 2, "failed": 1, "blocked": 0, "retest": 0, "skipped": 0},
        "total": 3,
        "link": link(&format!("sessions/{session}")),
    })
}

fn result() -> Value {
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

/// A copy begins anew.
fn fresh(data: &mut Value) {
    data["state"] = json!("new");
    for count in data["counts"].as_object_mut().into_iter().flat_map(|counts| counts.values_mut()) {
        *count = json!(0);
    }
    data["total"] = json!(0);
}

fn project() -> ProjectId {
    ProjectId(id(1))
}

fn link(path: &str) -> String {
    format!("{INSTANCE}/projects/{}/{path}", project())
}

/// An id as the story's instance would have given it: the time, then a number.
fn id(number: u64) -> Uuid {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(BEGIN_MILLIS, &random).into_uuid()
}
