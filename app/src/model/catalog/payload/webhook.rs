//! The payload of a webhook's events: what happened to its health, and which delivery caused it.

use serde_json::{Value, json};

use super::sample::{id, link};
use super::schema::{SchemaFields, described, number, object, one_of, text, text_or_null};
use super::{Payload, none};
use crate::model::catalog::{EventType, Verb};
use crate::model::id::{DeliveryId, WebhookId};
use crate::model::webhook::{Health, WebhookKind};

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
    let kinds: Vec<_> = WebhookKind::all().map(WebhookKind::as_str).collect();
    let health = || one_of(Health::ALL.iter().map(|health| health.as_str()), "");
    vec![
        ("id", text("The webhook's ID.")),
        ("name", text("")),
        ("kind", described(json!({"enum": kinds}), "Its tracker or the kind of its destination.")),
        ("url", text("The URL of the endpoint without credentials; for inbound, of Testbell.")),
        ("health", described(health(), "The health after the event.")),
        ("previousHealth", described(health(), "The health before it; the same if it did not change.")),
        ("reason", text("What happened, in a sentence.")),
        ("consecutiveFailures", number("Deliveries that failed in a row.")),
        ("link", text("The webhook's page in Testbell.")),
    ]
}

/// The delivery that caused the event.
pub fn failed_delivery() -> Value {
    let fields = vec![
        ("id", text("")),
        ("event", text("The type of the event that could not be delivered.")),
        ("subject", text_or_null("What it is about.")),
        ("attempts", number("The number of attempts.")),
        ("error", text_or_null("Why the last attempt failed.")),
    ];
    let mut schema = object(fields, "The delivery that caused it; null for an inbound webhook.");
    schema["type"] = json!(["object", "null"]);
    schema
}

fn sample() -> Value {
    let webhook = WebhookId(id(40));
    json!({
        "id": webhook,
        "name": "Release feed",
        "kind": "generic",
        "url": "https://hooks.example.com/testbell",
        "health": Health::Healthy,
        "previousHealth": Health::Degraded,
        "reason": "A delivery succeeded.",
        "consecutiveFailures": 0,
        "link": link(&format!("settings/webhooks/{webhook}")),
    })
}

fn add_to_sample(verb: Verb, data: &mut Value) {
    let (health, previous, failures, reason) = match verb {
        Verb::Degraded => (Health::Degraded, Health::Healthy, 5, "5 consecutive deliveries failed."),
        Verb::Disabled => (Health::Disabled, Health::Degraded, 10, "10 consecutive deliveries failed."),
        Verb::DeliveryExhausted => (Health::Healthy, Health::Healthy, 1, "All attempts of a delivery failed."),
        Verb::Enabled => (Health::Healthy, Health::Disabled, 0, "Enabled by Ada Example."),
        _ => return,
    };
    data["health"] = json!(health);
    data["previousHealth"] = json!(previous);
    data["consecutiveFailures"] = json!(failures);
    data["reason"] = json!(reason);
    if verb != Verb::Enabled {
        data["delivery"] = json!({
            "id": DeliveryId(id(41)),
            "event": EventType::TestRunCompleted,
            "subject": "WEB-R3 Release 2.4",
            "attempts": 8,
            "error": "The endpoint responded with 503 Service Unavailable.",
        });
    }
}
