//! GitLab's webhooks: <https://docs.gitlab.com/user/project/integrations/webhook_events/>.
//!
//! The kind of an event is `object_kind` in its body: the header `X-Gitlab-Event` is the same for
//! issues and other work items. Every action on an issue sends its complete state. A comment has some
//! fields of its issue. GitLab disables a webhook that gets errors, so an event that Testbell doesn't
//! use is ignored, not refused.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Gitlab;
use super::issue::{GitlabIssue, GitlabUser};
use crate::providers::inbound::{InboundChange, InboundEvents, ParsedEvent, safe_event_name, test_headers};
use crate::providers::secret_token::{self, TokenProblem};
use crate::providers::{TrackerSite, delivery_id, lenient};

const TOKEN: &str = "x-gitlab-token";
/// Of the event, and of its delivery to one webhook.
const DELIVERY_IDS: [&str; 2] = ["x-gitlab-event-uuid", "idempotency-key"];
/// GitLab's ids and numbers start at 1.
const TEST_BODY: &str =
    r#"{"object_kind":"issue","object_attributes":{"id":0,"iid":0,"action":"open","title":"Testbell's own test"}}"#;
const OF_A_GROUP: &str = "Epics and other work items of a group are not imported.";

#[derive(Default, Deserialize)]
#[serde(default)]
struct GitlabPayload<'a> {
    #[serde(deserialize_with = "lenient")]
    object_kind: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    object_attributes: Option<&'a RawValue>,
    #[serde(deserialize_with = "lenient")]
    project: Option<Project>,
    #[serde(borrow, deserialize_with = "lenient")]
    issue: Option<GitlabIssue<'a>>,
    #[serde(borrow, deserialize_with = "lenient")]
    work_item: Option<GitlabIssue<'a>>,
    #[serde(borrow, deserialize_with = "lenient")]
    labels: Option<Vec<&'a RawValue>>,
    #[serde(deserialize_with = "lenient")]
    assignees: Option<Vec<GitlabUser>>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<GitlabUser>,
}

#[derive(Deserialize)]
struct Project {
    path_with_namespace: String,
}

/// What the attributes say besides the fields of an issue.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Attributes {
    #[serde(deserialize_with = "lenient")]
    action: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    project_id: Option<u64>,
}

impl InboundEvents for Gitlab {
    fn verify(&self, headers: &HeaderMap, _body: &[u8], secret: &str) -> bool {
        secret_token::verify(headers, TOKEN, secret)
    }

    fn verification_failure(&self, headers: &HeaderMap) -> &'static str {
        match secret_token::problem(headers, TOKEN) {
            TokenProblem::Missing => {
                "The call has no secret token. In GitLab, open Settings, Webhooks, edit this webhook and enter its \
                 secret as the secret token."
            }
            TokenProblem::Repeated => {
                "The call has more than one X-Gitlab-Token header. Check the proxies between GitLab and Testbell."
            }
            TokenProblem::Mismatch => {
                "The secret token is wrong. In GitLab, enter this webhook's secret again as the secret token. If you \
                 don't have it any more, rotate the secret here and copy the new URL and secret."
            }
        }
    }

    fn delivery_id(&self, headers: &HeaderMap) -> Option<String> {
        DELIVERY_IDS.iter().find_map(|name| delivery_id::in_header(headers, name))
    }

    /// E.g. `issue_hook`.
    fn event_name(&self, headers: &HeaderMap) -> String {
        let name = headers.get("x-gitlab-event").and_then(|name| name.to_str().ok()).unwrap_or_default();
        let name = safe_event_name(&name.to_ascii_lowercase().replace(' ', "_"));
        Some(name).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
    }

    fn parse(&self, headers: &HeaderMap, body: &[u8], site: &TrackerSite<'_>) -> ParsedEvent {
        let delivery_id = self.delivery_id(headers);
        let Ok(payload) = serde_json::from_slice::<GitlabPayload>(body) else {
            let change = InboundChange::Unusable("The payload is not a JSON object.");
            return ParsedEvent { event: self.event_name(headers), delivery_id, change };
        };
        let attributes = payload.object_attributes.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let attributes: Attributes = attributes.unwrap_or_default();
        let named = |name: &Option<String>| name.as_deref().map(safe_event_name).filter(|name| !name.is_empty());
        let (kind, action) = (named(&payload.object_kind), named(&attributes.action));
        let event = match (&kind, &action) {
            (Some(kind), Some(action)) => format!("{kind}.{action}"),
            (Some(kind), None) => kind.clone(),
            (None, _) => self.event_name(headers),
        };
        let change = match kind.as_deref() {
            Some("issue" | "incident" | "work_item") => issue_event(payload, &attributes, site),
            Some("note") => note_event(payload, site),
            Some("merge_request") => InboundChange::Ignored("Merge requests are not imported."),
            _ => InboundChange::Ignored("Not an issue event."),
        };
        ParsedEvent { event, delivery_id, change }
    }

    fn wrong_content_type(&self, _is_form: bool) -> &'static str {
        "The content type must be application/json, which GitLab's webhooks use. Check what sends to this URL."
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let headers = test_headers(&[("x-gitlab-event", "Issue Hook"), (TOKEN, secret)]);
        (headers, Bytes::from_static(TEST_BODY.as_bytes()))
    }
}

fn issue_event(payload: GitlabPayload, attributes: &Attributes, site: &TrackerSite<'_>) -> InboundChange {
    let issue = payload.object_attributes.and_then(|raw| serde_json::from_str::<GitlabIssue>(raw.get()).ok());
    let Some(issue) = issue else { return InboundChange::Unusable("The payload has no issue.") };
    if issue.is_test() {
        return InboundChange::Test;
    }
    let is_epic = attributes.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("epic"));
    let is_work_item = payload.object_kind.as_deref() == Some("work_item");
    if is_epic || (is_work_item && payload.project.is_none() && attributes.project_id.is_none()) {
        return InboundChange::Ignored(OF_A_GROUP);
    }
    let assignees = payload.assignees.or_else(|| payload.assignee.map(|one| vec![one]));
    let issue = issue.with_lists(payload.labels, assignees);
    let project = payload.project.as_ref().map(|project| project.path_with_namespace.as_str());
    match (issue.parse(project, site), attributes.action.as_deref()) {
        (Err(reason), _) => InboundChange::Unusable(reason),
        (Ok(issue), Some("delete" | "destroy")) => InboundChange::Deleted(Box::new(issue)),
        (Ok(issue), _) => InboundChange::Issue { issue: Box::new(issue), moved_from: None },
    }
}

/// Comments on merge requests, commits and snippets have no issue.
fn note_event(payload: GitlabPayload, site: &TrackerSite<'_>) -> InboundChange {
    let Some(issue) = payload.issue.or(payload.work_item) else {
        return InboundChange::Ignored("Not a comment on an issue.");
    };
    let project = payload.project.as_ref().map(|project| project.path_with_namespace.as_str());
    match issue.parse(project, site) {
        Ok(issue) => InboundChange::Mentioned(Box::new(issue)),
        Err(_) => InboundChange::Ignored("The comment doesn't say which issue it belongs to."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://gitlab.com", repository: "a/b", has_credentials: false };
    const PROJECT: &str = r#""project":{"path_with_namespace":"a/b"}"#;

    fn parse(body: &str) -> ParsedEvent {
        let mut headers = HeaderMap::new();
        headers.insert("x-gitlab-event", "Issue Hook".parse().unwrap());
        Gitlab.parse(&headers, body.as_bytes(), &SITE)
    }

    fn event(kind: &str, attributes: &str) -> ParsedEvent {
        parse(&format!(r#"{{"object_kind":"{kind}",{PROJECT},"object_attributes":{{{attributes}}}}}"#))
    }

    #[test]
    fn every_action_on_an_issue_or_work_item_updates_it() {
        for kind in ["issue", "work_item", "incident"] {
            for action in ["open", "update", "close", "reopen", "one_of_tomorrow"] {
                let got = event(kind, &format!(r#""id":7,"iid":3,"title":"T","action":"{action}""#));
                assert_eq!(got.event, format!("{kind}.{action}"));
                let InboundChange::Issue { issue, .. } = got.change else { panic!("{kind} {action}") };
                assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("7", "a/b#3"));
                assert_eq!(issue.url.as_deref(), Some("https://gitlab.com/a/b/-/issues/3"));
            }
        }
        assert!(matches!(event("issue", r#""id":7,"iid":3,"action":"delete""#).change, InboundChange::Deleted(_)));
    }

    #[test]
    fn work_items_of_a_group_are_ignored() {
        let epic = event("work_item", r#""id":7,"iid":3,"title":"T","type":"Epic","action":"open""#);
        assert_eq!(epic.change, InboundChange::Ignored(OF_A_GROUP));
        let untyped = parse(r#"{"object_kind":"work_item","project":null,"object_attributes":{"id":7,"iid":3}}"#);
        assert_eq!(untyped.change, InboundChange::Ignored(OF_A_GROUP));
    }

    #[test]
    fn a_comment_mentions_its_issue() {
        let note =
            |rest: &str| parse(&format!(r#"{{"object_kind":"note",{PROJECT},"object_attributes":{{"id":1}}{rest}}}"#));
        let on_issue = note(r#","issue":{"id":7,"iid":3,"title":"T"}"#);
        assert!(matches!(on_issue.change, InboundChange::Mentioned(issue) if issue.external_id == "7"));
        for other in ["", r#","merge_request":{"id":7,"iid":3,"title":"T"}"#, r#","issue":{}"#] {
            assert!(matches!(note(other).change, InboundChange::Ignored(_)), "{other}");
        }
    }

    #[test]
    fn other_events_are_ignored_and_broken_ones_unusable() {
        for kind in ["push", "merge_request", "emoji", "pipeline"] {
            assert!(matches!(event(kind, r#""id":7,"iid":3"#).change, InboundChange::Ignored(_)), "{kind}");
        }
        let nameless = parse(r#"{"event_name":"project_create"}"#);
        assert!(matches!(nameless.change, InboundChange::Ignored(_)));
        assert_eq!(nameless.event, "issue_hook");
        for body in ["null", "7", r#"{"object_kind":"issue"}"#, r#"{"object_kind":"issue","object_attributes":[]}"#] {
            assert!(matches!(parse(body).change, InboundChange::Unusable(_)), "{body}");
        }
        assert!(matches!(event("issue", r#""id":7"#).change, InboundChange::Unusable(_)));
    }

    #[test]
    fn a_test_is_recognized_by_its_id_alone() {
        let (headers, body) = Gitlab.test_request("secret");
        assert!(Gitlab.verify(&headers, &body, "secret") && !Gitlab.verify(&headers, &body, "another"));
        assert_eq!(Gitlab.parse(&headers, &body, &SITE).change, InboundChange::Test);
        let real = event("issue", r#""id":7,"iid":0,"title":"Testbell's own test","action":"open""#);
        assert!(matches!(real.change, InboundChange::Issue { .. }));
    }

    #[test]
    fn the_delivery_id_is_that_of_the_event() {
        let mut headers = HeaderMap::new();
        assert_eq!(Gitlab.delivery_id(&headers), None);
        headers.insert("idempotency-key", "key".parse().unwrap());
        assert_eq!(Gitlab.delivery_id(&headers).as_deref(), Some("key"));
        headers.insert("x-gitlab-event-uuid", "event".parse().unwrap());
        assert_eq!(Gitlab.delivery_id(&headers).as_deref(), Some("event"));
    }
}
