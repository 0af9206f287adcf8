//! Starts jobs in Jenkins, through the plugin Generic Webhook Trigger
//! (<https://plugins.jenkins.io/generic-webhook-trigger/>).
//!
//! The plugin turns the leaves of the body into variables, so the body is flat, and every event has
//! the same fields. Texts that an event lacks are empty. Only a CI job adds a variable for each of its
//! parameters. The token in the URL is sent as a header, because URLs are logged by proxies. A test asks
//! for a dry run, which starts no job.

use app::model::catalog::EventType;
use app::model::delivery::TEST_EVENT;
use app::model::destination::DestinationKind;
use app::testware::execution::ResultStatus;
use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    AttemptResult, Destination, DestinationSettings, OutboundRequest, SigningContext, classify_explained, json_headers,
};
use crate::events::{EventMessage, MessageOutcome};
use crate::net::Response;

/// The parameter of the URL and the header with the token.
const TOKEN: &str = "token";

/// Jobs with a token.
pub struct Jenkins;

#[derive(Deserialize, Default)]
#[serde(default)]
struct StoredEnvelope {
    id: String,
    #[serde(rename = "type")]
    event: String,
    timestamp: String,
    project: Value,
    actor: Value,
    data: Value,
}

impl Destination for Jenkins {
    fn kind(&self) -> DestinationKind {
        DestinationKind::Jenkins
    }

    fn validate_url(&self, url: &Url) -> Result<(), String> {
        let pattern = &self.kind().spec().url;
        if !pattern.has_path(url.path()) {
            return Err(
                "Enter the address of Jenkins, then /generic-webhook-trigger/invoke?token= and the token.".to_owned()
            );
        }
        Ok(())
    }

    fn render(
        &self,
        message: &EventMessage,
        settings: &DestinationSettings,
        _: &SigningContext<'_>,
    ) -> Option<OutboundRequest> {
        let mut headers = json_headers();
        let (url, token) = without_token(&settings.url);
        if let Some(token) = token {
            let mut value = HeaderValue::try_from(token).ok()?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(TOKEN), value);
        }
        let envelope: StoredEnvelope = serde_json::from_slice(message.envelope()).unwrap_or_default();
        if envelope.event == TEST_EVENT {
            headers.insert(HeaderName::from_static("gwt-dry-run"), HeaderValue::from_static("true"));
        }
        let body = Value::Object(variables(&envelope, message)).to_string().into();
        Some(OutboundRequest { url, headers, body })
    }

    fn classify(&self, response: &Response, now: DateTime<Utc>) -> AttemptResult {
        classify_explained(response, now, explain)
    }
}

/// The URL without its token, and the token.
fn without_token(url: &Url) -> (Url, Option<String>) {
    let token = url.query_pairs().find(|(name, _)| name == TOKEN).map(|(_, value)| value.into_owned());
    let Some(token) = token else { return (url.clone(), None) };
    let others: Vec<_> = url.query_pairs().filter(|(name, _)| name != TOKEN).collect();
    let mut plain = url.clone();
    plain.set_query(None);
    if !others.is_empty() {
        plain.query_pairs_mut().extend_pairs(others);
    }
    (plain, Some(token))
}

/// The variables of an event: the same for all events, and the parameters of a CI job.
fn variables(envelope: &StoredEnvelope, message: &EventMessage) -> Map<String, Value> {
    let content = message.content();
    let text = |value: &Value, name: &str| json!(value[name].as_str().unwrap_or_default());
    let data = &envelope.data;
    let (subject, verb) = match envelope.event.parse::<EventType>() {
        Ok(event) if !event.is_custom() => (event.subject().as_str(), event.verb().as_str()),
        _ => envelope.event.split_once('.').unwrap_or((&envelope.event, "")),
    };
    let name = data["title"].as_str().or(data["name"].as_str()).unwrap_or_default();
    let mut variables = Map::new();
    for (variable, value) in [
        ("event_id", json!(envelope.id)),
        ("event", json!(envelope.event)),
        ("subject", json!(subject)),
        ("verb", json!(verb)),
        ("time", json!(envelope.timestamp)),
        ("headline", json!(content.headline)),
        ("project_id", text(&envelope.project, "id")),
        ("project_key", text(&envelope.project, "key")),
        ("project_name", text(&envelope.project, "name")),
        ("actor_id", text(&envelope.actor, "id")),
        ("actor_name", text(&envelope.actor, "name")),
        ("id", text(data, "id")),
        ("key", text(data, "key")),
        ("name", json!(name)),
        ("state", text(data, "state")),
        ("status", text(data, "status")),
        // A CI job says what it is.
        ("outcome", json!(data["outcome"].as_str().unwrap_or_else(|| content.outcome.map_or("", outcome)))),
        ("branch", text(data, "branch")),
        ("commit", text(data, "commit")),
        ("result", text(&data["result"], "status")),
        ("link", json!(content.link.as_deref().unwrap_or_default())),
        ("tracker_link", json!(content.tracker_link.as_deref().unwrap_or_default())),
        ("total", json!(data["total"].as_u64().unwrap_or_default())),
    ] {
        variables.insert(variable.to_owned(), value);
    }
    for status in ResultStatus::ALL {
        let count = data["counts"][status.as_str()].as_u64().unwrap_or_default();
        variables.insert(status.as_str().to_owned(), json!(count));
    }
    let parameters = data["parameters"].as_object().into_iter().flatten();
    variables.extend(parameters.map(|(name, value)| (format!("parameter_{name}"), value.clone())));
    variables
}

const fn outcome(outcome: MessageOutcome) -> &'static str {
    match outcome {
        MessageOutcome::Good => "passed",
        MessageOutcome::Warning => "blocked",
        MessageOutcome::Bad => "failed",
        MessageOutcome::Open => "open",
    }
}

/// Explains an error.
fn explain(status: StatusCode, _: &[u8]) -> Option<String> {
    let what_to_do = match status {
        StatusCode::NOT_FOUND => {
            "No job has this token, or the plugin Generic Webhook Trigger is not installed. Check the token in the job."
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "Jenkins or a proxy refused the request. Check the token, and whether /generic-webhook-trigger/ may be requested without a sign-in."
        }
        _ => return None,
    };
    Some(format!("Jenkins responded with {status}. {what_to_do}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_leaves_the_url() {
        let url = "https://ci.example.org/generic-webhook-trigger/invoke?a=1&token=s3c%20ret&b=2".parse().unwrap();
        let (plain, token) = without_token(&url);
        assert_eq!(plain.as_str(), "https://ci.example.org/generic-webhook-trigger/invoke?a=1&b=2");
        assert_eq!(token.as_deref(), Some("s3c ret"));
        let (same, none) = without_token(&plain);
        assert_eq!((same, none), (plain, None));
    }

    #[test]
    fn every_event_has_the_same_variables() {
        let names = |event: &str, data: Value| {
            let envelope =
                json!({"id": "evt_1", "type": event, "project": {"key": "WEB"}, "actor": null, "data": data});
            let message = EventMessage::new(envelope.to_string().into());
            let envelope: StoredEnvelope = serde_json::from_slice(message.envelope()).unwrap();
            variables(&envelope, &message)
        };
        let run = names("test_run.completed", json!({"counts": {"passed": 2, "failed": 1}, "total": 3}));
        assert_eq!((&run["outcome"], &run["failed"], &run["skipped"]), (&json!("failed"), &json!(1), &json!(0)));
        let other = names("milestone.reached", json!({}));
        assert_eq!(run.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        assert_eq!((&other["subject"], &other["verb"]), (&json!("milestone"), &json!("reached")));
        assert!(run.values().chain(other.values()).all(|value| value.is_string() || value.is_u64()));
    }
}
