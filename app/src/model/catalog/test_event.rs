//! The test event of outbound webhooks. Receivers get it like any other event, so the catalog
//! describes it. It can't be subscribed to.

use serde_json::{Value, json};
use uuid::Uuid;

use super::description::EventDescription;
use super::payload::{self, schema};
use crate::model::delivery::TEST_EVENT;
use crate::model::id::{IssueId, WebhookId};

/// The message of a test.
pub const TEST_MESSAGE: &str = "This is a test event from Testbell. The webhook works.";

/// The `data` of a webhook's test event.
#[must_use]
pub fn test_data(webhook: WebhookId) -> Value {
    // No issue has the nil ID.
    let id = IssueId(Uuid::nil());
    json!({"version": super::PAYLOAD_VERSION, "id": id, "title": "Test", "message": TEST_MESSAGE, "webhookId": webhook})
}

/// The event as the API describes it.
#[must_use]
pub fn describe() -> EventDescription {
    let fields = vec![
        ("version", schema::number("The version of the data.")),
        ("id", schema::text("The ID of no existing issue.")),
        ("title", schema::text("")),
        ("message", schema::text("Says that this is a test.")),
        ("webhookId", schema::text("The webhook that was tested.")),
    ];
    EventDescription {
        event: TEST_EVENT.to_owned(),
        subject: None,
        description: "A test was sent".to_owned(),
        version: super::PAYLOAD_VERSION,
        data_schema: schema::object(fields, ""),
        sample: payload::test_sample(),
    }
}
