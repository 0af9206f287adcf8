//! The envelope of an event: what every generic endpoint receives, to the byte.

use app::model::id::{EventId, ProjectId, UserId};
use app::model::time::millis;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// The fields in the order in which a person reads them.
#[derive(Serialize)]
pub struct Envelope<'a> {
    /// The `webhook-id`, the same over retries and replays.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub event: &'a str,
    /// When it happened, to the millisecond.
    #[serde(serialize_with = "millis")]
    pub timestamp: DateTime<Utc>,
    /// Where.
    pub project: ProjectPart<'a>,
    /// Who did it; null for a tracker.
    pub actor: Option<ActorPart<'a>>,
    /// After the catalogue's schema.
    pub data: Value,
}

/// The project as endpoints see it.
#[derive(Serialize)]
pub struct ProjectPart<'a> {
    /// Its id.
    pub id: ProjectId,
    /// Its key.
    pub key: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// A person as endpoints see them.
#[derive(Serialize)]
pub struct ActorPart<'a> {
    /// The id.
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
