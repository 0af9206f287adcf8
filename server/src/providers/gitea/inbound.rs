//! Gitea's and Forgejo's webhooks: <https://docs.gitea.com/usage/repository/webhooks>.
//!
//! Both send the same event under several names, also those of GitHub and Gogs. Every action on an issue
//! sends its complete state. An event about a pull request may look like one about an issue.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Gitea;
use super::issue::{self, Repository};
use crate::providers::github::issue::ParsedIssue;
use crate::providers::hmac_signature::{self, SignatureHeader, SignatureProblem};
use crate::providers::inbound::{InboundChange, InboundEvents, ParsedEvent, safe_event_name, test_headers};
use crate::providers::{TrackerIssue, TrackerSite, delivery_id, lenient};

const GITEA_SIGNATURE: SignatureHeader = SignatureHeader::bare("x-gitea-signature");
const SIGNATURES: [SignatureHeader; 3] =
    [GITEA_SIGNATURE, SignatureHeader::bare("x-forgejo-signature"), SignatureHeader::sha256("x-hub-signature-256")];
const EVENT_NAMES: [&str; 4] = ["x-gitea-event", "x-forgejo-event", "x-gogs-event", "x-github-event"];
const DELIVERY_IDS: [&str; 3] = ["x-gitea-delivery", "x-forgejo-delivery", "x-github-delivery"];
/// The ids and numbers of issues start at 1.
const TEST_BODY: &str = r#"{"action":"opened","issue":{"id":0,"number":0,"title":"Testbell's own test"},"repository":{"full_name":"testbell/test"}}"#;
const PULL_REQUEST: InboundChange = InboundChange::Ignored("Pull requests are not imported.");

#[derive(Default, Deserialize)]
#[serde(default)]
struct GiteaPayload<'a> {
    #[serde(deserialize_with = "lenient")]
    action: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    issue: Option<&'a RawValue>,
    #[serde(deserialize_with = "lenient")]
    repository: Option<Repository>,
    #[serde(deserialize_with = "lenient")]
    is_pull: Option<bool>,
}

impl InboundEvents for Gitea {
    fn verify(&self, headers: &HeaderMap, body: &[u8], secret: &str) -> bool {
        hmac_signature::verify(headers, &SIGNATURES, body, secret)
    }

    fn verification_failure(&self, headers: &HeaderMap) -> &'static str {
        match hmac_signature::problem(headers, &SIGNATURES) {
            SignatureProblem::Missing | SignatureProblem::Sha1 => {
                "The call isn't signed with SHA-256. In the repository, open Settings, Webhooks, edit this webhook and \
                 enter its secret. The type of the webhook must be Gitea or Forgejo."
            }
            SignatureProblem::Repeated => {
                "The call has the same signature header more than once. Check the proxies between the server and \
                 Testbell."
            }
            SignatureProblem::Malformed => {
                "The signature is empty or isn't 64 hex digits. In the repository, open Settings, Webhooks, edit this \
                 webhook and enter its secret."
            }
            SignatureProblem::Mismatch => {
                "The signature doesn't match. In the repository's webhook, enter this webhook's secret again. If you \
                 don't have it any more, rotate the secret here and copy the new URL and secret."
            }
        }
    }

    fn delivery_id(&self, headers: &HeaderMap) -> Option<String> {
        DELIVERY_IDS.iter().find_map(|name| delivery_id::in_header(headers, name))
    }

    fn event_name(&self, headers: &HeaderMap) -> String {
        let names = EVENT_NAMES.iter().filter_map(|name| headers.get(*name)?.to_str().ok()).map(safe_event_name);
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
    }

    fn parse(&self, headers: &HeaderMap, body: &[u8], site: &TrackerSite<'_>) -> ParsedEvent {
        let name = self.event_name(headers);
        let payload = serde_json::from_slice::<GiteaPayload>(body).ok();
        let action = payload.as_ref().and_then(|payload| payload.action.as_deref()).map(safe_event_name);
        let event = match &action {
            Some(action) if !action.is_empty() => format!("{name}.{action}"),
            _ => name.clone(),
        };
        let change = match (name.as_str(), payload) {
            ("issues" | "issue_assign" | "issue_label" | "issue_milestone" | "issue_comment", None) => {
                InboundChange::Unusable("The payload is not a JSON object.")
            }
            ("issue_comment", Some(payload)) => parse_issue(&payload, site, InboundChange::Mentioned),
            ("issues" | "issue_assign" | "issue_label" | "issue_milestone", Some(payload)) => match action.as_deref() {
                Some("deleted") => parse_issue(&payload, site, InboundChange::Deleted),
                _ => parse_issue(&payload, site, |issue| InboundChange::Issue { issue, moved_from: None }),
            },
            ("unknown", _) => InboundChange::Unusable("The header X-Gitea-Event is missing."),
            (name, _) if name.starts_with("pull_request") => PULL_REQUEST,
            _ => InboundChange::Ignored("Not an issue event."),
        };
        ParsedEvent { event, delivery_id: self.delivery_id(headers), change }
    }

    fn wrong_content_type(&self, is_form: bool) -> &'static str {
        if is_form {
            "The payload was sent as a form. In the repository, open Settings, Webhooks, edit this webhook and set \
             \"POST content type\" to \"application/json\"."
        } else {
            "The content type must be application/json. In the repository, open Settings, Webhooks, edit this webhook \
             and set \"POST content type\" to \"application/json\"."
        }
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let signature = GITEA_SIGNATURE.sign(TEST_BODY.as_bytes(), secret);
        let headers = test_headers(&[("x-gitea-event", "issues"), (GITEA_SIGNATURE.name, &signature)]);
        (headers, Bytes::from_static(TEST_BODY.as_bytes()))
    }
}

/// The change that `to_change` makes of the payload's issue.
fn parse_issue(
    payload: &GiteaPayload,
    site: &TrackerSite<'_>,
    to_change: impl FnOnce(Box<TrackerIssue>) -> InboundChange,
) -> InboundChange {
    if payload.is_pull == Some(true) {
        return PULL_REQUEST;
    }
    let repository = payload.repository.as_ref().map(|repository| repository.full_name.as_str());
    match payload.issue.and_then(|raw| issue::parse(raw.get().as_bytes(), repository, site)) {
        Some(ParsedIssue::Issue(issue)) if issue.external_id == "0" && issue.key.ends_with("#0") => InboundChange::Test,
        Some(ParsedIssue::Issue(issue)) => to_change(issue),
        Some(ParsedIssue::PullRequest) => PULL_REQUEST,
        Some(ParsedIssue::Unusable(reason)) => InboundChange::Unusable(reason),
        None => InboundChange::Unusable("The payload has no issue."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://git.example.com", repository: "a/b", has_credentials: false };
    const ISSUE: &str = r#""issue":{"id":7,"number":3,"title":"T"},"repository":{"full_name":"a/b"}"#;

    fn parse(header: &'static str, event: &str, body: &str) -> ParsedEvent {
        let mut headers = HeaderMap::new();
        headers.insert(header, event.parse().unwrap());
        Gitea.parse(&headers, body.as_bytes(), &SITE)
    }

    #[test]
    fn every_name_of_an_issue_event_updates_the_issue() {
        for header in EVENT_NAMES {
            for (event, action) in
                [("issues", "opened"), ("issue_label", "label_updated"), ("issue_assign", "assigned")]
            {
                let got = parse(header, event, &format!(r#"{{"action":"{action}",{ISSUE}}}"#));
                assert_eq!(got.event, format!("{event}.{action}"));
                let InboundChange::Issue { issue, .. } = got.change else { panic!("{header} {event}") };
                assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("7", "a/b#3"));
            }
        }
        let deleted = parse("x-gitea-event", "issues", &format!(r#"{{"action":"deleted",{ISSUE}}}"#));
        assert!(matches!(deleted.change, InboundChange::Deleted(_)));
    }

    #[test]
    fn a_comment_mentions_its_issue_unless_it_is_a_pull_request() {
        let comment = |rest: &str| parse("x-gitea-event", "issue_comment", &format!(r#"{{{ISSUE}{rest}}}"#)).change;
        assert!(matches!(comment(r#","action":"deleted""#), InboundChange::Mentioned(_)));
        assert_eq!(comment(r#","is_pull":true"#), PULL_REQUEST);
    }

    #[test]
    fn other_events_are_ignored_and_broken_ones_unusable() {
        for event in ["push", "pull_request", "pull_request_comment", "release"] {
            let change = parse("x-gitea-event", event, &format!("{{{ISSUE}}}")).change;
            assert!(matches!(change, InboundChange::Ignored(_)), "{event}");
        }
        for body in
            ["{}", "[]", "null", r#"{"issue":[]}"#, r#"{"issue":{}}"#, r#"{"issue":{"id":7,"number":3,"title":"T"}}"#]
        {
            assert!(matches!(parse("x-gitea-event", "issues", body).change, InboundChange::Unusable(_)), "{body}");
        }
        assert!(matches!(Gitea.parse(&HeaderMap::new(), b"{}", &SITE).change, InboundChange::Unusable(_)));
    }

    #[test]
    fn a_test_is_recognized_by_its_id_alone() {
        let (headers, body) = Gitea.test_request("secret");
        assert!(Gitea.verify(&headers, &body, "secret") && !Gitea.verify(&headers, &body, "another"));
        assert_eq!(Gitea.parse(&headers, &body, &SITE).change, InboundChange::Test);
    }
}
