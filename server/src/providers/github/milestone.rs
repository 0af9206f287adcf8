//! GitHub's milestones: <https://docs.github.com/webhooks/webhook-events-and-payloads#milestone>. The payload has the
//! complete milestone for every action.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::markup::web_url;
use crate::providers::inbound::InboundChange;
use crate::providers::issue::{description, non_blank_name};
use crate::providers::milestone::due_date;
use crate::providers::{TrackerMilestone, lenient};

/// The JSON of a milestone.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GithubMilestone {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    html_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(deserialize_with = "lenient")]
    state: Option<String>,
    #[serde(deserialize_with = "lenient")]
    due_on: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient")]
    updated_at: Option<DateTime<Utc>>,
}

/// What a `milestone` event changes.
pub fn change(action: Option<&str>, milestone: Option<GithubMilestone>, repository: Option<&str>) -> InboundChange {
    let Some(GithubMilestone { id: Some(id), title: Some(title), .. }) = &milestone else {
        return InboundChange::Unusable("The payload has no milestone with an id and a title.");
    };
    let mut parsed = TrackerMilestone::new(id.to_string(), title);
    if let Some(milestone) = milestone {
        parsed.origin = repository.and_then(non_blank_name);
        parsed.url = milestone.html_url.as_deref().and_then(web_url);
        parsed.description = description(&milestone.description.unwrap_or_default());
        parsed.completed = milestone.state.map(|state| state == "closed");
        // GitHub stores midnight in California, which is the same day in UTC.
        parsed.due_on = milestone.due_on.and_then(|time| due_date(time.date_naive()));
        parsed.updated_at = milestone.updated_at;
    }
    InboundChange::Milestone { milestone: Box::new(parsed), is_deleted: action == Some("deleted") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(action: &str, json: &str) -> InboundChange {
        change(Some(action), serde_json::from_str(json).ok(), Some("a/b"))
    }

    #[test]
    fn a_milestone_has_the_date_of_its_time() {
        let json = r#"{"id":7,"title":" v1.0\n","state":"closed","description":null,"due_on":"2026-03-08T08:00:00Z",
                       "html_url":"https://github.com/a/b/milestone/1","updated_at":"2026-01-05T10:00:00Z"}"#;
        let InboundChange::Milestone { milestone, is_deleted: false } = parse("closed", json) else { panic!("one") };
        assert_eq!((milestone.external_id.as_str(), milestone.name.as_str()), ("7", "v1.0"));
        assert_eq!(milestone.due_on.map(|date| date.to_string()).as_deref(), Some("2026-03-08"));
        assert_eq!((milestone.completed, milestone.origin.as_deref()), (Some(true), Some("a/b")));
        assert_eq!(milestone.description, "");
    }

    #[test]
    fn hostile_fields_are_dropped() {
        let json = r#"{"id":7,"title":"\u200b","due_on":"+12345-01-01T00:00:00Z","html_url":"javascript:alert(1)"}"#;
        let InboundChange::Milestone { milestone, .. } = parse("edited", json) else { panic!("one") };
        assert_eq!((milestone.name.as_str(), milestone.due_on, milestone.url), ("7", None, None));
        for json in ["{}", r#"{"id":7}"#, r#"{"id":"7","title":"t"}"#, "[]"] {
            assert!(matches!(parse("created", json), InboundChange::Unusable(_)), "{json}");
        }
    }
}
