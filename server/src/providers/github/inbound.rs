//! GitHub's webhooks: <https://docs.github.com/webhooks/webhook-events-and-payloads#issues>.
//!
//! Only `issues` and `milestone` events matter. The payload of `issues` has the complete issue for every action, so all
//! actions but `deleted` and `transferred` mean the same: the issue now has this state.
//!
//! The repository of an issue is not checked here: repositories are renamed, issues are
//! transferred, an organization's webhook covers many repositories, and the signature has already
//! proved who sent the event. Whether issues of other repositories are imported is a setting of the
//! integration ([`origin`](crate::inbound::origin)).

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;

use super::Github;
use super::issue::{GithubIssue, ParsedIssue};
use super::milestone::{self, GithubMilestone};
use crate::providers::hmac_signature::{SignatureHeader, SignatureProblem};
use crate::providers::inbound::{InboundChange, InboundEvents, ParsedEvent, safe_event_name, test_headers};
use crate::providers::{TrackerSite, lenient};
use crate::providers::{delivery_id, hmac_signature};

const SIGNATURE: SignatureHeader = SignatureHeader::sha256("x-hub-signature-256");
/// GitHub's ids and numbers start at 1.
const TEST_BODY: &str = r#"{"action":"opened","issue":{"id":0,"number":0,"title":"Testbell's own test"}}"#;

#[derive(Default, Deserialize)]
#[serde(default)]
struct GithubPayload<'a> {
    #[serde(deserialize_with = "lenient")]
    action: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    issue: Option<GithubIssue<'a>>,
    #[serde(deserialize_with = "lenient")]
    milestone: Option<GithubMilestone>,
    #[serde(deserialize_with = "lenient")]
    repository: Option<Repository>,
    #[serde(borrow, deserialize_with = "lenient")]
    changes: Option<Changes<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Changes<'a> {
    #[serde(borrow, deserialize_with = "lenient")]
    new_issue: Option<GithubIssue<'a>>,
    #[serde(deserialize_with = "lenient")]
    new_repository: Option<Repository>,
    #[serde(borrow, deserialize_with = "lenient")]
    old_issue: Option<GithubIssue<'a>>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

impl InboundEvents for Github {
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
        // `X-Hub-Signature`, which is SHA-1, is not used.
        hmac_signature::verify(headers, &[SIGNATURE], body, secret)
    }

    fn verification_failure(&self, headers: &HeaderMap) -> &'static str {
        match hmac_signature::problem(headers, &[SIGNATURE]) {
            SignatureProblem::Missing => {
                "The call isn't signed. In GitHub, open Settings, Webhooks, edit this webhook and enter its secret."
            }
            SignatureProblem::Sha1 => {
                "The call is signed with SHA-1 only (X-Hub-Signature), which isn't accepted. GitHub also sends \
                 X-Hub-Signature-256: check that no proxy removes it."
            }
            SignatureProblem::Repeated => {
                "The call has more than one X-Hub-Signature-256 header. Check the proxies between GitHub and Testbell."
            }
            SignatureProblem::Malformed => {
                "X-Hub-Signature-256 isn't in the form sha256=<64 hex digits>. Check what sends to this URL."
            }
            SignatureProblem::Mismatch => {
                "The signature doesn't match. In GitHub, enter this webhook's secret again. If you don't have it \
                 any more, rotate the secret here and copy the new URL and secret."
            }
        }
    }

    fn delivery_id(&self, headers: &HeaderMap) -> Option<String> {
        delivery_id::in_header(headers, "x-github-delivery")
    }

    fn event_name(&self, headers: &HeaderMap) -> String {
        let name = headers.get("x-github-event").and_then(|name| name.to_str().ok()).unwrap_or_default();
        Some(safe_event_name(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
    }

    fn parse(&self, headers: &HeaderMap, body: &[u8], _site: &TrackerSite<'_>) -> ParsedEvent {
        let name = self.event_name(headers);
        let payload = serde_json::from_slice::<GithubPayload>(body).ok();
        let action = payload.as_ref().and_then(|payload| payload.action.as_deref()).map(safe_event_name);
        let event = match &action {
            Some(action) if !action.is_empty() => format!("{name}.{action}"),
            _ => name.clone(),
        };
        let change = match (name.as_str(), payload) {
            ("issues", Some(payload)) => issues_event(action.as_deref(), payload),
            ("milestone", Some(payload)) => {
                let repository = payload.repository.as_ref().map(|repository| repository.full_name.as_str());
                milestone::change(action.as_deref(), payload.milestone, repository)
            }
            ("issues" | "milestone", None) => InboundChange::Unusable("The payload is not a JSON object."),
            ("unknown", _) => InboundChange::Unusable("The header X-GitHub-Event is missing."),
            ("ping", _) => InboundChange::Ignored("GitHub's ping: the webhook reaches Testbell."),
            _ => InboundChange::Ignored("Neither an Issues nor a Milestones event."),
        };
        ParsedEvent { event, delivery_id: self.delivery_id(headers), change }
    }

    fn wrong_content_type(&self, is_form: bool) -> &'static str {
        if is_form {
            "The payload was sent as a form. In GitHub, open Settings, Webhooks, edit this webhook and set \
             \"Content type\" to \"application/json\"."
        } else {
            "The content type must be application/json. In GitHub, open Settings, Webhooks, edit this webhook and set \
             \"Content type\" to \"application/json\"."
        }
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let signature = SIGNATURE.sign(TEST_BODY.as_bytes(), secret);
        let headers = test_headers(&[("x-github-event", "issues"), (SIGNATURE.name, &signature)]);
        (headers, Bytes::from_static(TEST_BODY.as_bytes()))
    }
}

fn issues_event(action: Option<&str>, payload: GithubPayload) -> InboundChange {
    let changes = payload.changes.unwrap_or_default();
    let Some(issue) = payload.issue else { return InboundChange::Unusable("The payload has no issue.") };
    if issue.is_test() {
        return InboundChange::Test;
    }
    let repository = payload.repository.as_ref().map(|repository| repository.full_name.as_str());
    if let ("transferred", Some(new_issue)) = (action.unwrap_or_default(), changes.new_issue) {
        let new_repository = changes.new_repository.as_ref().map(|repository| repository.full_name.as_str());
        return issue_change(new_issue, new_repository, issue.external_id());
    }
    let moved_from = changes.old_issue.and_then(|old| old.external_id());
    match issue_change(issue, repository, moved_from) {
        InboundChange::Issue { issue, .. } if action == Some("deleted") => InboundChange::Deleted(issue),
        change => change,
    }
}

fn issue_change(issue: GithubIssue, repository: Option<&str>, moved_from: Option<String>) -> InboundChange {
    match issue.parse(repository) {
        ParsedIssue::Issue(issue) => {
            let moved_from = moved_from.filter(|old| *old != issue.external_id);
            InboundChange::Issue { issue, moved_from }
        }
        ParsedIssue::PullRequest => InboundChange::Ignored("Pull requests are not imported."),
        ParsedIssue::Unusable(reason) => InboundChange::Unusable(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUE: &str = r#"{"id":7,"number":3,"title":"T","html_url":"https://github.com/a/b/issues/3"}"#;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://github.com", repository: "a/b", has_credentials: false };

    fn parse(event: &str, body: &str) -> ParsedEvent {
        let mut headers = HeaderMap::new();
        headers.insert("x-github-event", event.parse().unwrap());
        Github.parse(&headers, body.as_bytes(), &SITE)
    }

    #[test]
    fn most_actions_update_the_issue() {
        for action in ["opened", "edited", "pinned", "typed", "one_of_tomorrow"] {
            let got = parse("issues", &format!(r#"{{"action":"{action}","changes":{{}},"issue":{ISSUE}}}"#));
            assert_eq!(got.event, format!("issues.{action}"));
            assert!(matches!(got.change, InboundChange::Issue { moved_from: None, .. }), "{action}");
        }
        let got = parse("issues", &format!(r#"{{"action":"deleted","issue":{ISSUE}}}"#));
        assert!(matches!(got.change, InboundChange::Deleted(_)));
    }

    #[test]
    fn both_events_of_a_transfer_name_the_old_id() {
        let new = r#"{"id":9,"number":1,"title":"T","html_url":"https://github.com/a/c/issues/1"}"#;
        let left = format!(r#"{{"action":"transferred","issue":{ISSUE},"changes":{{"new_issue":{new}}}}}"#);
        let arrived = format!(r#"{{"action":"opened","issue":{new},"changes":{{"old_issue":{ISSUE}}}}}"#);
        for body in [left, arrived] {
            let InboundChange::Issue { issue, moved_from } = parse("issues", &body).change else { panic!("an issue") };
            assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("9", "a/c#1"));
            assert_eq!(moved_from.as_deref(), Some("7"));
        }
    }

    #[test]
    fn the_key_has_the_repository_of_the_payload() {
        let body = format!(r#"{{"action":"opened","issue":{ISSUE},"repository":{{"full_name":"new/name"}}}}"#);
        let InboundChange::Issue { issue, .. } = parse("issues", &body).change else { panic!("an issue") };
        assert_eq!(issue.key, "new/name#3");
    }

    #[test]
    fn other_events_are_ignored_and_broken_ones_unusable() {
        for event in ["ping", "issue_comment", "push", "star"] {
            assert!(matches!(parse(event, r#"{"zen":"x"}"#).change, InboundChange::Ignored(_)), "{event}");
        }
        for body in ["{}", "[]", "null", "7", r#"{"issue":[]}"#, r#"{"action":"deleted","issue":{}}"#] {
            assert!(matches!(parse("issues", body).change, InboundChange::Unusable(_)), "{body}");
        }
        assert!(matches!(Github.parse(&HeaderMap::new(), b"{}", &SITE).change, InboundChange::Unusable(_)));
    }

    #[test]
    fn a_test_is_recognized_by_its_id_alone() {
        let (headers, body) = Github.test_request("secret");
        assert!(Github.verify(&headers, &body, "secret"));
        assert_eq!(Github.parse(&headers, &body, &SITE).change, InboundChange::Test);
        assert_eq!(Github.test_request("secret"), (headers, body));
        let real = format!(r#"{{"action":"opened","test":true,"issue":{ISSUE}}}"#);
        assert!(matches!(parse("issues", &real).change, InboundChange::Issue { .. }));
    }

    #[test]
    fn unsafe_characters_of_an_event_name_are_dropped() {
        assert_eq!(parse("ping<script>", r#"{"action":"a b\u0000"}"#).event, "pingscript.ab");
    }
}
