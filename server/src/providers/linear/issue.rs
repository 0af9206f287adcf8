//! An issue as Linear's webhooks and its GraphQL API write it, parsed leniently. A webhook leaves out
//! fields without a value.

use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::settings;
use crate::providers::issue::{description, labels, non_blank_name, stored_name};
use crate::providers::{IssueState, TrackerIssue, TrackerSite, lenient};

/// The id in Testbell's own test events: the nil UUID, which no issue has.
const TEST_ID: &str = "00000000-0000-0000-0000-000000000000";
/// Ids are UUIDs of 36 characters.
const MAX_ID_BYTES: usize = 64;

/// The JSON of an issue.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LinearIssue {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    identifier: Option<String>,
    #[serde(deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    description: Option<String>,
    #[serde(deserialize_with = "lenient")]
    priority: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    priority_label: Option<String>,
    #[serde(deserialize_with = "lenient")]
    state: Option<State>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<Named>,
    #[serde(deserialize_with = "lenient")]
    labels: Option<Labels>,
    #[serde(deserialize_with = "lenient")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient")]
    trashed: Option<bool>,
}

#[derive(Deserialize)]
struct State {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A list in a webhook, and an object around it in GraphQL.
#[derive(Deserialize)]
#[serde(untagged)]
enum Labels {
    List(Vec<Named>),
    Connection { nodes: Vec<Named> },
}

impl LinearIssue {
    /// Whether it is the issue of Testbell's own test events.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.id.as_deref() == Some(TEST_ID)
    }

    /// Whether it is in the trash.
    #[must_use]
    pub fn is_trashed(&self) -> bool {
        self.trashed == Some(true)
    }

    /// Parses it. Only the issue itself has a state; what other events say of an issue is incomplete.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn parse(self, site: &TrackerSite<'_>) -> Result<TrackerIssue, &'static str> {
        let (Some(id), Some(key)) = (self.id, self.identifier) else {
            return Err("The issue has no id or no identifier.");
        };
        let is_id =
            (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let Some(team) = settings::team_of(&key).filter(|_| is_id) else {
            return Err("The id or the identifier of the issue is invalid.");
        };
        let mut issue = TrackerIssue::new(id, &key);
        issue.origin = Some(team.to_owned());
        issue.url = settings::page(site.base_url, &key);
        if let Some(state) = self.state {
            let labels_in = self.labels.map_or_else(Vec::new, |all| match all {
                Labels::List(all) | Labels::Connection { nodes: all } => all,
            });
            issue.labels = Some(labels(labels_in.into_iter().map(|label| label.name)));
            issue.assignee = Some(self.assignee.and_then(|user| non_blank_name(&user.name)));
            issue.description = Some(description(&self.description.unwrap_or_default()));
            // 0 is "No priority".
            let has_priority = self.priority.is_none_or(|priority| priority > 0.0);
            issue.priority =
                Some(self.priority_label.filter(|_| has_priority).and_then(|label| non_blank_name(&label)));
            issue.state = Some(IssueState { kind: status_kind(&state.kind), status: stored_name(&state.name) });
        }
        issue.updated_at = self.updated_at;
        Ok(match self.title {
            Some(title) => issue.titled(&title),
            None => issue,
        })
    }
}

/// By the type of the state: teams name their states themselves.
fn status_kind(kind: &str) -> StatusKind {
    match kind {
        "completed" | "canceled" | "duplicate" => StatusKind::Closed,
        _ => StatusKind::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://linear.app/acme", repository: "ENG", has_credentials: false };

    fn parse(json: &str) -> Result<TrackerIssue, &'static str> {
        serde_json::from_str::<LinearIssue>(json).unwrap().parse(&SITE)
    }

    fn issue(fields: &str) -> TrackerIssue {
        parse(&format!(
            r#"{{"id":"a-1","identifier":"ENG-7","title":"T","state":{{"name":"Todo","type":"unstarted"}}{fields}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn absent_fields_of_an_issue_are_empty() {
        let bare = issue("");
        assert_eq!((bare.assignee, bare.priority, bare.labels), (Some(None), Some(None), Some(Vec::new())));
        assert_eq!((bare.description.as_deref(), bare.origin.as_deref()), (Some(""), Some("ENG")));
        assert_eq!(bare.url.as_deref(), Some("https://linear.app/acme/issue/ENG-7"));
    }

    #[test]
    fn an_issue_without_a_state_is_a_mention() {
        let mention = parse(r#"{"id":"a-1","identifier":"ENG-7","title":"T"}"#).unwrap();
        assert_eq!((mention.title.as_deref(), mention.state, mention.assignee), (Some("T"), None, None));
    }

    #[test]
    fn both_kinds_of_lists_are_read() {
        for list in [r#"[{"name":"bug"}]"#, r#"{"nodes":[{"name":"bug"}]}"#] {
            assert_eq!(issue(&format!(r#","labels":{list}"#)).labels, Some(vec!["bug".to_owned()]), "{list}");
        }
    }

    #[test]
    fn the_type_of_a_state_decides_whether_it_is_open() {
        for (kind, expected) in [
            ("triage", StatusKind::Open),
            ("backlog", StatusKind::Open),
            ("started", StatusKind::Open),
            ("completed", StatusKind::Closed),
            ("canceled", StatusKind::Closed),
        ] {
            let json =
                format!(r#"{{"id":"a","identifier":"ENG-7","title":"T","state":{{"name":"X","type":"{kind}"}}}}"#);
            assert_eq!(parse(&json).unwrap().state, Some(IssueState { status: "X".to_owned(), kind: expected }));
        }
    }

    #[test]
    fn no_priority_is_none() {
        assert_eq!(issue(r#","priority":0,"priorityLabel":"No priority""#).priority, Some(None));
        assert_eq!(issue(r#","priority":1,"priorityLabel":"Urgent""#).priority, Some(Some("Urgent".to_owned())));
    }

    #[test]
    fn an_id_or_key_of_another_form_is_refused() {
        for json in [
            "{}",
            r#"{"id":"a"}"#,
            r#"{"id":"","identifier":"ENG-7"}"#,
            r#"{"id":"a b","identifier":"ENG-7"}"#,
            r#"{"id":"a","identifier":"../x"}"#,
            r#"{"id":7,"identifier":"ENG-7"}"#,
        ] {
            assert!(parse(json).is_err(), "{json}");
        }
    }
}
