//! Jira's versions, which are milestones here. Their events have the ID of the project but not its key, and the time of
//! the event instead of that of the change.

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::issue::is_id;
use crate::providers::inbound::InboundChange;
use crate::providers::issue::description;
use crate::providers::milestone::due_date;
use crate::providers::{TrackerMilestone, TrackerSite, lenient, rest_client};

/// The JSON of a version.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JiraVersion<'a> {
    #[serde(borrow, deserialize_with = "lenient")]
    id: Option<&'a RawValue>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(deserialize_with = "lenient")]
    released: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    release_date: Option<NaiveDate>,
    #[serde(borrow, deserialize_with = "lenient")]
    project_id: Option<&'a RawValue>,
}

/// Whether an event is about a version.
pub fn is_version_event(event: &str) -> bool {
    matches!(
        event,
        "jira:version_created"
            | "jira:version_updated"
            | "jira:version_released"
            | "jira:version_unreleased"
            | "jira:version_moved"
            | "jira:version_deleted"
    )
}

/// What such an event changes. `timestamp` is in milliseconds.
pub fn change(
    event: &str,
    version: Option<JiraVersion<'_>>,
    timestamp: Option<i64>,
    site: &TrackerSite<'_>,
) -> InboundChange {
    let version = version.unwrap_or_default();
    let (Some(id), Some(name)) = (version.id.and_then(number), &version.name) else {
        return InboundChange::Unusable("The payload has no version with an id and a name.");
    };
    let mut milestone = TrackerMilestone::new(id, name);
    milestone.origin_id = version.project_id.and_then(number);
    milestone.url = rest_client::base(site.base_url).ok().map(|base| {
        rest_client::extend(&base, &["projects", site.repository, "versions", &milestone.external_id]).into()
    });
    milestone.description = description(&version.description.unwrap_or_default());
    milestone.completed = match event {
        "jira:version_released" => Some(true),
        "jira:version_unreleased" => Some(false),
        _ => version.released,
    };
    milestone.due_on = version.release_date.and_then(due_date);
    milestone.updated_at = timestamp.and_then(DateTime::from_timestamp_millis);
    InboundChange::Milestone { milestone: Box::new(milestone), is_deleted: event == "jira:version_deleted" }
}

/// An ID, which Cloud and Data Center write as a text or as a number.
fn number(raw: &RawValue) -> Option<String> {
    let text = raw.get().trim_matches('"');
    is_id(text).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://example.com/jira", repository: "WEB", has_credentials: false };

    fn parse(event: &str, json: &str) -> InboundChange {
        change(event, serde_json::from_str(json).ok(), Some(1_767_607_200_123), &SITE)
    }

    #[test]
    fn a_version_is_a_milestone() {
        for (id, project) in [("\"10000\"", "10010"), ("10000", "\"10010\"")] {
            let json = format!(
                r#"{{"id":{id},"name":"1.0","description":"d","released":false,"releaseDate":"2026-03-08","projectId":{project}}}"#
            );
            let InboundChange::Milestone { milestone, is_deleted } = parse("jira:version_released", &json) else {
                panic!("one")
            };
            assert_eq!((milestone.external_id.as_str(), milestone.origin_id.as_deref()), ("10000", Some("10010")));
            assert_eq!(milestone.url.as_deref(), Some("https://example.com/jira/projects/WEB/versions/10000"));
            assert_eq!(milestone.due_on.map(|date| date.to_string()).as_deref(), Some("2026-03-08"));
            assert_eq!((milestone.completed, is_deleted), (Some(true), false));
            assert_eq!(milestone.updated_at.map(|at| at.timestamp_millis()), Some(1_767_607_200_123));
        }
    }

    #[test]
    fn hostile_versions_are_unusable() {
        for json in ["{}", r#"{"id":"../x","name":"n"}"#, r#"{"id":{},"name":"n"}"#, r#"{"id":"1"}"#, "7"] {
            assert!(matches!(parse("jira:version_created", json), InboundChange::Unusable(_)), "{json}");
        }
    }
}
