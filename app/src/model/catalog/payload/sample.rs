//! A sample envelope of each event, from a fictional web shop.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::catalog::{EventType, PAYLOAD_VERSION, test_event};
use crate::model::delivery::TEST_EVENT;
use crate::model::id::{EventId, ProjectId, UserId, WebhookId};

/// The URL of the fictional instance.
const INSTANCE: &str = "https://testbell.example.com";
/// The time of the first event, which its IDs contain: 2026-11-20 14:01:07.482 UTC.
const BEGIN_MILLIS: u64 = 1_795_183_267_482;

/// A complete envelope, its fields in the order in which endpoints receive them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sample {
    id: EventId,
    #[serde(rename = "type")]
    event: String,
    timestamp: &'static str,
    project: Value,
    actor: Value,
    data: Value,
}

/// The sample of an event.
pub fn event_sample(event: EventType) -> Sample {
    let number = EventType::ALL.iter().position(|&other| other == event).unwrap_or(EventType::ALL.len());
    Sample {
        id: EventId(id(0x100 + u64::try_from(number).unwrap_or_default())),
        event: event.as_str().to_owned(),
        timestamp: "2026-11-20T14:01:07.482Z",
        project: json!({"id": project(), "key": "WEB", "name": "Web shop"}),
        actor: json!({"id": UserId(id(2)), "name": "Ada Example"}),
        data: sample_data(event),
    }
}

/// The `data` of the sample of an event.
pub fn sample_data(event: EventType) -> Value {
    let payload = event.subject().payload();
    let mut data = (payload.sample)();
    // The data of a custom event is as it was published.
    if !event.is_custom() {
        data["version"] = json!(PAYLOAD_VERSION);
    }
    (payload.add_to_sample)(event.verb(), &mut data);
    data
}

/// The sample of a test event.
pub fn test_sample() -> Sample {
    let actor = Value::Null;
    let data = test_event::test_data(WebhookId(id(40)));
    Sample {
        id: EventId(id(0x200)),
        event: TEST_EVENT.to_owned(),
        actor,
        data,
        ..event_sample(EventType::IssueCreated)
    }
}

fn project() -> ProjectId {
    ProjectId(id(1))
}

/// A page of the fictional instance.
pub fn link(path: &str) -> String {
    format!("{INSTANCE}/projects/{}/{path}", project())
}

/// An ID from a time and a number.
pub fn id(number: u64) -> Uuid {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(BEGIN_MILLIS, &random).into_uuid()
}
