//! The `webhooks` section of the OpenAPI document: each event of the catalog as a request that Testbell
//! sends.

use app::model::catalog::{EventDescription, describe};
use app::model::policy::ATTEMPT_TIMEOUT;
use serde_json::{Value, json};

const HEADERS: [(&str, &str); 3] = [
    ("webhook-id", "The event's ID, the same for retries and replays"),
    ("webhook-timestamp", "When the request was signed, in seconds since 1970"),
    ("webhook-signature", "Standard Webhooks 1.0 signatures, separated by spaces"),
];

/// Adds the section and its schemas.
pub fn add(document: &mut Value) {
    for event in describe() {
        let schema = schema_name(&event.event);
        document["webhooks"][&event.event] = json!({"post": operation(&event, &schema)});
        document["components"]["schemas"][&schema] = envelope(&event);
    }
}

/// `test_run.created` is `TestRunCreatedEvent`.
fn schema_name(event: &str) -> String {
    if is_wildcard(event) {
        return "AnyCustomEvent".to_owned();
    }
    let words = event.split(['.', '_']).map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<String>() + "Event"
}

/// Whether it stands for all custom events.
fn is_wildcard(event: &str) -> bool {
    event.ends_with(".*")
}

fn operation(event: &EventDescription, schema: &str) -> Value {
    let header = |(name, description): (&str, &str)| {
        json!({"name": name, "in": "header", "required": true, "description": description,
            "schema": {"type": "string"}})
    };
    let content = json!({
        "schema": {"$ref": format!("#/components/schemas/{schema}")},
        "example": event.sample,
    });
    let acknowledged = format!(
        "Any 2xx response within {} seconds acknowledges the event. Other responses are retried, except most 4xx.",
        ATTEMPT_TIMEOUT.as_secs()
    );
    json!({
        "operationId": format!("on{schema}"),
        "summary": event.description,
        "tags": ["Events"],
        "parameters": HEADERS.map(header),
        "requestBody": {"required": true, "content": {"application/json": content}},
        "responses": {
            "2XX": {"description": acknowledged},
            "410": {"description": "The endpoint is gone. The webhook is disabled."},
        },
    })
}

/// The complete body that a generic endpoint receives.
fn envelope(event: &EventDescription) -> Value {
    let text = json!({"type": "string"});
    let part = |fields: &[&str]| {
        let properties: serde_json::Map<_, _> =
            fields.iter().map(|field| ((*field).to_owned(), text.clone())).collect();
        json!({"type": "object", "required": fields, "properties": properties})
    };
    let event_type = match is_wildcard(&event.event) {
        true => json!({"type": "string", "pattern": "^custom\\."}),
        false => json!({"type": "string", "enum": [event.event]}),
    };
    let actor = json!({"oneOf": [{"type": "null"}, part(&["id", "name"])], "description": "Null for a tracker."});
    json!({
        "type": "object",
        "description": event.description,
        "required": ["id", "type", "timestamp", "project", "actor", "data"],
        "properties": {
            "id": {"type": "string", "description": "The event's ID, the same for retries and replays."},
            "type": event_type,
            "timestamp": {"type": "string", "format": "date-time"},
            "project": part(&["id", "key", "name"]),
            "actor": actor,
            "data": event.data_schema,
        },
    })
}
