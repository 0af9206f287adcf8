//! The envelope of an event: the body that every generic endpoint receives.

use app::model::id::{EventId, ProjectId, UserId};
use app::model::time::millis;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// The fields in the documented order.
#[derive(Serialize)]
pub struct Envelope<'a> {
    /// The event ID, sent as `webhook-id`; the same for retries and replays.
    pub id: EventId,
    /// The event type.
    #[serde(rename = "type")]
    pub event: &'a str,
    /// When it happened, to the millisecond.
    #[serde(serialize_with = "millis")]
    pub timestamp: DateTime<Utc>,
    /// The project.
    pub project: ProjectPart<'a>,
    /// The user who caused it; null for a tracker.
    pub actor: Option<ActorPart<'a>>,
    /// The data; its schema is in the catalog.
    pub data: Value,
}

/// The project in an envelope.
#[derive(Serialize)]
pub struct ProjectPart<'a> {
    /// Its ID.
    pub id: ProjectId,
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// A user in an envelope.
#[derive(Serialize)]
pub struct ActorPart<'a> {
    /// The ID.
    pub id: UserId,
    /// The name.
    pub name: &'a str,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_envelope_is_written_in_its_documented_order() {
        let envelope = Envelope {
            id: EventId(Uuid::nil()),
            event: "issue.created",
            timestamp: DateTime::UNIX_EPOCH,
            project: ProjectPart { id: ProjectId(Uuid::nil()), key: "WEB", name: "Web" },
            actor: None,
            data: json!({"title": "T"}),
        };
        let nil = "00000000000000000000000000";
        assert_eq!(
            serde_json::to_string(&envelope).unwrap(),
            format!(
                r#"{{"id":"evt_{nil}","type":"issue.created","timestamp":"1970-01-01T00:00:00.000Z","project":{{"id":"prj_{nil}","key":"WEB","name":"Web"}},"actor":null,"data":{{"title":"T"}}}}"#
            )
        );
    }
}
